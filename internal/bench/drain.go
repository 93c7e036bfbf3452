package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fullBacklog is what the targets speak of. drainFor bounds a drain: a server that
// is too slow for the whole backlog gets as much as it takes in that time.
const (
	fullBacklog = 100_000
	drainFor    = 45 * time.Second
)

// probeDrain has the real fieldpayctl drain a backlog into a server on SQLite,
// each a process of its own, and looks at the memory of the server.
func probeDrain(ctx context.Context, b *bench) (map[string]found, error) {
	console, err := b.build(ctx, "fieldpayctl", "./app/cmd/fieldpayctl")
	if err != nil {
		return nil, err
	}
	s, err := b.startServer(ctx, "sqlite")
	if err != nil {
		return nil, err
	}
	result := map[string]found{}
	half, backlog := 0.0, b.size(fullBacklog, 50)
	for range b.size(2, 1) {
		before, err := s.applyRate(ctx, load{8, b.size(100, 5)}, b.span(3*time.Second))
		if err != nil {
			return nil, err
		}
		if !b.Quick {
			backlog = min(backlog, max(1000, int(before*drainFor.Seconds())))
		}
		run, err := b.drainOnce(ctx, console, s, backlog)
		if err != nil {
			return nil, err
		}
		after, err := s.applyRate(ctx, load{8, b.size(100, 5)}, b.span(3*time.Second))
		if err != nil {
			return nil, err
		}
		perSecond, applies := float64(backlog)/run.took.Seconds(), (before+after)/2
		drain := result["drain"]
		drain.rounds = append(drain.rounds, perSecond/applies)
		drain.detail = fmt.Sprintf("%.0f/s / %.0f/s; %d actions in %.1f s", perSecond, applies, backlog, run.took.Seconds())
		drain.rates = []rate{{"device and server: drain on SQLite", perSecond}}
		result["drain"] = drain
		used, err := peak(s.cmd.Process.Pid)
		if err != nil {
			return nil, err
		}
		if half == 0 {
			half = used
		}
		result["rss-server"] = found{rounds: []float64{used}, detail: "SQLite store, upstreams that keep nothing"}
		result["rss-server-flat"] = found{rounds: []float64{used / half}, detail: fmt.Sprintf("%.0f MiB / %.0f MiB", used, half)}
	}
	return result, nil
}

// probeMemory has fieldpayctl drain a fifth of the backlog, and the whole, into a
// server that does not hold it up.
func probeMemory(ctx context.Context, b *bench) (map[string]found, error) {
	console, err := b.build(ctx, "fieldpayctl", "./app/cmd/fieldpayctl")
	if err != nil {
		return nil, err
	}
	s, err := b.startServer(ctx, "memory")
	if err != nil {
		return nil, err
	}
	backlog := b.size(fullBacklog, 50)
	small, err := b.drainOnce(ctx, console, s, backlog/5)
	if err != nil {
		return nil, err
	}
	whole, err := b.drainOnce(ctx, console, s, backlog)
	if err != nil {
		return nil, err
	}
	return map[string]found{
		"rss-device":      {rounds: []float64{whole.peak}, detail: fmt.Sprintf("fieldpayctl sync, %d actions in %.1f s", backlog, whole.took.Seconds())},
		"rss-device-flat": {rounds: []float64{whole.peak / small.peak}, detail: fmt.Sprintf("%.0f MiB / %.0f MiB", whole.peak, small.peak)},
	}, nil
}

// drained is one run of fieldpayctl.
type drained struct {
	took time.Duration
	peak float64
}

func (b *bench) drainOnce(ctx context.Context, console string, s *server, backlog int) (drained, error) {
	dir, err := b.folder("backlog")
	if err != nil {
		return drained{}, err
	}
	d, err := openDevice(ctx, dir, s.url)
	if err != nil {
		return drained{}, err
	}
	_, err = d.SignIn(ctx, userLogin, userPassword)
	if err == nil {
		err = fill(ctx, d.Journal(), backlog)
	}
	if closed := d.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return drained{}, fmt.Errorf("preparing a backlog: %w", err)
	}
	cmd := exec.CommandContext(ctx, console, "--bff", s.url, "sync", "--once", "--json")
	cmd.Env = os.Environ()
	for name, value := range environment(dir) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	run, err := watch(cmd)
	if err != nil {
		return drained{}, fmt.Errorf("fieldpayctl sync: %w: %s%s", err, out.String(), said.String())
	}
	var sum struct{ Applied int }
	if err := json.Unmarshal(out.Bytes(), &sum); err != nil || sum.Applied != backlog {
		return drained{}, fmt.Errorf("fieldpayctl applied %d of %d: %s", sum.Applied, backlog, out.String())
	}
	return run, os.RemoveAll(dir)
}

// watch runs a command, and reads its peak memory while it lives.
func watch(cmd *exec.Cmd) (drained, error) {
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return drained{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	var run drained
	for {
		if used, err := peak(cmd.Process.Pid); err == nil {
			run.peak = max(run.peak, used)
		}
		select {
		case err := <-ended:
			run.took = time.Since(began)
			return run, err
		case <-look.C:
		}
	}
}

// moduleRoot is the folder of the module.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// build builds a console program of the module for this run.
func (b *bench) build(ctx context.Context, name, pkg string) (string, error) {
	if path := b.built[name]; path != "" {
		return path, nil
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return "", err
	}
	path := filepath.Join(b.dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", path, pkg)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, said)
	}
	b.built[name] = path
	return path, nil
}
