package main

import (
	"strings"
	"testing"
	"time"
)

func TestProgress_line(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name        string
		done, total int
		elapsed     time.Duration
		stillFor    time.Duration
		want        string
	}{
		{"the beginning", 0, 0, 0, 0, "Sending  0"},
		{"a count", 12345, 0, 5 * time.Second, 0, "Sending  12,345  2,469/s"},
		{"a share, with the time it will take", 400, 1000, 4 * time.Second, 0, "Sending  400 of 1,000  (40 %)  100/s  6s left"},
		{"nothing new", 400, 1000, 20 * time.Second, 12 * time.Second, "Sending  400 of 1,000  (40 %)  nothing new for 12 s"},
		{"the end", 1000, 1000, 10 * time.Second, 0, "Sending  1,000 of 1,000  (100 %)  100/s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := began.Add(c.elapsed)
			p := &progress{verb: "Sending", began: began, done: c.done, total: c.total, moved: now.Add(-c.stillFor)}
			if got := p.line(now); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// A text that came from outside must not steer the terminal.
func TestPlain(t *testing.T) {
	hostile := "refused\x1b[2J\x1b]0;owned\x07 by\r\nthe \u202eoffice\u0085"
	got := plain(hostile)
	if strings.ContainsAny(got, "\x1b\x07\r\n\u202e\u0085") || !strings.Contains(got, "by the office") {
		t.Errorf("got %q", got)
	}
}

func TestCut(t *testing.T) {
	for want, width := range map[string]int{"größer": 0, "grö…": 4, "größe…": 0} {
		in := "größer"
		if width == 0 {
			in = want
		}
		if got := cut(in, width); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
