package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// everyState has an action in each state that there is, as the journal exports
// them.
func everyState(t *testing.T) []byte {
	t.Helper()
	var lines bytes.Buffer
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, state := range queue.States() {
		item := queue.Item{
			Action: action.Action{
				ID: "0198c1d2-0000-7000-8000-00000000000" + string(rune('a'+i%6)), Type: action.LogVisitType, Version: 1, Sequence: int64(i + 1),
				Actor: "=cmd|'/c calc'!A0", Lane: "visit:1", CreatedAt: at, Payload: json.RawMessage(`{"note":"\u001b[2J"}`),
			},
			State: state, Since: at, Damaged: state == queue.Failed,
			Outcome: &action.Outcome{Status: action.StatusReview, Code: action.VersionConflict, Error: "@SUM(1)\x1b[31m", ServerID: "-1"},
		}
		line, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	return lines.Bytes()
}

// exported writes in pieces, as the journal does.
func exported(t *testing.T, name string, lines []byte) string {
	t.Helper()
	var out bytes.Buffer
	e := &exporter{to: newForm(name, &out), each: func(int) {}}
	for len(lines) > 0 {
		n := min(100, len(lines))
		if _, err := e.Write(lines[:n]); err != nil {
			t.Fatal(err)
		}
		lines = lines[n:]
	}
	if err := e.to.end(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestExporter(t *testing.T) {
	lines := everyState(t)
	t.Run("the form of lines is the journal's own", func(t *testing.T) {
		if got := exported(t, "ndjson", lines); got != string(lines) {
			t.Errorf("got\n%s\nwant\n%s", got, lines)
		}
	})
	t.Run("a spreadsheet has a row of each state, and none that runs", func(t *testing.T) {
		rows, err := csv.NewReader(strings.NewReader(exported(t, "csv", lines))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(queue.States())+1 {
			t.Fatalf("%d rows", len(rows))
		}
		for i, state := range queue.States() {
			if got := rows[i+1][4]; got != string(state) {
				t.Errorf("row %d is %s, want %s", i+1, got, state)
			}
			for column, cell := range rows[i+1] {
				if cell != "" && cell != "-1" && strings.ContainsAny(cell[:1], "=+-@") {
					t.Errorf("%s would run: %q", rows[0][column], cell)
				}
			}
		}
	})
	t.Run("an empty journal is a spreadsheet with its head", func(t *testing.T) {
		if got := exported(t, "csv", nil); !strings.HasPrefix(got, "sequence,id,") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("what is to be read names each state and steers no terminal", func(t *testing.T) {
		got := exported(t, "text", lines)
		for _, state := range queue.States() {
			if !strings.Contains(got, string(state)+" since 2026-01-02") {
				t.Errorf("%s is not there", state)
			}
		}
		if strings.Contains(got, "\x1b") {
			t.Errorf("an escape is left in\n%q", got)
		}
	})
	t.Run("a line that is none ends it", func(t *testing.T) {
		e := &exporter{to: newForm("csv", &bytes.Buffer{}), each: func(int) {}}
		if _, err := e.Write([]byte("nonsense\n")); err == nil {
			t.Error("nonsense was exported")
		}
	})
}

func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "-5": "-5", "+49": "+49", "-1e3": "-1e3",
		"=1+1": "'=1+1", "+49 30 1": "'+49 30 1", "-2+3": "'-2+3", "@A1": "'@A1", "\t=1": "'\t=1", "\r=1": "'\r=1", " =1": "' =1", "＝1": "'＝1",
		`{"note":"=1"}`: `{"note":"=1"}`,
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}
