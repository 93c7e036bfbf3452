// Command bench measures what FieldPay promises about speed and size, and says
// of each property whether it holds:
//
//	go run ./internal/bench                 # the whole table: some minutes
//	go run ./internal/bench --only append,drain --json
//	go run ./internal/bench --docs docs     # writes performance.md and its plots
//
// Machines differ and are busy, so nearly every row is a ratio of two things
// that were measured in turns in the same run: an append and a bare flush, a
// server on SQLite and the same server on memory. A row has the median of
// several rounds, and the lowest and highest of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// flags is the command line.
type flags struct {
	Only   []string `help:"Only these rows: ${keys}." placeholder:"ROW"`
	Rounds int      `help:"Rounds of every ratio; 0 means 5, or 1 with --quick."`
	Quick  bool     `help:"Tiny sizes: shows that every row can be measured; the figures mean nothing."`
	JSON   bool     `name:"json" help:"Print JSON instead of the table."`
	Docs   string   `help:"Write performance.md and its plots into this folder." type:"existingdir" placeholder:"DIR"`
	Keep   string   `help:"Keep the long journals in this folder and use them again." placeholder:"DIR"`
	Rows   int      `help:"Size of the long history." default:"1000000"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if served, err := serveRole(ctx, os.Args[1:], os.Stdin, os.Stdout); served {
		exit(err)
		return
	}
	exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and prints. A row that misses its bar is no error: the table
// says so, and nothing that depends on a machine's mood fails a build.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	var f flags
	ended := false
	parser, err := kong.New(&f, kong.Name("bench"), kong.Description("Measure what must stay quick and small."),
		kong.Vars{"keys": strings.Join(keys(), ", ")}, kong.Writers(out, progress), kong.Exit(func(int) { ended = true }))
	if err != nil {
		return fmt.Errorf("reading the command line: %w", err)
	}
	if _, err := parser.Parse(args); err != nil || ended {
		return err
	}
	for _, key := range f.Only {
		if !slices.Contains(keys(), key) {
			return fmt.Errorf("there is no row %q; the rows are %s", key, strings.Join(keys(), ", "))
		}
	}
	b, err := newBench(f, progress)
	if err != nil {
		return err
	}
	b.args = args
	report := b.measure(ctx)
	ends := b.close()
	if f.Docs != "" && ctx.Err() == nil {
		ends = errors.Join(ends, report.writeDocs(f.Docs))
	}
	// Who stops a long run still gets what it has found.
	if f.JSON {
		return errors.Join(report.printJSON(out), ends, ctx.Err())
	}
	return errors.Join(report.print(out), ends, ctx.Err())
}
