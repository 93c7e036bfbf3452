package disk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fieldpay/app/disk"
)

func ExampleFree() {
	free, err := disk.Free(os.TempDir())
	fmt.Println(free > 0, err)
	// Output: true <nil>
}

func TestFree(t *testing.T) {
	t.Run("a folder that is not there is an error", func(t *testing.T) {
		if _, err := disk.Free(filepath.Join(t.TempDir(), "none")); err == nil {
			t.Error("no error")
		}
	})
}
