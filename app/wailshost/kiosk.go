package wailshost

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/options"
)

// lockIn makes the window fill the screen, without a frame and above everything,
// and refuse to be closed by anybody but a manager or a signal. Keys of other
// programs are the session's part: see package kiosk.
func (h *host) lockIn(window *options.App) {
	// Fullscreen is the start state: the option of that name does nothing on
	// Linux. The smallest size must not keep the window from fitting its screen.
	window.WindowStartState = options.Fullscreen
	window.Frameless, window.AlwaysOnTop = true, true
	window.MinWidth, window.MinHeight = 0, 0
	window.OnBeforeClose = h.stays
	window.Windows.DisablePinchZoom = true
	window.Windows.DisableFramelessWindowDecorations = true
}

// stays refuses to close until somebody who may has ended the kiosk.
func (h *host) stays(context.Context) (prevent bool) { return !h.ending.Load() }
