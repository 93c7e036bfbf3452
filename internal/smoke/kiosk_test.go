//go:build window

package smoke_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A person at a kiosk has its keyboard, a mouse and time. The window fills the
// screen from the start and is there after everything that they can press; the
// system can still end it.
func TestKiosk_cannot_be_left(t *testing.T) {
	for manager, args := range map[string][]string{
		"with the window manager of a kiosk":    {"--config-file", ownManager(t)},
		"with one that has keys and menus, too": nil,
	} {
		t.Run(manager, func(t *testing.T) {
			display := startDisplay(t)
			manage(t, display, args...)
			k := startAlone(t, display, "--kiosk")
			k.fills("at the start")
			k.tryToLeave()
			k.fills("after every key")
			if list := k.windows(); len(list) != 1 {
				t.Errorf("%d windows are open, want the kiosk's alone: %v", len(list), list)
			}
			k.end()
		})
	}
	// Or the keys above went nowhere.
	t.Run("while one of the keys closes a window that is no kiosk", func(t *testing.T) {
		display := startDisplay(t)
		manage(t, display)
		w := startAlone(t, display)
		await(t, "a window that Alt+F4 closes", func(ctx context.Context) error {
			w.xdotool("key", "--clearmodifiers", "alt+F4")
			select {
			case <-w.gone:
				return nil
			case <-time.After(time.Second):
				return errors.New("it is still there")
			}
		})
	})
}

// tryToLeave presses everything that closes, shrinks, prints, inspects or leads
// away somewhere.
func (k *kiosk) tryToLeave() {
	k.t.Helper()
	for _, button := range []string{"2", "3"} {
		k.xdotool("mousemove", "640", "450", "click", button)
	}
	for _, keys := range []string{
		"alt+F4", "ctrl+w", "ctrl+q", "F11", "F12", "F5", "ctrl+p", "ctrl+shift+i", "ctrl+shift+F12", "alt+Left", "alt+Home",
		"ctrl+o", "ctrl+n", "ctrl+t", "ctrl+plus", "ctrl+0", "Menu", "shift+F10", "Super_L", "ctrl+alt+Delete", "Print", "alt+F4", "Escape",
	} {
		k.xdotool("key", "--clearmodifiers", keys)
	}
}

// end tells the process to end, as a system does that shuts down.
func (k *kiosk) end() {
	k.t.Helper()
	if err := k.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		k.t.Fatal(err)
	}
	select {
	case err := <-k.ended:
		if err != nil {
			k.t.Errorf("told to end, it ended with %v:\n%s", err, k.said)
		}
	case <-time.After(20 * time.Second):
		k.t.Error("told to end, it is still there")
	}
}

// kiosk is a window under test.
type kiosk struct {
	t       *testing.T
	display string
	cmd     *exec.Cmd
	ended   chan error
	gone    chan struct{}
	said    *bytes.Buffer
	window  string
}

// manage runs a window manager, as the session of a kiosk does: without one
// nothing fills a screen.
func manage(t *testing.T, display string, args ...string) {
	t.Helper()
	cmd := exec.Command("openbox", append([]string{"--sm-disable"}, args...)...)
	cmd.Env = append(os.Environ(), "DISPLAY="+display)
	drain(start(t, cmd))
	await(t, "openbox", func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, "xprop", "-display", display, "-root", "_NET_SUPPORTING_WM_CHECK").Output()
		if err == nil && !strings.Contains(string(out), "0x") {
			err = errors.New("no manager yet")
		}
		return err
	})
}

