package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
)

func TestDiary(t *testing.T) {
	t.Run("an event keeps only what its kind may carry, and only plain tokens", func(t *testing.T) {
		d := newDiary(t.TempDir())
		for _, fields := range []map[string]any{
			{"actionId": "0198-abc", "type": action.LogVisitType, "note": "secret", "amount": int64(5)},
			{"actionId": "Ada Lovelace, 5 Main Street", "type": strings.Repeat("x", 65)},
			{"actionId": []byte("raw"), "type": nil},
		} {
			if err := d.record(QueueActionAdded, fields); err != nil {
				t.Fatal(err)
			}
		}
		events, err := d.last(10)
		if err != nil || len(events) != 3 {
			t.Fatalf("got %+v, %v", events, err)
		}
		if len(events[0].Fields)+len(events[1].Fields) != 0 {
			t.Errorf("odd values were kept: %+v", events)
		}
		if got := events[2].Fields; len(got) != 2 || got["type"] != "log_visit" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("numbers and durations are written as numbers", func(t *testing.T) {
		d := newDiary(t.TempDir())
		if err := d.record(FetchAccounts, map[string]any{"accounts": 3, "milliseconds": 1500 * time.Millisecond}); err != nil {
			t.Fatal(err)
		}
		events, err := d.last(1)
		if err != nil || events[0].Fields["accounts"] != "3" || events[0].Fields["milliseconds"] != "1500" {
			t.Errorf("got %+v, %v", events, err)
		}
	})
	t.Run("an event of no known kind carries nothing", func(t *testing.T) {
		d := newDiary(t.TempDir())
		if err := d.record("made_up", map[string]any{"code": "x"}); err != nil {
			t.Fatal(err)
		}
		if events, err := d.last(1); err != nil || len(events[0].Fields) != 0 {
			t.Errorf("got %+v, %v", events, err)
		}
	})
	t.Run("the newest come first, the size is limited, and a cut line does no harm", func(t *testing.T) {
		d := newDiary(t.TempDir())
		d.limit = 2000
		for n := range 100 {
			if err := d.record(SyncStarted, map[string]any{"count": n}); err != nil {
				t.Fatal(err)
			}
		}
		f, err := os.OpenFile(d.path, os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(`{"at":"2026-`); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		events, err := d.last(5)
		if err != nil || len(events) != 5 || events[0].Fields["count"] != "99" || events[4].Fields["count"] != "95" {
			t.Errorf("got %+v, %v", events, err)
		}
		for _, path := range []string{d.path, d.path + ".1"} {
			if info, err := os.Stat(path); err != nil || info.Size() > 2200 {
				t.Errorf("%s: %v, %v", path, info, err)
			}
		}
	})
	t.Run("a diary that does not exist is empty", func(t *testing.T) {
		if events, err := newDiary(t.TempDir()).last(5); err != nil || events == nil || len(events) != 0 {
			t.Errorf("got %v, %v", events, err)
		}
	})
}

func TestBound(t *testing.T) {
	b := New(Options{}).Bridge()
	b.app.start.Do(func() {
		b.app.running = &running{device: &Device{diary: newDiary(t.TempDir())}}
		close(b.app.opened)
	})
	t.Run("a panic is an error, without a result, and says what to do", func(t *testing.T) {
		var m map[string]int
		out, err := bound(b, "Test", none{}, func(_ context.Context, _ *running, _ none) (int, error) {
			m["x"] = 1
			return 7, nil
		})
		if out != 0 || action.CodeOf(err) != action.Internal {
			t.Errorf("got %d, %v", out, err)
		}
		text := FormatError(err)
		if !strings.Contains(text, `"hint":"Close FieldPay`) || strings.Contains(text, "goroutine") {
			t.Errorf("got %s", text)
		}
	})
	t.Run("a call is given a limited time", func(t *testing.T) {
		_, err := bound(b, "Test", none{}, func(ctx context.Context, _ *running, _ none) (none, error) {
			if _, limited := ctx.Deadline(); !limited {
				t.Error("there is no deadline")
			}
			return none{}, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestKindOf(t *testing.T) {
	t.Run("a foreign error is told by type and place, never by its text", func(t *testing.T) {
		got := kindOf(fmt.Errorf("x: %w", &action.Error{Op: "reading a form", Code: action.Internal, Cause: errors.New("Ada Lovelace")}))
		if got != "reading a form: *errors.errorString" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a panic is told with its stack and without its value", func(t *testing.T) {
		got := kindOf(panicError("calling X", "Ada Lovelace"))
		if strings.Contains(got, "Ada") || !strings.Contains(got, "goroutine") || !strings.HasPrefix(got, "calling X: panic: string") {
			t.Errorf("got %q", got)
		}
	})
}
