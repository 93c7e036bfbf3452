package wailshost

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// askAgain is how often a window that was told to end is asked to, until it
// has: short beside the time that a desktop waits at log-out.
const askAgain = 100 * time.Millisecond

// endOnSignal closes the window when the process is told to end. Wails asks
// GTK once, and GTK forgets what it is asked before its main loop runs, so a
// log-out while the app starts would leave it running. The answered function
// stops the watch; call it when the window is gone.
func (h *host) endOnSignal() (stop func()) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	gone, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		askUntil(gone, told, h.app.Gone(), h.quit)
	}()
	return func() {
		signal.Stop(told)
		close(gone)
		<-watched
	}
}

// askUntil waits for the signal, or for a manager who ends a kiosk, and then asks,
// again and again, until gone.
func askUntil(gone <-chan struct{}, told <-chan os.Signal, left <-chan struct{}, ask func()) {
	select {
	case <-gone:
		return
	case <-told:
	case <-left:
	}
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		ask()
		select {
		case <-gone:
			return
		case <-again.C:
		}
	}
}

// quit asks the window to close, if there is one yet.
func (h *host) quit() {
	h.ending.Store(true)
	h.mu.Lock()
	ctx := h.window
	h.mu.Unlock()
	if ctx != nil {
		runtime.Quit(ctx)
	}
}
