package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// bench is one run: its sizes, its folder, and what several rows share.
type bench struct {
	flags
	args     []string
	dir      string
	keep     string
	progress io.Writer
	closers  []func() error
	// built are the programs that were built for this run, by name.
	built map[string]string
	// long are the devices with a history, by the number of settled actions.
	long map[int]*fixture
	// servers are the servers that were started, by store.
	servers map[string]*server
}

func newBench(f flags, progress io.Writer) (*bench, error) {
	if f.Rounds <= 0 {
		f.Rounds = 5
		if f.Quick {
			f.Rounds = 1
		}
	}
	if f.Quick {
		f.Rows = 200
	}
	dir, err := os.MkdirTemp("", "fieldpay-bench")
	if err != nil {
		return nil, fmt.Errorf("making the bench's folder: %w", err)
	}
	b := &bench{flags: f, dir: dir, keep: dir, progress: progress, built: map[string]string{}, long: map[int]*fixture{}, servers: map[string]*server{}}
	b.onClose(func() error { return os.RemoveAll(dir) })
	if f.Keep != "" {
		if b.keep, err = filepath.Abs(f.Keep); err != nil {
			return nil, fmt.Errorf("finding the folder to keep: %w", err)
		}
	}
	return b, nil
}

// onClose has the run end something, the newest first.
func (b *bench) onClose(do func() error) { b.closers = append(b.closers, do) }

func (b *bench) close() error {
	var errs []error
	for _, do := range slices.Backward(b.closers) {
		errs = append(errs, do())
	}
	b.closers = nil
	return errors.Join(errs...)
}

// say tells a person who waits what goes on.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, time.Now().Format(time.TimeOnly)+"  "+format+"\n", args...)
}

// size picks a size for the full form and one for the quick form.
func (b *bench) size(full, quick int) int {
	if b.Quick {
		return quick
	}
	return full
}

// span picks how long something is measured.
func (b *bench) span(full time.Duration) time.Duration {
	if b.Quick {
		return 50 * time.Millisecond
	}
	return full
}

// folder makes a fresh folder below the run's own.
func (b *bench) folder(name string) (string, error) {
	dir, err := os.MkdirTemp(b.dir, name)
	if err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	return dir, nil
}

// wants reports whether a row was asked for.
func (b *bench) wants(key string) bool { return len(b.Only) == 0 || slices.Contains(b.Only, key) }

// measure runs the probes of the rows that are wanted. A probe that fails
// spoils its own rows alone.
func (b *bench) measure(ctx context.Context) report {
	r := newReport(b)
	for _, p := range probes() {
		if ctx.Err() != nil || !slices.ContainsFunc(p.keys, b.wants) {
			continue
		}
		b.say("%s", p.doing)
		began := time.Now()
		found, err := p.run(ctx, b)
		for _, key := range p.keys {
			if b.wants(key) {
				r.add(key, found[key], err)
			}
		}
		if err != nil {
			b.say("  not measured: %v", err)
		}
		b.say("  %.0f s", time.Since(began).Seconds())
	}
	r.sort()
	return r
}
