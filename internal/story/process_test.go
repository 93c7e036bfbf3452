package story_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// patience is how long a story waits for what must happen by itself.
const patience = 30 * time.Second

// process is one running program. The zero pointer is none.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	said  *transcript
}

// transcript is what a program has written so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the transcript.
func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

// String returns all of it.
func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

func start(env []string, program string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), ended: make(chan struct{}), said: &transcript{}}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, p.said, p.said
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is read from its state
		close(p.ended)
	}()
	return p, nil
}

func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	if p.running() {
		_ = p.cmd.Process.Kill() // it may have ended meanwhile
		<-p.ended
	}
}

// stop asks the process to end and wants it to do so in order.
func (p *process) stop() error {
	if !p.running() {
		return errors.New("it is not running")
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("asking it to end: %w", err)
	}
	select {
	case <-p.ended:
	case <-time.After(2 * patience):
		p.kill()
		return fmt.Errorf("it did not end:\n%s", p.said)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("it ended with %d:\n%s", code, p.said)
	}
	return nil
}

// until asks again and again, until the answer is nil or patience ends; then
// the last answer is the error.
func until(ask func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
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
