// Package crash keeps what is known of a program that died: the runtime writes
// it down while it happens, and the next start makes a report of it that may
// leave the device.
//
//	watch, err := crash.Watch(dataDir)   // first thing, and once
//	defer watch.Close()
//	reports, err := crash.Collect(dataDir)
//
// A report says what kind of fault it was and where, by the names of functions
// and the lines of our sources. It never has the value of a panic, which may
// quote what a person typed.
package crash

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	rawPrefix, rawSuffix       = "crash-", ".raw"
	reportPrefix, reportSuffix = "crash-", ".txt"
	// keep is how many reports are kept, the newest.
	keep = 5
	// maxRaw and maxReport bound what is read and kept, in bytes.
	maxRaw    = 1 << 20
	maxReport = 64 << 10
	// staleAfter is when the empty file of a process that was killed goes.
	staleAfter = 30 * 24 * time.Hour
)

// Report is what is known of one crash.
type Report struct {
	// ID names the report's file, without its folder and ending.
	ID string
	At time.Time
	// Kind is "runtime-error", "fatal-error" or "panic".
	Kind string
	// Text is the report itself.
	Text string
}

// Watcher is the file that the runtime writes into when the process dies.
type Watcher struct{ file *os.File }

// Watch lets the runtime write the process's death into a file of the folder,
// which it makes. There is one for the process: a second call moves it.
func Watch(folder string) (*Watcher, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("watching for a crash: %w", err)
	}
	name := rawPrefix + strconv.FormatInt(time.Now().UnixMilli(), 10) + "-" + strconv.Itoa(os.Getpid()) + rawSuffix
	file, err := os.OpenFile(filepath.Join(folder, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("watching for a crash: %w", err)
	}
	w := &Watcher{file: file}
	if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		return nil, errors.Join(fmt.Errorf("watching for a crash: %w", err), w.Close())
	}
	return w, nil
}

// Close ends the watch; a program that ends well leaves nothing behind.
func (w *Watcher) Close() error {
	err := debug.SetCrashOutput(nil, debug.CrashOptions{})
	return errors.Join(err, w.file.Close(), os.Remove(w.file.Name()))
}

// Collect turns what dead processes left into reports, keeps the newest few in
// the folder, and returns those that are new, oldest first.
func Collect(folder string) ([]Report, error) {
	raw, err := filepath.Glob(filepath.Join(folder, rawPrefix+"*"+rawSuffix))
	if err != nil {
		return nil, fmt.Errorf("looking for crashes: %w", err)
	}
	slices.Sort(raw)
	var fresh []Report
	for _, path := range raw {
		r, found, err := collect(path)
		if err != nil {
			return fresh, fmt.Errorf("reading a crash: %w", err)
		}
		if found {
			fresh = append(fresh, r)
		}
	}
	return fresh, prune(folder)
}

func collect(path string) (Report, bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Report{}, false, nil // another process was faster
	}
	if err != nil {
		return Report{}, false, err
	}
	if info.Size() == 0 {
		if time.Since(info.ModTime()) > staleAfter {
			return Report{}, false, os.Remove(path)
		}
		return Report{}, false, nil // its process lives, or was killed
	}
	text, err := readUpTo(path, maxRaw)
	if err != nil {
		return Report{}, false, err
	}
	r := Report{ID: strings.TrimSuffix(filepath.Base(path), rawSuffix), At: info.ModTime().UTC()}
	r.Kind, r.Text = redact(text)
	kept := filepath.Join(filepath.Dir(path), r.ID+reportSuffix)
	if err := os.WriteFile(kept, []byte(r.Text), 0o600); err != nil {
		return Report{}, false, err
	}
	return r, true, os.Remove(path)
}

func readUpTo(path string, limit int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, limit)
	n, err := f.Read(text)
	return text[:n], err
}

// Reports returns the kept reports, newest first.
func Reports(folder string) ([]Report, error) {
	paths, err := kept(folder)
	if err != nil {
		return nil, err
	}
	var reports []Report
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading a crash report: %w", err)
		}
		// What lies in the folder may have been changed: it is read as anything.
		kind, clean := redact(text)
		r := Report{ID: strings.TrimSuffix(filepath.Base(path), reportSuffix), Kind: kind, Text: clean}
		if info, err := os.Stat(path); err == nil {
			r.At = info.ModTime().UTC()
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// kept are the paths of the reports, newest first.
func kept(folder string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, reportPrefix+"*"+reportSuffix))
	if err != nil {
		return nil, fmt.Errorf("looking for crash reports: %w", err)
	}
	slices.Sort(paths)
	slices.Reverse(paths)
	return paths, nil
}

func prune(folder string) error {
	paths, err := kept(folder)
	if err != nil {
		return err
	}
	for _, path := range paths[min(keep, len(paths)):] {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing an old crash report: %w", err)
		}
	}
	return nil
}

// The lines of a trace that say nothing but where: a goroutine, a function with
// its arguments as numbers, a place in a source.
var (
	goroutine = regexp.MustCompile(`^goroutine \d+(?: gp=\w+ m=\w+(?: mp=\w+)?)? \[[a-zA-Z0-9 ,()./-]{0,80}\]:$`)
	call      = regexp.MustCompile(`^(?:created by )?[A-Za-z0-9_/*()\[\]·%~-]{1,120}\.[A-Za-z0-9_./*()\[\]·%~-]{1,120}(?:\([0-9a-fx?, {}.+]*\))?(?: in goroutine \d+)?$`)
	place     = regexp.MustCompile(`^\t[^\s:]{1,200}\.(?:go|s):\d+(?: \+0x[0-9a-f]+)?(?: fp=\S+ sp=\S+ pc=\S+)?$`)
	runtimeIs = regexp.MustCompile(`^panic: (runtime error: [a-z0-9 :\[\]()-]{1,120}?)(?: \[recovered.*)?$`)
	fatalIs   = regexp.MustCompile(`^fatal error: ([a-z0-9 :-]{1,120})$`)
	kindIs    = regexp.MustCompile(`^(runtime-error|fatal-error|panic)(?:: ([a-z0-9 :\[\]()-]{1,140}))?$`)
)

// redact keeps of a crash what is sure to say nothing about people.
func redact(raw []byte) (kind, text string) {
	kind, detail := "panic", ""
	var b bytes.Buffer
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\r\n")
		if b.Len()+len(line) > maxReport {
			break
		}
		switch {
		case goroutine.MatchString(line), b.Len() > 0 && call.MatchString(line):
			b.WriteString(line + "\n")
		case b.Len() > 0 && place.MatchString(line):
			b.WriteString("\t" + filepath.Base(line) + "\n") // the folders may name who built it
		case b.Len() > 0:
		case runtimeIs.MatchString(line):
			kind, detail = "runtime-error", runtimeIs.FindStringSubmatch(line)[1]
		case fatalIs.MatchString(line):
			kind, detail = "fatal-error", fatalIs.FindStringSubmatch(line)[1]
		case kindIs.MatchString(line):
			kind, detail = kindIs.FindStringSubmatch(line)[1], kindIs.FindStringSubmatch(line)[2]
		}
	}
	head := kind
	if detail != "" {
		head += ": " + detail
	}
	return kind, head + "\n\n" + b.String()
}
