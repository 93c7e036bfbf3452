package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// staticcheck is pinned here alone; it is a tool of this check, not of the
// module, so that its own dependencies stay out of go.mod.
const staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"

// A step is one command and how its output is read.
type step struct {
	name string
	dir  string
	env  []string
	argv []string
	read reader
	// loud: what the command says is shown as it says it. It runs for hours.
	loud bool
}

// A reader counts what a command did, from its output and its error.
type reader func(out []byte, err error) result

// tally counts checks: a test is one, and so is a command without tests.
type tally struct{ passed, failed int }

func (t tally) plus(u tally) tally { return tally{t.passed + u.passed, t.failed + u.failed} }

// result is what came of a step; said is shown when something failed.
type result struct {
	tally
	said string
}

func (r result) summary() string {
	if r.passed+r.failed == 1 {
		return ""
	}
	return fmt.Sprintf("%d passed, %d failed", r.passed, r.failed)
}

// proofs are the packages whose tests try one thing with thousands of seeds.
// The race detector makes SQLite twenty times slower: with it they run a few
// seeds each, and without it the rest of their short form.
func proofs() []string {
	return []string{"./internal/crashfs", "./internal/hop", "./internal/proof", "./internal/simulate"}
}

// steps are in the order of what they cost.
func steps() []step {
	noCgo := []string{"CGO_ENABLED=0"}
	const screens = "frontend"
	return []step{
		{name: "format", argv: []string{"bash", "-c", "git ls-files -z -co --exclude-standard -- '*.go' | xargs -0 gofmt -l"}, read: silence},
		{name: "vet", env: noCgo, argv: []string{"go", "vet", "./..."}, read: exit},
		{name: "vet-window", argv: []string{"go", "vet", "-tags", "desktop,production,webkit2_41,window", ".", "./app/...", "./internal/smoke"}, read: exit},
		{name: "bindings", argv: []string{"build/check-bindings.sh"}, read: exit},
		{name: "modules", argv: []string{"go", "mod", "verify"}, read: exit},
		{name: "staticcheck", env: noCgo, argv: []string{"go", "run", staticcheck, "./..."}, read: exit},
		{name: "screen-types", dir: screens, argv: npm("typecheck"), read: exit},
		{name: "screen-lint", dir: screens, argv: npm("lint"), read: exit},
		{name: "screen-tests", dir: screens, argv: npm("test"), read: vitest},
		{name: "go", argv: []string{"go", "test", "-race", "-json", "-timeout", "10m", "./..."}, read: goTests},
		{name: "proof", argv: append([]string{"go", "test", "-json", "-p", "1", "-timeout", "20m"}, proofs()...), read: goTests},
		{name: "clients", argv: []string{"sandbox/clients/run.sh"}, read: exit},
		{name: "packages", argv: []string{"build/package/quick.sh"}, read: exit},
		{name: "window", argv: []string{"go", "test", "-tags", "window", "-count", "1", "-json", "-timeout", "5m", "./internal/smoke"}, read: goTests},
		{name: "browser", dir: screens, env: programs(), argv: npm("e2e"), read: nodeTests},
	}
}

func npm(script string) []string { return []string{"npm", "run", "--silent", script} }

// programs tells the browser's tests where the built programs are.
func programs() []string {
	bin, err := filepath.Abs(filepath.Join("build", "bin"))
	if err != nil {
		bin = filepath.Join("..", "build", "bin")
	}
	return []string{
		"FIELDPAYCTL=" + filepath.Join(bin, "fieldpayctl"),
		"FIELDPAY_BFF=" + filepath.Join(bin, "fieldpay-bff"),
	}
}

// run starts the step's command in a process group of its own, so that what it
// started ends with it.
func (s step) run(ctx context.Context) result {
	cmd := exec.CommandContext(ctx, s.argv[0], s.argv[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), append(s.env, "NO_COLOR=1", "FORCE_COLOR=0")...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if s.loud {
		both := io.MultiWriter(&out, os.Stdout)
		cmd.Stdout, cmd.Stderr = both, both
	}
	err := cmd.Run()
	r := s.read(out.Bytes(), err)
	if err != nil {
		r.said = strings.TrimSpace(fmt.Sprintf("%s\n%s: %v", r.said, strings.Join(s.argv, " "), err))
	}
	return r
}
