package main

import (
	"strings"
	"testing"
	"time"
)

func TestReadChangelog(t *testing.T) {
	r := edition{version: "1.3.0", at: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	t.Run("what is unreleased belongs to the version being packaged", func(t *testing.T) {
		const text = "# Changelog\n\n- no version yet\n\n## [Unreleased]\n\n### Added\n\n- New: `thing`.\n\n## [1.2.0] - 2026-10-01\n\n### Fixed\n\n- Old.\n"
		got, err := readChangelog(strings.NewReader(text), r)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0].Version != "1.3.0" || !got[0].Date.Equal(r.at) || got[0].Changes[0].Note != "New: thing." {
			t.Fatalf("got %+v", got)
		}
		if got[1].Version != "1.2.0" || got[1].Date.Format(time.DateOnly) != "2026-10-01" || got[1].Changes[0].Note != "Old." {
			t.Fatalf("got %+v", got[1])
		}
	})
	t.Run("a version without changes is left out", func(t *testing.T) {
		got, err := readChangelog(strings.NewReader("## [Unreleased]\n\n## [1.3.0] - 2026-11-22\n\n- Done.\n"), r)
		if err != nil || len(got) != 1 || got[0].Version != "1.3.0" {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
	t.Run("no line is longer than Debian takes", func(t *testing.T) {
		var out strings.Builder
		r := edition{version: "1.3.0-rc.1", at: r.at}
		if err := writeDebian(&out, strings.NewReader("## [Unreleased]\n- "+strings.Repeat("many words ", 40)+"\n"), r); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if len(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("a line has %d letters: %q", len(line), line)
			}
		}
		const first, last = "fieldpay (1.3.0~rc.1-1) stable; urgency=medium\n", " -- " + maintainer + "  Sun, 22 Nov 2026 08:00:00 +0000\n"
		if got := out.String(); !strings.HasPrefix(got, first) || !strings.HasSuffix(got, last) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a changelog that says nothing is refused", func(t *testing.T) {
		if _, err := readChangelog(strings.NewReader("# Changelog\n"), r); err == nil {
			t.Error("want an error")
		}
		if _, err := readChangelog(strings.NewReader("## [1.0.0]\n- no date\n"), r); err == nil {
			t.Error("a version without a date: want an error")
		}
	})
}

func TestFourPart(t *testing.T) {
	for version, want := range map[string]string{
		"1.2.3": "1.2.3.0", "0.0.0-dev+0123456789ab": "0.0.0.0", "10.20.30-rc.1": "10.20.30.0",
		"": "", "1.2": "", "1.2.3.4": "", "1.2.70000": "", "v1.2.3": "",
	} {
		t.Run("version "+version, func(t *testing.T) {
			got, err := fourPart(version)
			if got != want || (err == nil) != (want != "") {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}
