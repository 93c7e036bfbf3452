//go:build unix

package policy

import (
	"errors"
	"os"
)

// trusted refuses a file that more than its owner may write. Who owns it is
// settled by the folder, which only root may write.
func trusted(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o022 != 0 {
		return errors.New("others than its owner may write it")
	}
	return nil
}
