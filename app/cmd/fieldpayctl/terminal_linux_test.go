package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// pseudoTerminal is a terminal of so many columns: what is written to the second
// end is read at the first.
func pseudoTerminal(t *testing.T, columns int) (screen, program *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	screen = os.NewFile(uintptr(fd), "screen")
	t.Cleanup(func() { _ = screen.Close() }) // closed below where a test is through with it
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	return screen, program
}

// onTerminal runs the program with standard error on a terminal, and standard
// output there too if all is set, and returns what stood on the terminal.
func onTerminal(t *testing.T, columns int, all bool, in io.Reader, env []string, args ...string) string {
	t.Helper()
	screen, program := pseudoTerminal(t, columns)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test's program is fieldpayctl when it is called so.
	link := filepath.Join(t.TempDir(), "fieldpayctl")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), link, args...)
	cmd.Env, cmd.Stdin, cmd.Stderr = env, in, program
	if all {
		cmd.Stdout = program
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := program.Close(); err != nil {
		t.Fatal(err)
	}
	// The end of the last writer is an I/O error on Linux.
	shown, _ := io.ReadAll(screen)
	_ = cmd.Wait() // some of these commands mean to fail
	return string(shown)
}

// visits are n lines for the journal.
func visits(n int) io.Reader {
	return strings.NewReader(strings.Repeat(`{"type":"log_visit","payload":{"accountId":"acc-001","note":"n","outcome":"met"}}`+"\n", n))
}

var escape = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

func TestProgressOnTerminal(t *testing.T) {
	dir := t.TempDir()
	env := append(machine(dir, "http://127.0.0.1:1"), "TERM=xterm")
	t.Run("appending says how many and how fast, and sums up", func(t *testing.T) {
		shown := onTerminal(t, 80, false, visits(400), env, "journal", "append")
		if !strings.Contains(shown, "\r") || !regexp.MustCompile(`Appending  \d+`).MatchString(shown) {
			t.Errorf("no progress in %q", shown)
		}
		if !regexp.MustCompile(`Kept 400 in [\d.]+ s \([\d,]+/s\)\.`).MatchString(shown) {
			t.Errorf("no sum in %q", shown)
		}
	})
	t.Run("a line that was refused is counted", func(t *testing.T) {
		shown := onTerminal(t, 80, false, strings.NewReader("nonsense\n"), env, "journal", "append")
		if !strings.Contains(escape.ReplaceAllString(shown, ""), "Refused: 1.") {
			t.Errorf("shown %q", shown)
		}
	})
	t.Run("receipts on the terminal are progress enough", func(t *testing.T) {
		shown := onTerminal(t, 80, true, visits(50), env, "journal", "append")
		if strings.Contains(shown, "Appending") || strings.Count(shown, `"sequence"`) != 50 {
			t.Errorf("shown %q", shown)
		}
	})
	t.Run("checking and exporting leave nothing but the result", func(t *testing.T) {
		shown := onTerminal(t, 80, true, nil, env, "journal", "verify")
		if !strings.HasSuffix(strings.TrimSpace(escape.ReplaceAllString(shown, "")), "every link holds.") {
			t.Errorf("shown %q", shown)
		}
		shown = onTerminal(t, 80, false, nil, env, "journal", "export", "--format=csv")
		if !strings.Contains(shown, "Exported 450 in") {
			t.Errorf("shown %q", shown)
		}
	})
	t.Run("a list is as wide as the terminal", func(t *testing.T) {
		for line := range strings.Lines(onTerminal(t, 40, true, nil, env, "journal", "list", "--limit=5")) {
			if n := len([]rune(strings.TrimRight(line, "\r\n"))); n > 40 {
				t.Errorf("a line of %d columns on a terminal of 40: %q", n, line)
			}
		}
	})
	t.Run("colours are left out where they are not wanted", func(t *testing.T) {
		if shown := onTerminal(t, 80, true, nil, env, "doctor"); !strings.Contains(shown, "\x1b[1;31mBAD") {
			t.Errorf("no colour in %q", shown)
		}
		if shown := onTerminal(t, 80, true, nil, append(env, "NO_COLOR=1"), "doctor"); strings.Contains(shown, "\x1b[") {
			t.Errorf("colour in %q", shown)
		}
	})
	t.Run("what is piped has neither progress nor colour", func(t *testing.T) {
		var out, said strings.Builder
		vars := map[string]string{}
		for _, pair := range env {
			name, value, _ := strings.Cut(pair, "=")
			vars[name] = value
		}
		code := run(context.Background(), []string{"journal", "verify"}, console{
			in: strings.NewReader(""), out: &out, err: &said, getenv: func(name string) string { return vars[name] },
		})
		if code != exitDone || said.Len() != 0 || !strings.HasPrefix(out.String(), fmt.Sprint(450)) {
			t.Errorf("code %d, said %q, out %q", code, said.String(), out.String())
		}
	})
}
