package browserhost

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"fieldpay/action"
	"fieldpay/frontend"
)

const (
	// maxBody limits the body of one call: the largest form, an invoice of 200
	// long lines, is below 256 KiB.
	maxBody = 1 << 20
	// drainTime is how long calls may go on after the host was told to stop.
	drainTime = 5 * time.Second

	head = `<script src="/host/shim.js"></script>`
)

// shim is the script that stands in for the objects of the window.
//
//go:embed shim.js
var shim []byte

// Event is one announcement to the page: a name and one argument.
type Event struct {
	Name string `json:"name"`
	Data string `json:"data"`
}

// Events hands out announcements. Next blocks until there are some or ctx ends.
type Events interface {
	Next(ctx context.Context) ([]Event, error)
}

// Options of a host.
type Options struct {
	// Bridge is the object whose exported methods the page may call, each with
	// the arguments it declares, and at most a value and an error as results.
	Bridge any
	// Subscribe starts a stream of announcements, told from the moment of the
	// call; release ends it. Default: no announcements.
	Subscribe func() (events Events, release func())
	// FormatError turns an error of the bridge into the text that the page
	// gets. Default: the error's own text.
	FormatError func(error) string
	// Files replaces the embedded screens, for tests.
	Files fs.FS
}

// Host serves one device's screens.
type Host struct {
	methods   map[string]method
	subscribe func() (Events, func())
	format    func(error) string
	screens   http.Handler
	gate      *gate
}

// New checks the options and makes a host with a fresh token. It fails when a
// method of the bridge cannot be called from a page.
func New(o Options) (*Host, error) {
	methods, err := methodsOf(o.Bridge)
	if err != nil {
		return nil, err
	}
	screens, err := frontend.Handler(frontend.Options{Files: o.Files, Head: head})
	if err != nil {
		return nil, err
	}
	if o.FormatError == nil {
		o.FormatError = error.Error
	}
	return &Host{
		methods: methods, subscribe: o.Subscribe, format: o.FormatError,
		screens: screens, gate: newGate(),
	}, nil
}

// Listen opens a loopback port. An address that other machines could reach is
// refused.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, badAddress("It must look like 127.0.0.1:0", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, badAddress("It must be on this machine alone: use 127.0.0.1", nil)
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", address, err)
	}
	return ln, nil
}

func badAddress(hint string, cause error) error {
	return &action.Error{Code: action.BadRequest, Message: "The address to listen on cannot be used", Hint: hint, Op: "listening", Cause: cause}
}

// Address is what a person opens: the host's address with the token, which
// works once.
func (h *Host) Address(addr net.Addr) string {
	return "http://" + addr.String() + "/?token=" + h.gate.token
}

// Serve answers requests until ctx ends, then lets the calls under way finish.
// It returns nil after such a stop.
func (h *Host) Serve(ctx context.Context, ln net.Listener) error {
	// Announcements are streams without an end: they stop with this context,
	// or the drain would wait for them.
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler:           h.Handler(ln.Addr().String()),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		cancel()
		limit, done := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer done()
		drained <- server.Shutdown(limit)
	})
	err := server.Serve(ln)
	if stop() || !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the screens: %w", err)
	}
	if err := <-drained; err != nil {
		return fmt.Errorf("stopping the host: %w", err)
	}
	return nil
}

// Handler answers for the host under its own name, e.g. "127.0.0.1:4711", and
// for no other.
func (h *Host) Handler(name string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /host/shim.js", serveShim)
	mux.HandleFunc("POST /host/call", h.serveCall)
	mux.HandleFunc("GET /host/events", h.serveEvents)
	mux.Handle("/", h.screens)
	return h.gate.guard(name, mux)
}

func serveShim(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// A failed write means that the page went away; there is nobody to tell.
	_, _ = w.Write(shim)
}
