package sealed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"fieldpay/action"
)

// WriteFile replaces the file at path: the new content is on the disk before
// it takes the name, and the name before WriteFile returns.
//
// The error is an *action.Error: DiskFull, or StorageFailed.
func WriteFile(path string, content []byte, mode fs.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return storageError(err)
	}
	if err := fill(temp, content, mode); err != nil {
		_ = os.Remove(temp.Name()) // what is left over is not content of anybody
		return storageError(err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		_ = os.Remove(temp.Name())
		return storageError(err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return storageError(err)
	}
	return nil
}

func fill(f *os.File, content []byte, mode fs.FileMode) error {
	_, err := f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes a renamed file's name durable. Windows has no such call: it
// journals names by itself.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the folder: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// The codes of a full disk on Windows, which package syscall does not name.
const (
	windowsHandleDiskFull = syscall.Errno(39)
	windowsDiskFull       = syscall.Errno(112)
)

func storageError(err error) error {
	code := action.StorageFailed
	full := errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
	if runtime.GOOS == "windows" {
		full = errors.Is(err, windowsDiskFull) || errors.Is(err, windowsHandleDiskFull)
	}
	if full {
		code = action.DiskFull
	}
	return &action.Error{Code: code, Op: "writing a file", Cause: err}
}
