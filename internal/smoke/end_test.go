//go:build window

package smoke_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A desktop that logs out tells every program to end and does not tell twice;
// FieldPay may still be starting.
func TestWindow_ends_when_it_is_told(t *testing.T) {
	display := startDisplay(t)
	for stage, reached := range map[string]func(dataDir string) error{
		"at once":                      func(string) error { return nil },
		"when its folder is there":     func(dir string) error { return holds(dir, "*") },
		"when its journal is there":    func(dir string) error { return holds(dir, "*.db") },
		"when its journal was written": func(dir string) error { return holds(dir, "*.db-wal") },
	} {
		t.Run(stage, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			cmd := exec.Command(program(t, "fieldpay"), "--data-dir", dir)
			cmd.Env = append(os.Environ(),
				"DISPLAY="+display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", "GDK_BACKEND=x11", "FIELDPAY_BFF=http://127.0.0.1:1",
				"FIELDPAY_KEY_DIR="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
			var said bytes.Buffer
			cmd.Stderr = &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			await(t, "the window "+stage, func(context.Context) error { return reached(dir) })

			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-ended:
				if err != nil && stage != "at once" {
					t.Errorf("the window ended with %v:\n%s", err, &said)
				}
			case <-time.After(10 * time.Second):
				_ = cmd.Process.Kill()
				t.Fatal("ten seconds after it was told to end, the window is still there")
			}
		})
	}
}

// holds is nil when the folder has a file of the pattern.
func holds(dir, pattern string) error {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err == nil && len(found) == 0 {
		err = fs.ErrNotExist
	}
	return errors.Join(err)
}
