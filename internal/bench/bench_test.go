package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's program be started again as a measured server, as
// the bench starts itself.
func TestMain(m *testing.M) {
	if served, err := serveRole(context.Background(), os.Args[1:], os.Stdin, os.Stdout); served {
		exit(err)
		return
	}
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	t.Run("the quick form measures every row but the window, which wants a display", func(t *testing.T) {
		wanted := slices.DeleteFunc(keys(), func(key string) bool { return key == "window" })
		var out, said bytes.Buffer
		if err := run(t.Context(), []string{"--quick", "--json", "--only", strings.Join(wanted, ",")}, &out, &said); err != nil {
			t.Fatal(err)
		}
		var r report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, res := range r.Rows {
			got = append(got, res.Key)
			if res.Measured == nil || *res.Measured <= 0 || res.Verdict == "not measured" {
				t.Errorf("%s was not measured: %s", res.Key, res.Detail)
			}
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("rows %v, want %v", got, wanted)
		}
	})
	t.Run("a row that does not exist is refused with those that do", func(t *testing.T) {
		err := run(t.Context(), []string{"--only", "speed"}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "flat-append") {
			t.Errorf("got %v", err)
		}
	})
}

// sample is a report without a run.
func sample() report {
	r := report{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Command: "make bench", Machine: machine{CPU: "a <fast> one", Cores: 2}}
	r.add("append", found{rounds: []float64{1.2, 1.1, 1.4}, detail: "a / b"}, nil)
	r.add("callers", found{rounds: []float64{3}, rates: []rate{{"1 caller", 10}, {"32 callers", 30}}}, nil)
	r.add("window", found{}, errors.New("there is\nno display"))
	r.add("seal", found{rounds: []float64{0.02}}, nil)
	return r
}

func TestReport_print(t *testing.T) {
	var out bytes.Buffer
	if err := sample().print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"append", "1.20", "1.10–1.40", "≤ 1.60", "aims", "MISSED", "not measured", "there is no display"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, out.String())
		}
	}
}

func TestReport_writeDocs(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pictures"), 0o700); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "performance.md")
	if err := os.WriteFile(page, []byte("before\n"+beginMark+"old\n"+endMark+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sample().writeDocs(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.HasPrefix(s, "before\n") || !strings.HasSuffix(s, "after\n") || strings.Contains(s, "old") || !strings.Contains(s, "| `append` |") {
		t.Errorf("the page is\n%s", text)
	}
	for _, name := range []string{"performance-bars.svg", "performance-rates.svg"} {
		picture, err := os.ReadFile(filepath.Join(dir, "pictures", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(picture, []byte("<title")) || !bytes.Contains(picture, []byte("<desc")) {
			t.Errorf("%s says nothing to who cannot see it", name)
		}
		for dec := xml.NewDecoder(bytes.NewReader(picture)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func TestBetween(t *testing.T) {
	if _, err := between("a page without marks", "part"); err == nil {
		t.Error("a page without marks was written")
	}
}

func TestRow_verdict(t *testing.T) {
	less, more := row{must: 2, aim: 1}, row{must: 1, aim: 2, atLeast: true}
	for _, c := range []struct {
		row  row
		v    float64
		want string
	}{
		{less, 1, "aims"}, {less, 1.5, "ok"}, {less, 2.1, "MISSED"}, {more, 2, "aims"}, {more, 1.5, "ok"}, {more, 0.9, "MISSED"},
		{less, math.NaN(), "not measured"}, {row{informs: true}, 5, "-"},
	} {
		if got := c.row.verdict(c.v); got != c.want {
			t.Errorf("%+v at %v: %s, want %s", c.row, c.v, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for want, list := range map[float64][]float64{2: {3, 1, 2}, 2.5: {4, 1, 2, 3}} {
		if got := median(list); got != want {
			t.Errorf("%v: %v, want %v", list, got, want)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestInvoice(t *testing.T) {
	seen := map[string]bool{}
	for n := range 100 {
		p := invoice(n)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		seen[fmt.Sprint(*p)] = true
	}
	if len(seen) != 100 {
		t.Errorf("100 invoices have %d contents: they would be packed too well", len(seen))
	}
}

// A line carries what it is given, no faster than it is, and half a round trip
// late.
func TestLane_take(t *testing.T) {
	l := &lane{bytesPerSecond: 1000}
	began := time.Now()
	first, second := l.take(100), l.take(100)
	if first.Before(began.Add(100*time.Millisecond)) || second.Sub(first) != 100*time.Millisecond {
		t.Errorf("100 bytes are through after %v, the next after %v more", first.Sub(began), second.Sub(first))
	}
	if l.sent.Load() != 200 {
		t.Errorf("%d bytes are counted", l.sent.Load())
	}
}
