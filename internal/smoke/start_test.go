//go:build window

package smoke_test

import (
	"bufio"
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
	"strings"
	"syscall"
	"testing"
	"time"
)

// bin is where make build puts the programs, seen from this package.
var bin = filepath.Join("..", "..", "build", "bin")

// pictures is the folder of screenshots; it is kept with what was built.
func pictures(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(bin, "smoke")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(bin, name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%s is not built (make build): %v", name, err)
	}
	return path
}

// start runs a command in a process group that ends with the test, children
// included, and answers its standard error.
func start(t *testing.T, cmd *exec.Cmd) *bufio.Scanner {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", cmd, err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = cmd.Wait() // it was told to end: its exit code says nothing
		}()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
		}
	})
	return bufio.NewScanner(stderr)
}

// awaitLine reads lines until one pleases, and drains the rest.
func awaitLine(t *testing.T, what string, lines *bufio.Scanner, pleases func(line string) bool) {
	t.Helper()
	found := make(chan error, 1)
	go func() {
		var said []string
		for lines.Scan() {
			said = append(said, lines.Text())
			if pleases(lines.Text()) {
				found <- nil
				for lines.Scan() {
					continue // a full pipe would stop the program
				}
				return
			}
		}
		found <- fmt.Errorf("%s ended before it was ready:\n%s", what, strings.Join(said, "\n"))
	}()
	select {
	case err := <-found:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatalf("%s was not ready within a minute", what)
	}
}

// startServer runs fieldpay-bff on free ports and answers its address.
func startServer(t *testing.T) string {
	t.Helper()
	address := freeAddress(t)
	cmd := exec.Command(program(t, "fieldpay-bff"), "serve")
	cmd.Env = append(os.Environ(),
		"FIELDPAY_BFF_LISTEN="+address,
		"FIELDPAY_BFF_DATA_DIR="+t.TempDir(),
		"FIELDPAY_SANDBOX_SALESFORCE_LISTEN=127.0.0.1:0",
		"FIELDPAY_SANDBOX_STRIPE_LISTEN=127.0.0.1:0",
	)
	awaitLine(t, "fieldpay-bff", start(t, cmd), func(line string) bool {
		var entry struct{ Message string }
		return json.Unmarshal([]byte(line), &entry) == nil && entry.Message == "ready"
	})
	return "http://" + address
}

// startDisplay runs Xvfb and answers the display's name: Xvfb picks a free one
// and writes its number to the pipe.
func startDisplay(t *testing.T) string {
	t.Helper()
	numbers, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	drain(start(t, cmd))
	if err := numbers.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(numbers).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not name its display: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

// startDriver runs WebKitWebDriver on the display, on a session bus of its own,
// and answers its address. What the driver starts inherits env.
func startDriver(t *testing.T, display string, env []string) string {
	t.Helper()
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-run-session", "--", "WebKitWebDriver", "--port="+port)
	cmd.Env = append(append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "GDK_BACKEND=x11"), env...)
	drain(start(t, cmd))
	await(t, "WebKitWebDriver", func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/status", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	return "http://" + address
}

// await tries until try succeeds, for half a minute.
func await(t *testing.T, what string, try func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, errors.Join(ctx.Err(), err))
		}
	}
}

func drain(lines *bufio.Scanner) {
	go func() {
		for lines.Scan() {
			continue // a full pipe would stop the program
		}
	}()
}

// freeAddress is one of loopback that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// steerable writes a script that starts the window, with these arguments, so that
// it can be steered. The driver takes a program without environment, so the script
// sets it.
func steerable(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	library := filepath.Join(dir, "automation.so")
	flags, err := exec.Command("pkg-config", "--cflags", "webkit2gtk-4.1").Output()
	if err != nil {
		t.Fatalf("finding WebKitGTK: %v", err)
	}
	compile := append([]string{"-shared", "-fPIC", "-Wall", "-Wextra", "-o", library, "testdata/automation.c"}, strings.Fields(string(flags))...)
	if out, err := exec.Command("gcc", compile...).CombinedOutput(); err != nil {
		t.Fatalf("compiling automation.c: %v\n%s", err, out)
	}
	script := filepath.Join(dir, "fieldpay")
	text := "#!/bin/sh\nLD_PRELOAD='" + library + "' exec '" + program(t, "fieldpay") + "' " + strings.Join(args, " ") + " \"$@\"\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return script
}

// request makes a call of the server and reads its JSON answer.
func request(t *testing.T, method, url, token string, body io.Reader, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s %v", method, url, resp.Status, answer, err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
}
