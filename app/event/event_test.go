package event_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
)

func open(t *testing.T, limit int64) (*event.Diary, string) {
	t.Helper()
	dir := t.TempDir()
	return event.Open(event.Options{Folder: dir, Limit: limit}), dir
}

func record(t *testing.T, d *event.Diary, name event.Name, fields event.Fields) {
	t.Helper()
	if err := d.Record(name, fields); err != nil {
		t.Fatal(err)
	}
}

func last(t *testing.T, d *event.Diary, limit int) []event.Event {
	t.Helper()
	events, err := d.Last(limit)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestDiary_Record(t *testing.T) {
	t.Run("an event keeps what its kind may carry and nothing else", func(t *testing.T) {
		d, _ := open(t, 0)
		record(t, d, event.ActionAdded, event.Fields{"actionId": "0198-abc", "type": action.LogVisitType, "note": "secret", "amount": int64(5)})
		record(t, d, event.ActionAdded, event.Fields{"actionId": "Ada Lovelace, 5 Main Street", "type": strings.Repeat("x", 65)})
		record(t, d, event.SyncStarted, event.Fields{"count": "many"})
		record(t, d, event.FetchAccounts, event.Fields{"accounts": 3, "milliseconds": 1500 * time.Millisecond, "invoices": true})
		events := last(t, d, 10)
		if len(events) != 4 || len(events[1].Fields)+len(events[2].Fields) != 0 {
			t.Fatalf("odd values were kept: %+v", events)
		}
		if got := events[3].Fields; len(got) != 2 || got["type"] != "log_visit" {
			t.Errorf("got %+v", got)
		}
		if got := events[0].Fields; len(got) != 2 || got["accounts"] != "3" || got["milliseconds"] != "1500" {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("an event of no known kind is not written", func(t *testing.T) {
		d, _ := open(t, 0)
		if err := d.Record("made_up", event.Fields{"code": "x"}); err == nil || len(last(t, d, 1)) != 0 {
			t.Error("it was written")
		}
	})

	t.Run("no field of any event takes what a person typed", func(t *testing.T) {
		d, dir := open(t, 1<<20)
		typed := []any{"Ada Lovelace", "4242 4242 4242 4242", "ada@example.com", "5 Main Street", []byte("Ada"), 4.2, fmt.Errorf("for Ada Lovelace"), "a/b", "\x00"}
		for _, name := range event.Names() {
			for _, value := range typed {
				fields := event.Fields{}
				for _, f := range name.Fields() {
					fields[f.Name] = value
				}
				record(t, d, name, fields)
			}
		}
		for _, e := range last(t, d, 1<<20) {
			if len(e.Fields) != 0 {
				t.Errorf("%s kept %q", e.Name, e.Fields)
			}
		}
		for _, file := range []string{"events.ndjson", "connections.ndjson"} {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil || strings.Contains(string(text), "Ada") {
				t.Errorf("%s: %v", file, err)
			}
		}
	})
}

func TestDiary_Last(t *testing.T) {
	t.Run("the newest come first, the size is limited, and a foreign line is left out", func(t *testing.T) {
		d, dir := open(t, 2000)
		for n := range 100 {
			record(t, d, event.SyncStarted, event.Fields{"count": n})
		}
		path := filepath.Join(dir, "events.ndjson")
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(`{"at":"2026-01-01T00:00:00Z","name":"sync_failed","fields":{"error":"Ada Lovelace"}}` + "\n" + `{"at":"2026-`); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		events := last(t, d, 3)
		if len(events) != 3 || len(events[0].Fields) != 0 || events[1].Fields["count"] != "99" || events[2].Fields["count"] != "98" {
			t.Errorf("got %+v", events)
		}
		for _, path := range []string{path, path + ".1"} {
			if info, err := os.Stat(path); err != nil || info.Size() > 2300 {
				t.Errorf("%s: %v, %v", path, info, err)
			}
		}
	})

	t.Run("a diary that does not exist is empty", func(t *testing.T) {
		d, _ := open(t, 0)
		if events := last(t, d, 5); events == nil || len(events) != 0 {
			t.Errorf("got %v", events)
		}
	})
}

func TestDiary_Connections(t *testing.T) {
	state := func(s string) event.Fields { return event.Fields{"state": s} }
	strip := func(t *testing.T, d *event.Diary, since time.Time) string {
		t.Helper()
		stretches, err := d.Connections(since, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for i, s := range stretches {
			if i > 0 && !stretches[i-1].To.Equal(s.From) {
				t.Errorf("a gap before %+v", s)
			}
			words = append(words, fmt.Sprintf("%s %v", s.State, s.To.Sub(s.From)))
		}
		return strings.Join(words, ", ")
	}

	t.Run("what was before counts, and a stop is no connection", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d, _ := open(t, 0)
			record(t, d, event.AppStarted, nil)
			record(t, d, event.Connection, state("offline"))
			time.Sleep(2 * time.Hour)
			since := time.Now().Add(-time.Hour)
			record(t, d, event.Connection, state("online"))
			time.Sleep(3 * time.Hour)
			record(t, d, event.AppStopped, nil)
			time.Sleep(time.Hour)
			if got := strip(t, d, since); got != "offline 1h0m0s, online 3h0m0s, not-running 1h0m0s" {
				t.Error(got)
			}
		})
	})

	t.Run("a program that died is not said to have been online until the next start", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d, _ := open(t, 0)
			since := time.Now()
			record(t, d, event.AppStarted, nil)
			record(t, d, event.Connection, state("online"))
			time.Sleep(time.Hour)
			record(t, d, event.SyncStarted, event.Fields{"count": 1})
			time.Sleep(5 * time.Hour)
			record(t, d, event.AppStarted, nil)
			time.Sleep(time.Minute)
			record(t, d, event.Connection, state("offline"))
			time.Sleep(time.Minute)
			if got := strip(t, d, since); got != "online 1h0m0s, not-running 5h0m0s,  1m0s, offline 1m0s" {
				t.Error(got)
			}
		})
	})

	t.Run("nothing known is said as nothing known", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d, _ := open(t, 0)
			if got := strip(t, d, time.Now().Add(-time.Hour)); got != " 1h0m0s" {
				t.Error(got)
			}
		})
	})
}
