package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The part of performance.md that is written by this command stands between
// these marks. What is around them is written by people.
const (
	beginMark = "<!-- begin: written by make bench -->\n"
	endMark   = "<!-- end: written by make bench -->\n"
)

// writeDocs puts the table into performance.md in dir, and its plots beside the
// other pictures.
func (r report) writeDocs(dir string) error {
	page := filepath.Join(dir, "performance.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	updated, err := between(string(text), r.markdown())
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	for name, content := range map[string]string{
		page: updated,
		filepath.Join(dir, "pictures", "performance-bars.svg"):  r.barsPlot(),
		filepath.Join(dir, "pictures", "performance-rates.svg"): r.ratesPlot(),
	} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return fmt.Errorf("writing the docs: %w", err)
		}
	}
	return nil
}

// between replaces what stands between the marks.
func between(text, part string) (string, error) {
	before, rest, begins := strings.Cut(text, beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !begins || !ends {
		return "", fmt.Errorf("it has not both marks, %q and %q", strings.TrimSpace(beginMark), strings.TrimSpace(endMark))
	}
	return before + beginMark + part + endMark + after, nil
}

// markdown is the table with what was measured where.
func (r report) markdown() string {
	var b strings.Builder
	m := r.Machine
	fmt.Fprintf(&b, "\nMeasured %s at commit %s by `%s`, on %s, %d cores, %s, %s, %s; load before the run %s.\n\n",
		r.At.Format(time.DateOnly+" 15:04 UTC"), r.Commit, r.Command, m.CPU, m.Cores, m.Memory, m.System, m.Go, m.Load)
	b.WriteString("| row | property | measured | spread | must | aim | verdict | made of |\n|---|---|--:|--:|--:|--:|---|---|\n")
	for _, res := range r.Rows {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", res.Key, res.Property,
			res.measured(), res.spread(), res.Must, res.Aim, res.Verdict, strings.ReplaceAll(res.Detail, "|", "/"))
	}
	b.WriteString("\n![Every row against its bar](pictures/performance-bars.svg)\n\n![Actions a second](pictures/performance-rates.svg)\n\n")
	return b.String()
}
