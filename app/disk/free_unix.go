//go:build unix

package disk

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Free is the number of bytes that this process may still write where dir lies.
func Free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("asking for the free space: %w", err)
	}
	// Bavail is what is left for others than root.
	return int64(s.Bavail) * int64(s.Bsize), nil
}
