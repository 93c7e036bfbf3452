package update

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What is kept of copies of the journal: the newest one in any case, and others
// while they are few and small together.
const (
	maxSnapshots     = 3
	maxSnapshotBytes = 512 << 20
)

// snapshot copies the journal aside, and then lets old copies go. A crash in
// between leaves one copy more.
func (u *Updater) snapshot(ctx context.Context) (string, error) {
	folder := filepath.Join(u.o.DataDir, "snapshots")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", storageFailed("copying the journal", err)
	}
	path := filepath.Join(folder, fmt.Sprintf("journal-%s-before-update.db", time.Now().UTC().Format("20060102T150405.000000Z")))
	if err := u.o.Snapshot(ctx, path); err != nil {
		return "", err
	}
	if err := prune(folder); err != nil {
		u.o.Logger.Warn().Err(err).Msg("old copies of the journal could not be removed")
	}
	return path, nil
}

// prune removes the oldest copies. Their names sort by time.
func prune(folder string) error {
	found, err := filepath.Glob(filepath.Join(folder, "journal-*-before-update.db*"))
	if err != nil {
		return fmt.Errorf("listing copies: %w", err)
	}
	slices.Sort(found)
	slices.Reverse(found)
	var errs []error
	total, whole := int64(0), 0
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		total += info.Size()
		if filepath.Ext(path) == ".db" {
			whole++
			if whole == 1 || whole <= maxSnapshots && total <= maxSnapshotBytes {
				continue
			}
		}
		errs = append(errs, os.Remove(path)) // one that was cut off goes as well
	}
	return errors.Join(errs...)
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
