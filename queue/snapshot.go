package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Schema is the version of the journal's schema that this build writes; it opens
// every older one.
func Schema() int {
	files, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return 0 // the pattern is well formed
	}
	return len(files)
}

// Snapshot writes a copy of the journal, as it is at one moment, to a file that
// must not exist yet. The copy is whole and on the disk when Snapshot returns,
// and not there at all when it fails. Nobody is kept from appending.
//
// The copy opens with the journal's key. It is the journal of the same device:
// put in the journal's place it is an older copy, which the server notices.
func (j *Journal) Snapshot(ctx context.Context, path string) error {
	const op = "copying the journal"
	if _, err := os.Stat(path); err == nil {
		return storageError(op, fmt.Errorf("%s is there already: %w", path, fs.ErrExist))
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !os.IsNotExist(err) {
		return storageError(op, err)
	}
	err := j.readOnce(ctx, op, func(s snapshot) error {
		_, err := s.line.conn.ExecContext(s.ctx, `VACUUM INTO ?`, part)
		return err
	})
	if err == nil {
		err = keepCopy(part, path)
	}
	if err != nil {
		_ = os.Remove(part) // the next copy begins with that too
		return storageError(op, err)
	}
	return nil
}

// keepCopy flushes a copy and gives it its name.
func keepCopy(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(path)
}
