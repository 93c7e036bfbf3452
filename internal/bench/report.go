package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is what a run found.
type report struct {
	At      time.Time `json:"at"`
	Machine machine   `json:"machine"`
	Command string    `json:"command"`
	Commit  string    `json:"commit"`
	Quick   bool      `json:"quick"`
	Rows    []result  `json:"rows"`
}

// machine describes where it was measured, without naming it.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory string `json:"memory"`
	System string `json:"system"`
	Go     string `json:"go"`
	// Load is how many programs wanted a core in the minute before.
	Load string `json:"load"`
}

// result is one row as it came out.
type result struct {
	Key      string    `json:"key"`
	Property string    `json:"property"`
	Unit     string    `json:"unit,omitempty"`
	Measured *float64  `json:"measured"`
	Lowest   *float64  `json:"lowest"`
	Highest  *float64  `json:"highest"`
	Rounds   []float64 `json:"rounds"`
	Must     string    `json:"must"`
	Aim      string    `json:"aim"`
	Verdict  string    `json:"verdict"`
	Detail   string    `json:"detail"`
	Rates    []rate    `json:"rates,omitempty"`
	row      row
}

func newReport(b *bench) report {
	r := report{At: time.Now().UTC(), Machine: describe(), Quick: b.Quick, Command: strings.Join(append([]string{"go run ./internal/bench"}, b.args...), " ")}
	if out, err := exec.CommandContext(context.Background(), "git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		r.Commit = strings.TrimSpace(string(out))
	}
	return r
}

func (r *report) add(key string, f found, err error) {
	all := rows()
	def := all[slices.IndexFunc(all, func(one row) bool { return one.key == key })]
	res := result{
		Key: key, Property: def.property, Unit: def.unit, Rounds: f.rounds, Detail: f.detail, Rates: f.rates, row: def,
		Verdict: def.verdict(median(f.rounds)), Must: def.bar(def.must), Aim: def.bar(def.aim),
	}
	if res.Rounds == nil {
		res.Rounds = []float64{}
	}
	if len(f.rounds) > 0 {
		middle, low, high := median(f.rounds), slices.Min(f.rounds), slices.Max(f.rounds)
		res.Measured, res.Lowest, res.Highest = &middle, &low, &high
	} else if err != nil {
		res.Detail = strings.Join(strings.Fields(err.Error()), " ")
	}
	r.Rows = append(r.Rows, res)
}

// sort brings the rows into the order of the table.
func (r *report) sort() {
	order := keys()
	slices.SortFunc(r.Rows, func(a, b result) int { return slices.Index(order, a.Key) - slices.Index(order, b.Key) })
}

// bar writes a bar as it is read: "≤ 1.6".
func (r row) bar(v float64) string {
	switch {
	case r.informs:
		return "-"
	case r.atLeast:
		return "≥ " + figure(v, r.unit)
	default:
		return "≤ " + figure(v, r.unit)
	}
}

// figure writes a number with as many digits as it deserves.
func figure(v float64, unit string) string {
	if math.IsNaN(v) {
		return "-"
	}
	text := fmt.Sprintf("%.2f", v)
	switch {
	case v >= 100 || unit == "MiB":
		text = fmt.Sprintf("%.0f", v)
	case v >= 10:
		text = fmt.Sprintf("%.1f", v)
	case v < 0.1:
		text = fmt.Sprintf("%.3f", v)
	}
	if unit == "" {
		return text
	}
	return text + " " + unit
}

func (res result) measured() string {
	if res.Measured == nil {
		return "-"
	}
	return figure(*res.Measured, res.Unit)
}

func (res result) spread() string {
	if res.Lowest == nil || len(res.Rounds) < 2 {
		return ""
	}
	return figure(*res.Lowest, "") + "–" + figure(*res.Highest, "")
}

// print writes the table for people.
func (r report) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "row\tmeasured\tspread\tmust\taim\tverdict\tproperty\tmade of")
	for _, res := range r.Rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", res.Key, res.measured(), res.spread(), res.Must, res.Aim, res.Verdict, res.Property, res.Detail)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	m := r.Machine
	_, err := fmt.Fprintf(w, "\n%s, %d cores, %s, %s, %s, load %s; commit %s, %s\n",
		m.CPU, m.Cores, m.Memory, m.System, m.Go, m.Load, r.Commit, r.At.Format(time.DateTime+" UTC"))
	return err
}

func (r report) printJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func describe() machine {
	m := machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), CPU: "unknown processor", Memory: "unknown memory", Load: "unknown"}
	if v := valueIn("/proc/cpuinfo", "model name"); v != "" {
		m.CPU = v
	}
	var kib int
	if _, err := fmt.Sscan(valueIn("/proc/meminfo", "MemTotal"), &kib); err == nil {
		m.Memory = fmt.Sprintf("%.0f GiB", math.Round(float64(kib)/(1<<20)))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(text), " ")
	}
	return m
}

// valueIn finds "name: value" in a file of the kernel's.
func valueIn(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
