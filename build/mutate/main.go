// Command mutate breaks the code in ways that somebody might by mistake, one at
// a time, and shows that the tests notice.
//
//	go run ./build/mutate                 every bug of build/mutate/bugs
//	go run ./build/mutate lane-by-id      only those of these names
//
// Nothing in the tree is touched: go test reads the broken file in the place of
// the true one (its flag -overlay). Each bug prints one line: caught, or SURVIVED,
// or BROKEN when its code does not compile or is not found any more. The exit code
// is 1 unless all were caught. A test of this package, which make test runs,
// checks that each bug still fits the code.
//
// A bug is one file: a sentence about what goes wrong, the file that it is in,
// the tests that should notice, the lines that are there, and what they become.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// folder has the bugs, seen from the root of the module.
const folder = "build/mutate/bugs"

// workers is how many bugs are tried side by side.
const workers = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bugs, err := load(os.DirFS(folder))
	if err == nil {
		bugs, err = choose(bugs, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	os.Exit(tryAll(ctx, bugs))
}

// choose keeps the bugs of these names, or all where none is given.
func choose(bugs []bug, names []string) ([]bug, error) {
	for _, name := range names {
		if !slices.ContainsFunc(bugs, func(b bug) bool { return b.name == name }) {
			return nil, fmt.Errorf("no bug is called %q", name)
		}
	}
	return slices.DeleteFunc(bugs, func(b bug) bool { return len(names) > 0 && !slices.Contains(names, b.name) }), nil
}

func tryAll(ctx context.Context, bugs []bug) (exit int) {
	began, counts := time.Now(), map[verdict]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	next := make(chan bug)
	for range workers {
		all.Go(func() {
			for b := range next {
				started := time.Now()
				v, said := try(ctx, b)
				mu.Lock()
				counts[v]++
				fmt.Printf("%-9s %6.1f s  %s: %s\n", v, time.Since(started).Seconds(), b.name, b.sentence)
				if v == broken {
					fmt.Println(said)
				}
				mu.Unlock()
			}
		})
	}
	for _, b := range bugs {
		if ctx.Err() == nil {
			next <- b
		}
	}
	close(next)
	all.Wait()
	fmt.Printf("%d bugs: %d caught, %d survived, %d broken, in %v\n", len(bugs), counts[caught], counts[survived], counts[broken],
		time.Since(began).Round(time.Second))
	if counts[caught] != len(bugs) {
		return 1
	}
	return 0
}

// verdict is what became of a bug.
type verdict string

const (
	caught   verdict = "caught"
	survived verdict = "SURVIVED"
	broken   verdict = "BROKEN"
)

// try runs the tests of one bug.
func try(ctx context.Context, b bug) (verdict, string) {
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return broken, err.Error()
	}
	defer func() { _ = os.RemoveAll(scratch) }() // a leftover harms nobody
	overlay, err := b.overlay(scratch)
	if err != nil {
		return broken, err.Error()
	}
	args := append([]string{"test", "-overlay", overlay, "-count", "1", "-failfast", "-timeout", "5m"}, b.tests...)
	cmd := exec.CommandContext(ctx, "go", args...)
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return survived, ""
	case ctx.Err() != nil, !bytes.Contains(out, []byte("FAIL")), bytes.Contains(out, []byte("[build failed]")), bytes.Contains(out, []byte("[setup failed]")):
		return broken, string(out)
	default:
		return caught, ""
	}
}

// overlay writes the broken file and says where it stands in for which.
func (b bug) overlay(scratch string) (path string, err error) {
	src, err := os.ReadFile(b.file)
	if err != nil {
		return "", fmt.Errorf("reading what is to be broken: %w", err)
	}
	mutated, err := b.apply(string(src))
	if err != nil {
		return "", err
	}
	instead := filepath.Join(scratch, filepath.Base(b.file))
	truth, err := filepath.Abs(b.file)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", b.file, err)
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {truth: instead}})
	if err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	path = filepath.Join(scratch, "overlay.json")
	for name, content := range map[string]string{instead: mutated, path: string(list)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("writing the broken file: %w", err)
		}
	}
	return path, nil
}

// apply breaks the source.
func (b bug) apply(src string) (string, error) {
	if n := strings.Count(src, b.from); n != 1 {
		return "", fmt.Errorf("%s: its lines are %d times in %s instead of once", b.name, n, b.file)
	}
	return strings.Replace(src, b.from, b.to, 1), nil
}
