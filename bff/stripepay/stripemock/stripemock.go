// Package stripemock lets tests ask Stripe's own stripe-mock whether a request
// is one that Stripe takes: it has the published description of the API, and
// refuses a parameter that is unknown or missing. It keeps nothing and declines
// no card, so that it proves the words of a request and nothing of what follows;
// that is what package sandbox is for.
//
// A package of tests starts one with its first question and stops it at its end:
//
//	var mock = stripemock.New()
//
//	func TestMain(m *testing.M) { os.Exit(mock.Main(m)) }
//
// The program is built from the Go module proxy once, into the folder of the
// user's caches; build/setup.sh does so ahead.
package stripemock

import (
	"bytes"
	"context"
	_ "embed" // for the version
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// version is the last one whose description is that of API version 2023-10-16,
// which the library speaks.
//
//go:embed version
var version string

// patience is how long the program may take to start.
const patience = time.Minute

// Mock is one running stripe-mock. See New.
type Mock struct {
	once    sync.Once
	err     error
	folder  string
	process *exec.Cmd
	ended   chan error
	client  *http.Client
}

// New returns a Mock that was not started yet.
func New() *Mock { return &Mock{} }

// Main runs the tests, stops the program and returns the exit code.
func (m *Mock) Main(tests *testing.M) int {
	code := tests.Run()
	if err := m.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stripemock:", err)
		return max(code, 1)
	}
	return code
}

// Request is a request as it goes to Stripe.
type Request struct {
	Method string
	// Path may have a query.
	Path string
	// Form is the body.
	Form string
	// APIVersion is that of the header Stripe-Version.
	APIVersion string
}

// Check returns nil if Stripe takes such a request, and else what is wrong with
// it. An error that wraps ErrNoMock says that nobody could tell.
func (m *Mock) Check(ctx context.Context, r Request) error {
	m.once.Do(func() { m.err = m.start() })
	if m.err != nil {
		return fmt.Errorf("%w: %w", ErrNoMock, m.err)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, "http://stripe-mock"+r.Path, strings.NewReader(r.Form))
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}
	req.SetBasicAuth("sk_test_checked", "")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Stripe-Version", r.APIVersion)
	resp, err := m.client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoMock, err)
	}
	defer func() { _ = resp.Body.Close() }() // it is read as far as it matters
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	said, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	return errors.Join(fmt.Errorf("%s %s: %s %s", r.Method, r.Path, resp.Status, said), err)
}

// ErrNoMock is why a request could not be checked at all.
var ErrNoMock = errors.New("stripe-mock does not answer")

func (m *Mock) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	program, err := build(ctx)
	if err != nil {
		return err
	}
	if m.folder, err = os.MkdirTemp("", "mock"); err != nil {
		return fmt.Errorf("making its folder: %w", err)
	}
	// Sockets in a folder of its own: no port that somebody else may take.
	socket := filepath.Join(m.folder, "http")
	m.client = &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	m.process = exec.Command(program, "-strict-version-check", "-http-unix", socket, "-https-unix", filepath.Join(m.folder, "https"))
	said := &bytes.Buffer{}
	m.process.Stderr = said
	if err := m.process.Start(); err != nil {
		return fmt.Errorf("starting it: %w", err)
	}
	m.ended = make(chan error, 1)
	go func() { m.ended <- m.process.Wait() }()
	return m.awaitSocket(socket, said)
}

func (m *Mock) awaitSocket(socket string, said *bytes.Buffer) error {
	look, enough := time.NewTicker(10*time.Millisecond), time.NewTimer(patience)
	defer look.Stop()
	defer enough.Stop()
	for {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-m.ended:
			m.ended <- err
			return fmt.Errorf("it ended: %w\n%s", err, said)
		case <-enough.C:
			return fmt.Errorf("waiting for it: %w", err)
		case <-look.C:
		}
	}
}

// Stop ends the program, if it was started, and removes what it left.
func (m *Mock) Stop() error {
	if m.process == nil || m.process.Process == nil {
		return os.RemoveAll(m.folder)
	}
	m.client.CloseIdleConnections()
	killed := m.process.Process.Kill()
	if errors.Is(killed, os.ErrProcessDone) {
		killed = nil
	}
	<-m.ended // how it ends is of no interest
	return errors.Join(killed, os.RemoveAll(m.folder))
}

// build returns the program, which is built where it is missing.
func build(ctx context.Context) (program string, err error) {
	module := "github.com/stripe/stripe-mock@" + strings.TrimSpace(version)
	caches, err := os.UserCacheDir()
	if err != nil {
		caches = os.TempDir()
	}
	folder := filepath.Join(caches, "fieldpay", "tools", filepath.FromSlash(module))
	program = filepath.Join(folder, "stripe-mock")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	install := exec.CommandContext(ctx, "go", "install", module)
	// Whatever is set for this module is not meant for that one.
	install.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0", "GOBIN="+folder)
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", module, err, out)
	}
	return program, nil
}
