//go:build !windows

package kvlog

import (
	"errors"
	"fmt"
	"os"
)

// syncFolder makes a rename in dir durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("opening the data folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("syncing the data folder: %w", err)
	}
	return nil
}
