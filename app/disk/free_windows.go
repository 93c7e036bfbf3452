package disk

import (
	"fmt"
	"math"

	"golang.org/x/sys/windows"
)

// Free is the number of bytes that this process may still write where dir lies:
// the person's quota counts.
func Free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, fmt.Errorf("naming the folder: %w", err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("asking for the free space: %w", err)
	}
	return int64(min(free, math.MaxInt64)), nil
}