// ownManager is the configuration that we deliver.
func ownManager(t *testing.T) string {
	t.Helper()
	config, err := filepath.Abs(filepath.Join("..", "..", "build", "linux", "kiosk", "openbox.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// startAlone runs the program as it is delivered, and waits for its window.
func startAlone(t *testing.T, display string, args ...string) *kiosk {
	t.Helper()
	k := &kiosk{t: t, display: display, ended: make(chan error, 1), gone: make(chan struct{}), said: &bytes.Buffer{}}
	k.cmd = exec.Command(program(t, "fieldpay"), append(args, "--data-dir", filepath.Join(t.TempDir(), "data"))...)
	k.cmd.Env = append(os.Environ(),
		"DISPLAY="+display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", "GDK_BACKEND=x11", "FIELDPAY_BFF=http://127.0.0.1:1",
		"FIELDPAY_KEY_DIR="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
	k.cmd.Stderr = k.said
	k.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		k.ended <- k.cmd.Wait()
		close(k.gone)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGKILL) // gone already where all went well
		<-k.gone
	})
	await(t, "the window", func(context.Context) error {
		list := k.windows()
		if len(list) == 0 {
			return errors.New("no window yet")
		}
		k.window = list[0]
		return nil
	})
	return k
}

// windows are those that a person sees.
func (k *kiosk) windows() []string {
	out, err := k.run("xdotool", "search", "--onlyvisible", "--name", ".+")
	if err != nil {
		return nil // it exits 1 where there is none
	}
	return strings.Fields(out)
}

// fills waits until the window is the whole screen.
func (k *kiosk) fills(when string) {
	k.t.Helper()
	await(k.t, "a window that fills the screen "+when, func(context.Context) error {
		out, err := k.run("xdotool", "getwindowgeometry", "--shell", k.window)
		if err != nil {
			return err
		}
		for _, want := range []string{"X=0\n", "Y=0\n", "WIDTH=1280\n", "HEIGHT=900\n"} {
			if !strings.Contains(out, want) {
				return fmt.Errorf("the window is %s", strings.ReplaceAll(out, "\n", " "))
			}
		}
		return nil
	})
}

func (k *kiosk) xdotool(args ...string) {
	k.t.Helper()
	if out, err := k.run("xdotool", args...); err != nil {
		k.t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
}

func (k *kiosk) run(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(k.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+k.display)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// A stranger's script in the page gets nothing out: the policy of the page lets
// it neither run nor call anybody but the program.
func TestKiosk_policy_of_the_page_blocks(t *testing.T) {
	var calls atomic.Int64
	outside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	t.Cleanup(outside.Close)
	display := startDisplay(t)
	driver := startDriver(t, display, []string{
		"FIELDPAY_BFF=http://127.0.0.1:1", "FIELDPAY_DATA_DIR=" + t.TempDir(), "FIELDPAY_KEY_DIR=" + t.TempDir(),
		"XDG_CONFIG_HOME=" + t.TempDir(), "XDG_CACHE_HOME=" + t.TempDir(), "XDG_DATA_HOME=" + t.TempDir(), "LANG=en_US.UTF-8",
	})
	w := open(t, driver, steerable(t, "--kiosk"))
	w.field("Email")
	script := `
		const done = arguments[arguments.length - 1], url = arguments[0];
		const add = (name, set) => document.body.append(Object.assign(document.createElement(name), set));
		add("script", { textContent: "window.ran = true" });
		add("script", { src: url + "/script" });
		add("img", { src: url + "/img" });
		add("iframe", { src: url + "/frame" });
		let evaluated = false;
		try { evaluated = new Function("return true")(); } catch { evaluated = false; }
		const form = Object.assign(document.createElement("form"), { action: url + "/form", method: "post", target: "_blank" });
		document.body.append(form);
		form.submit();
		const opened = window.open(url + "/window") !== null;
		Promise.allSettled([fetch(url + "/fetch"), navigator.sendBeacon?.(url + "/beacon")]).then(([fetched]) =>
			done({ ran: window.ran === true, evaluated, opened, fetched: fetched.status === "fulfilled", kiosk: document.documentElement.hasAttribute("data-kiosk") }));`
	var got struct{ Ran, Evaluated, Opened, Fetched, Kiosk bool }
	w.call(http.MethodPost, "/execute/async", map[string]any{"script": script, "args": []string{outside.URL}}, &got)
	if got.Ran || got.Evaluated || got.Opened || got.Fetched || !got.Kiosk {
		t.Errorf("the page let through %+v", got)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls went out", n)
	}
	if resp, err := http.Get(outside.URL); err != nil || calls.Load() != 1 { // or the zero says nothing
		t.Errorf("the server outside cannot be called at all: %v", err)
	} else if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	w.picture("kiosk")
}
