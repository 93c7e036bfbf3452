// Command check runs every check that guards main: `make test` starts it after
// the programs are built.
//
//	go run ./build/check            all steps, in order
//	go run ./build/check lint go    only the steps of these names
//
// Each step prints one line with its time and what it counted; a step that
// fails also prints what its command said, and the others still run. The last
// line is the sum, "N passed, N failed", and the exit code is 1 when anything
// failed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, only []string) int {
	start := time.Now()
	var sum tally
	for _, s := range steps() {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		fmt.Printf("%-16s ", s.name)
		began := time.Now()
		result := s.run(ctx)
		sum = sum.plus(result.tally)
		word := "ok"
		if result.failed > 0 {
			word = "FAILED"
		}
		fmt.Printf("%-7s %7.1f s  %s\n", word, time.Since(began).Seconds(), result.summary())
		if result.failed > 0 {
			fmt.Printf("\n%s\n", result.said)
		}
	}
	fmt.Printf("%-16s %-7s %7.1f s\n\n", "all", "", time.Since(start).Seconds())
	if sum.passed+sum.failed == 0 {
		fmt.Fprintf(os.Stderr, "check: no step is called %q\n", only)
		return 2
	}
	fmt.Printf("%d passed, %d failed\n", sum.passed, sum.failed)
	if sum.failed > 0 {
		return 1
	}
	return 0
}
