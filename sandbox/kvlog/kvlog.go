// Package kvlog keeps a small map of JSON values on disk: an append-only file with one line per commit.
//
// A commit is one line {"key": value, …}; null removes the key. Append returns after the line is on disk, so what a
// simulated provider has acknowledged survives a kill. A torn last line is a commit that was never acknowledged and
// is dropped at Open, which also rewrites the file without what has been overwritten since.
package kvlog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Log is an open file. It is not safe for concurrent use: its owner holds the lock that orders the commits.
type Log struct {
	path string
	file *os.File
}

// Open reads the file at path, creating it when missing, and returns the values it holds.
func Open(path string) (*Log, map[string]json.RawMessage, error) {
	values, err := load(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	l := &Log{path: path}
	if err := l.Rewrite(values); err != nil {
		return nil, nil, err
	}
	return l, values, nil
}

func load(path string) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return values, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return values, replay(f, values)
}

// replay applies whole lines to values. A damaged line is the torn tail when nothing follows it, else corruption.
func replay(r io.Reader, values map[string]json.RawMessage) error {
	in := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var change map[string]json.RawMessage
		if err := json.Unmarshal(line, &change); err != nil {
			if _, peekErr := in.Peek(1); errors.Is(peekErr, io.EOF) {
				return nil
			}
			return fmt.Errorf("line %d is damaged: %w", number, err)
		}
		apply(values, change)
	}
}

func apply(values, change map[string]json.RawMessage) {
	for k, v := range change {
		if bytes.Equal(v, []byte("null")) {
			delete(values, k)
			continue
		}
		values[k] = v
	}
}

// Append writes one commit and waits until it is on disk. A nil value removes its key.
func (l *Log) Append(change map[string]json.RawMessage) error {
	if l == nil || len(change) == 0 {
		return nil
	}
	line, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("encoding the commit: %w", err)
	}
	if l.file == nil {
		return os.ErrClosed
	}
	before, err := l.file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("finding the end of the log: %w", err)
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		// Half a line must not stay in front of the next commit.
		return errors.Join(fmt.Errorf("writing the commit: %w", err), l.file.Truncate(before))
	}
	if err := l.file.Sync(); err != nil {
		return errors.Join(fmt.Errorf("syncing the commit: %w", err), l.file.Truncate(before))
	}
	return nil
}

// Rewrite replaces everything the log holds by values, atomically.
func (l *Log) Rewrite(values map[string]json.RawMessage) error {
	if l == nil {
		return nil
	}
	next, err := os.CreateTemp(filepath.Dir(l.path), filepath.Base(l.path)+".*")
	if err != nil {
		return fmt.Errorf("starting a new log: %w", err)
	}
	if err := errors.Join(fill(next, values), next.Close(), l.Close()); err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	// Windows renames neither open files nor onto them, so both are closed by now.
	if err := os.Rename(next.Name(), l.path); err != nil {
		return fmt.Errorf("putting the new log in place: %w", err)
	}
	if err := syncFolder(filepath.Dir(l.path)); err != nil {
		return err
	}
	if l.file, err = os.OpenFile(l.path, os.O_RDWR, 0o600); err != nil {
		return fmt.Errorf("opening the new log: %w", err)
	}
	return nil
}

func fill(f *os.File, values map[string]json.RawMessage) error {
	if len(values) > 0 {
		line, err := json.Marshal(values)
		if err != nil {
			return fmt.Errorf("encoding the log: %w", err)
		}
		if _, err := f.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("writing the new log: %w", err)
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing the new log: %w", err)
	}
	return nil
}

// Close closes the file.
func (l *Log) Close() error {
	if l == nil || l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
