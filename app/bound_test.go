package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app/event"
)

func TestBound(t *testing.T) {
	b := New(Options{}).Bridge()
	b.app.start.Do(func() {
		b.app.running = &running{device: &Device{diary: event.Open(event.Options{Folder: t.TempDir()})}, door: &door{}}
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
