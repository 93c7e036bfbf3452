// Command check runs every check that guards main: `make test` starts it after
// the programs are built.
//
//	go run ./build/check              all steps, in order
//	go run ./build/check vet go       only the steps of these names
//	go run ./build/check -long        the long forms instead, see [campaign]
//
// Each step prints one line with its time and what it counted; a step that
// fails also prints what its command said, and the others still run. The last
// line is the sum, "N passed, N failed", and the exit code is 1 when anything
// failed.
package main

import (
	"context"
	"flag"
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
	long := flag.Bool("long", false, "run the long forms instead of the checks of make test")
	var c campaign
	flag.Float64Var(&c.share, "share", 1, "how much of the long forms, 1 for all")
	flag.Uint64Var(&c.from, "from", 0, "the seed after which the long forms begin; 0 for one by the clock")
	flag.Parse()
	all := steps()
	if *long {
		var err error
		if all, err = c.steps(time.Now()); err != nil {
			fmt.Fprintln(os.Stderr, "check:", err)
			os.Exit(2)
		}
	}
	os.Exit(run(ctx, all, flag.Args()))
}

func run(ctx context.Context, all []step, only []string) int {
	start := time.Now()
	var sum tally
	for _, s := range all {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		fmt.Printf("%-16s ", s.name)
		if s.loud {
			fmt.Println()
		}
		began := time.Now()
		result := s.run(ctx)
		sum = sum.plus(result.tally)
		word := "ok"
		if result.failed > 0 {
			word = "FAILED"
		}
		if s.loud {
			fmt.Printf("%-16s ", s.name)
		}
		fmt.Printf("%-7s %7.1f s  %s\n", word, time.Since(began).Seconds(), result.summary())
		if result.failed > 0 && !s.loud {
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
