package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fieldpay/app"
)

// patience is how long the window, and what steers it, may take.
const patience = 60 * time.Second

// probeWindow opens the built window, under a display without a screen, on a
// device with a long journal and on an empty one, in turns. The page itself
// notes when it painted first; the time of exec is noted by the script that
// starts the program.
func probeWindow(ctx context.Context, b *bench) (map[string]found, error) {
	w, err := b.newWindows(ctx)
	if err != nil {
		return nil, err
	}
	s, err := b.serverOn(ctx, "memory")
	if err != nil {
		return nil, err
	}
	long, err := b.history(ctx, b.Rows)
	if err != nil {
		return nil, err
	}
	none, err := b.freshDevice(ctx, app.DefaultBFF)
	if err != nil {
		return nil, err
	}
	var scripts []string
	for _, f := range []*fixture{none, long} {
		script, err := w.script(ctx, f, s.url)
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, script)
	}
	var f found
	for round := range b.Rounds + 1 {
		var spans [2]time.Duration
		for i, script := range scripts {
			if spans[i], err = w.open(ctx, script); err != nil {
				return nil, err
			}
		}
		if round == 0 && !b.Quick {
			continue // the first start reads the program from disk
		}
		f.rounds = append(f.rounds, float64(spans[1])/float64(spans[0]))
		f.detail = fmt.Sprintf("%d ms / %d ms; first paint of the page, under Xvfb", spans[1].Milliseconds(), spans[0].Milliseconds())
	}
	return map[string]found{"window": f}, nil
}

// windows opens windows, one after the other.
type windows struct {
	dir, driver, program, library string
}

func (b *bench) newWindows(ctx context.Context) (*windows, error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return nil, err
	}
	w := &windows{program: filepath.Join(root, "build", "bin", "fieldpay")}
	if _, err := os.Stat(w.program); err != nil {
		return nil, fmt.Errorf("the window is not built (make build): %w", err)
	}
	if w.dir, err = b.folder("window"); err != nil {
		return nil, err
	}
	w.library = filepath.Join(w.dir, "automation.so")
	options, err := exec.CommandContext(ctx, "pkg-config", "--cflags", "webkit2gtk-4.1").Output()
	if err != nil {
		return nil, fmt.Errorf("finding WebKitGTK: %w", err)
	}
	source := filepath.Join(root, "internal", "smoke", "testdata", "automation.c")
	args := append([]string{"-shared", "-fPIC", "-o", w.library, source}, strings.Fields(string(options))...)
	if said, err := exec.CommandContext(ctx, "gcc", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling automation.c: %w\n%s", err, said)
	}
	display, err := b.startDisplay(ctx)
	if err != nil {
		return nil, err
	}
	w.driver, err = b.startDriver(ctx, display, w.dir)
	return w, err
}

// script writes what starts the window on a device that is signed in: it notes
// the time, then becomes the program.
func (w *windows) script(ctx context.Context, f *fixture, server string) (string, error) {
	near, err := openDevice(ctx, f.dir, server)
	if err != nil {
		return "", err
	}
	_, err = near.SignIn(ctx, userLogin, userPassword)
	if err := errors.Join(err, near.Close()); err != nil {
		return "", fmt.Errorf("signing in: %w", err)
	}
	path := filepath.Join(w.dir, "start-"+strconv.FormatInt(time.Now().UnixNano(), 36))
	text := "#!/bin/sh\n"
	for name, value := range environment(f.dir) {
		text += fmt.Sprintf("export %s='%s'\n", name, value)
	}
	text += fmt.Sprintf("export %s='%s' LD_PRELOAD='%s'\ndate +%%s%%N >'%s'\nexec '%s'\n", app.BFFVar, server, w.library, w.stamp(), w.program)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		return "", fmt.Errorf("writing a script: %w", err)
	}
	return path, nil
}

func (w *windows) stamp() string { return filepath.Join(w.dir, "stamp") }

// firstPaint answers when the page painted first, in milliseconds of Unix time.
const firstPaint = `const [paint] = performance.getEntriesByName("first-contentful-paint");
return paint && document.querySelector("nav") ? performance.timeOrigin + paint.startTime : 0`

// open opens a window and returns how long after exec it was painted.
func (w *windows) open(ctx context.Context, script string) (time.Duration, error) {
	var session struct {
		SessionID string `json:"sessionId"`
	}
	err := w.call(ctx, http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"webkitgtk:browserOptions": map[string]any{"binary": script, "args": []string{}},
	}}}, &session)
	if err != nil {
		return 0, fmt.Errorf("opening the window: %w", err)
	}
	base := "/session/" + session.SessionID
	painted, err := w.paint(ctx, base)
	// The driver may find the window gone before it has answered: that is what
	// was asked for.
	_ = w.call(context.WithoutCancel(ctx), http.MethodDelete, base, nil, nil)
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(w.stamp())
	if err != nil {
		return 0, fmt.Errorf("reading the time of exec: %w", err)
	}
	began, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return time.Duration(painted*1e6) - time.Duration(began), err
}

func (w *windows) paint(ctx context.Context, base string) (float64, error) {
	for late := time.Now().Add(patience); time.Now().Before(late); {
		var at float64
		if err := w.call(ctx, http.MethodPost, base+"/execute/sync", map[string]any{"script": firstPaint, "args": []any{}}, &at); err != nil {
			return 0, fmt.Errorf("asking the page: %w", err)
		}
		if at > 0 {
			return at, nil
		}
		if !waitUntil(ctx, time.Now().Add(20*time.Millisecond)) {
			return 0, ctx.Err()
		}
	}
	return 0, errors.New("the page never painted, or does not say so")
}

// call makes one WebDriver call.
func (w *windows) call(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var sent io.Reader
	if method == http.MethodPost {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding a call of the driver: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, w.driver+path, sent)
	if err != nil {
		return fmt.Errorf("making a call of the driver: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("calling the driver: %w", err)
	}
	defer resp.Body.Close()
	var envelope struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&envelope); err != nil {
		return fmt.Errorf("reading the driver's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("driver: %s %s: %.300s", method, path, envelope.Value)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(envelope.Value, answer)
}

// startDisplay runs Xvfb, which picks a free display and names it.
func (b *bench) startDisplay(ctx context.Context) (string, error) {
	numbers, w, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("making a pipe: %w", err)
	}
	defer numbers.Close()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	err = b.startGroup(cmd)
	if err := errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("starting Xvfb: %w", err)
	}
	number, err := bufio.NewReader(numbers).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("waiting for the display: %w", err)
	}
	return ":" + strings.TrimSpace(number), nil
}

// startDriver runs WebKitWebDriver on a session bus of its own.
func (b *bench) startDriver(ctx context.Context, display, home string) (string, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a port: %w", err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return "", fmt.Errorf("finding a port: %w", err)
	}
	_, port, _ := strings.Cut(address, ":")
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "WebKitWebDriver", "--port="+port)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "GDK_BACKEND=x11", "LANG=en_US.UTF-8",
		"XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home)
	if err := b.startGroup(cmd); err != nil {
		return "", fmt.Errorf("starting WebKitWebDriver: %w", err)
	}
	w := &windows{driver: "http://" + address}
	for late := time.Now().Add(patience); ; {
		err := w.call(ctx, http.MethodGet, "/status", nil, nil)
		if err == nil {
			return w.driver, nil
		}
		if time.Now().After(late) || !waitUntil(ctx, time.Now().Add(50*time.Millisecond)) {
			return "", fmt.Errorf("waiting for WebKitWebDriver: %w", err)
		}
	}
}
