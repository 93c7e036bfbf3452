// Package wailshost shows the screens in a window of the desktop and binds the
// bridge to them. [Run] returns when the window is closed or the process is
// told to end.
//
// The window loads nothing from afar: the page and its assets come from the
// program, the bound methods answer this page alone, and the page's content
// security policy has a fresh nonce for each load.
package wailshost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"
	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/frontend"
)

// Options configures a window. App and DataDir are required.
type Options struct {
	App *app.App
	// DataDir names the window: a second one over the same folder brings the
	// first to the front instead.
	DataDir string
	// Icon is the window's icon as PNG. Default: the desktop's own.
	Icon []byte
	// Pages opens addresses while the window is open. Default: nobody opens any.
	Pages *Pages
	// Logger gets what goes wrong in the window. Default: nothing is logged.
	Logger zerolog.Logger
}

// Run opens the window and blocks until it is closed or the process is told to
// end, at whatever moment of its start that is.
func Run(o Options) error {
	screens, err := frontend.Handler(frontend.Options{})
	if err != nil {
		return err
	}
	h := &host{app: o.App, log: o.Logger, pages: o.Pages}
	defer h.endOnSignal()()
	window := &options.App{
		Title: "FieldPay", Width: 1280, Height: 800, MinWidth: 1024, MinHeight: 640,
		BackgroundColour:   options.NewRGB(250, 250, 249),
		AssetServer:        &assetserver.Options{Handler: screens},
		Bind:               []any{o.App.Bridge()},
		ErrorFormatter:     func(err error) any { return app.FormatError(err) },
		Logger:             windowLog{o.Logger},
		LogLevel:           logger.ERROR,
		LogLevelProduction: logger.ERROR,
		OnStartup:          h.startup,
		OnShutdown:         h.shutdown,
		SingleInstanceLock: &options.SingleInstanceLock{UniqueId: instance(o.DataDir), OnSecondInstanceLaunch: h.raise},
		Linux:              &linux.Options{ProgramName: "fieldpay", Icon: o.Icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows:            &windows.Options{Theme: windows.SystemDefault},
		// What is dropped onto a web view is shown in it, in place of the screens.
		DragAndDrop: &options.DragAndDrop{DisableWebViewDrop: true},
	}
	if o.App.Kiosk() {
		h.lockIn(window)
	}
	if err := wails.Run(window); err != nil {
		return fmt.Errorf("running the window: %w", err)
	}
	return nil
}

// instance names the window of one data folder, in the letters that a session
// bus takes.
func instance(dataDir string) string {
	sum := sha256.Sum256([]byte(dataDir))
	return "fieldpay_" + hex.EncodeToString(sum[:8])
}

// host ties the life of the app to that of the window.
type host struct {
	app   *app.App
	log   zerolog.Logger
	pages *Pages
	tasks sync.WaitGroup

	mu     sync.Mutex
	window context.Context
	// ending lets a kiosk's window close.
	ending atomic.Bool
}

// startup opens the device while the page loads; its first calls wait for it. A
// device that cannot be opened is told on the screen by each of them.
func (h *host) startup(ctx context.Context) {
	h.mu.Lock()
	h.window = ctx
	h.mu.Unlock()
	if h.pages != nil {
		h.pages.use(ctx)
	}
	changes := h.app.Subscribe()
	h.tasks.Go(func() { h.announce(ctx, changes) })
	h.tasks.Go(func() {
		if h.app.Renewed(h.app.Context()) {
			h.log.Info().Msg("ending, so that the next start is one of the new version")
			runtime.Quit(ctx)
		}
	})
	if err := h.app.Start(ctx); err != nil {
		h.log.Error().Err(err).Str("code", string(action.CodeOf(err))).Msg("the device could not be opened")
	}
}

// announce passes on what changed until the app stops.
func (h *host) announce(ctx context.Context, changes *app.Subscription) {
	defer changes.Close()
	for {
		topics, err := changes.Next(h.app.Context())
		if err != nil {
			return
		}
		for _, topic := range topics {
			runtime.EventsEmit(ctx, app.ChangedEvent, string(topic))
		}
	}
}

func (h *host) shutdown(context.Context) {
	if err := h.app.Stop(); err != nil {
		h.log.Error().Err(err).Str("code", string(action.CodeOf(err))).Msg("the device could not be closed")
	}
	h.tasks.Wait()
}

// raise answers a second start over the same folder.
func (h *host) raise(options.SecondInstanceData) {
	h.mu.Lock()
	ctx := h.window
	h.mu.Unlock()
	if ctx == nil {
		return
	}
	runtime.WindowUnminimise(ctx)
	runtime.WindowShow(ctx)
}
