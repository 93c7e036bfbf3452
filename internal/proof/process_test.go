package proof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// build compiles programs as they are shipped and returns their folder.
func build(t *testing.T, packages ...string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	args := append([]string{"build", "-o", folder + string(filepath.Separator)}, packages...)
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("building the programs: %v\n%s", err, out)
	}
	return folder
}

// program is the path of a program in a folder.
func program(folder, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(folder, name)
}

// environment keeps the machine's own keychain and settings out.
func environment(folder string, more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "USERPROFILE=" + folder, "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
		"XDG_CONFIG_HOME=" + configuration(folder), "APPDATA=" + configuration(folder),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(folder, "no-bus"),
	}, more...)
}

// configuration is where programs with that environment keep their settings.
func configuration(folder string) string { return filepath.Join(folder, "config") }

// freeAddress returns an address of this machine that nobody uses.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// process is a running program.
type process struct {
	cmd       *exec.Cmd
	out, said *transcript
	ended     chan struct{}
}

// transcript is what a program has written so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	// grown has a value when there is more than was waited for.
	grown chan struct{}
}

func newTranscript() *transcript { return &transcript{grown: make(chan struct{}, 1)} }

// Write adds to the transcript.
func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.grown <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

// String returns all of it.
func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// start starts a program that reads input.
func start(env []string, input, path string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), out: newTranscript(), said: newTranscript(), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = env, strings.NewReader(input), p.out, p.said
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(path), err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is read from its state
		close(p.ended)
	}()
	return p, nil
}

// patience is how long a program may take for one step on a busy machine.
const patience = time.Minute

// wait waits for the program's own end and returns its exit code, -1 for a
// signal.
func (p *process) wait() (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		p.kill()
		return -1, fmt.Errorf("%s hangs: %s", filepath.Base(p.cmd.Path), p.said)
	}
}

// waitFor waits until the program's log has a text.
func (p *process) waitFor(text string) error {
	late := time.After(patience)
	for !strings.Contains(p.said.String(), text) {
		select {
		case <-p.said.grown:
		case <-p.ended:
			if !strings.Contains(p.said.String(), text) {
				return fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), p.said)
			}
		case <-late:
			return errors.New(filepath.Base(p.cmd.Path) + " never says " + text)
		}
	}
	return nil
}

// kill ends the program at once and reports whether it was that which ended it.
func (p *process) kill() bool {
	_ = p.cmd.Process.Kill() // it may have ended meanwhile
	<-p.ended
	return p.cmd.ProcessState.ExitCode() == -1
}

// killAfter is kill after a moment, unless the program ends before.
func (p *process) killAfter(moment time.Duration) bool {
	select {
	case <-p.ended:
	case <-time.After(moment):
	}
	return p.kill()
}

// until asks again and again, until the answer is nil or patience ends; then the
// last answer is the error.
func until(ctx context.Context, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}
