package update

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"fieldpay/internal/release"
)

// fetch brings a file here and returns its path. It goes on where a download was
// cut, and takes nothing that is not as the manifest says, to the byte; watch
// hears how many bytes there are.
func (u *Updater) fetch(ctx context.Context, version string, f release.File, watch func(done, total int64)) (string, error) {
	if err := os.MkdirAll(u.path(), 0o700); err != nil {
		return "", storageFailed("fetching a version", err)
	}
	whole := u.path(f.Name)
	if sum, size, err := hashOf(whole); err == nil && size == f.Size && sum == f.SHA256 {
		return whole, nil
	}
	part := whole + ".part"
	if err := u.resume(ctx, part, version, f, watch); err != nil {
		return "", err
	}
	sum, size, err := hashOf(part)
	if err != nil {
		return "", storageFailed("reading what was fetched", err)
	}
	if size != f.Size || sum != f.SHA256 {
		// Going on with it would never end well.
		return "", errors.Join(refuse(fmt.Sprintf("The file of version %s is not the one that was signed", version), nil), os.Remove(part))
	}
	if err := os.Rename(part, whole); err != nil {
		return "", storageFailed("keeping what was fetched", err)
	}
	return whole, nil
}

// resume appends to a file what it lacks.
func (u *Updater) resume(ctx context.Context, part, version string, f release.File, watch func(done, total int64)) (err error) {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return storageFailed("fetching a version", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	done, err := out.Seek(0, io.SeekEnd)
	if err == nil && done > f.Size {
		done, err = 0, errors.Join(out.Truncate(0), rewind(out))
	}
	if err != nil {
		return storageFailed("fetching a version", err)
	}
	for done < f.Size {
		data, err := u.o.Source.ReleasePart(ctx, version, f.Name, done)
		if err != nil {
			return fmt.Errorf("fetching version %s: %w", version, err)
		}
		if len(data) == 0 || done+int64(len(data)) > f.Size {
			return errors.Join(refuse(fmt.Sprintf("The file of version %s has not the size that was signed", version), nil), out.Truncate(0))
		}
		if _, err := out.Write(data); err != nil {
			return storageFailed("fetching a version", err)
		}
		done += int64(len(data))
		watch(done, f.Size)
	}
	if err := out.Sync(); err != nil {
		return storageFailed("fetching a version", err)
	}
	return nil
}

func rewind(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

func hashOf(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
