package wailshost

import (
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestAskUntil(t *testing.T) {
	t.Run("a window that forgets what it was asked is asked again until it is gone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gone, told := make(chan struct{}), make(chan os.Signal, 1)
			told <- syscall.SIGTERM
			asked := 0
			askUntil(gone, told, nil, func() {
				if asked++; asked == 3 {
					close(gone)
				}
			})
			if asked != 3 {
				t.Errorf("asked %d times, want 3", asked)
			}
		})
	})
	t.Run("a window that closes by itself is not asked", func(t *testing.T) {
		gone := make(chan struct{})
		close(gone)
		askUntil(gone, nil, nil, func() { t.Error("asked a window that is gone") })
	})
	t.Run("a manager who ends a kiosk closes it as a signal does", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gone, left := make(chan struct{}), make(chan struct{})
			close(left)
			asked := 0
			askUntil(gone, nil, left, func() {
				if asked++; asked == 2 {
					close(gone)
				}
			})
			if asked != 2 {
				t.Errorf("asked %d times, want 2", asked)
			}
		})
	})
	t.Run("it is not asked more than ten times a second", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gone, told := make(chan struct{}), make(chan os.Signal, 1)
			told <- os.Interrupt
			start, asked := time.Now(), 0
			askUntil(gone, told, nil, func() {
				if asked++; asked == 11 {
					close(gone)
				}
			})
			if d := time.Since(start); d < time.Second {
				t.Errorf("eleven questions took %v", d)
			}
		})
	})
}
