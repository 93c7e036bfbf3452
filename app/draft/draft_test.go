package draft_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/app/draft"
)

func open(t *testing.T, path string, key byte) *draft.Book {
	t.Helper()
	b, err := draft.Open(draft.Options{Path: path, Key: bytes.Repeat([]byte{key}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func named(name, values string) draft.Draft {
	return draft.Draft{Name: name, ActionID: "id-" + name, Address: "/invoices/new", Values: json.RawMessage(values)}
}

func keep(t *testing.T, b *draft.Book, person string, d draft.Draft) {
	t.Helper()
	if err := b.Keep(t.Context(), person, d); err != nil {
		t.Fatalf("keeping %s: %v", d.Name, err)
	}
}

func names(t *testing.T, b *draft.Book, person string) string {
	t.Helper()
	list, err := b.List(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range list {
		out = append(out, d.Name)
	}
	return strings.Join(out, " ")
}

func TestBook_Keep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "drafts.sealed")
	t.Run("what was typed is there for the next process, the last first", func(t *testing.T) {
		b := open(t, path, 1)
		keep(t, b, "ada", named("a", `{"note":"Secret plan"}`))
		keep(t, b, "ada", named("b", `{}`))
		keep(t, b, "ada", named("a", `{"note":"Secret plan 2"}`))
		if got := names(t, open(t, path, 1), "ada"); got != "a b" {
			t.Errorf("got %q", got)
		}
		list, err := open(t, path, 1).List(t.Context(), "ada")
		if err != nil || string(list[0].Values) != `{"note":"Secret plan 2"}` || list[0].ActionID != "id-a" || list[0].At.IsZero() {
			t.Errorf("got %+v, %v", list, err)
		}
	})
	t.Run("nobody else sees it, and the disk does not show it", func(t *testing.T) {
		if got := names(t, open(t, path, 1), "bob"); got != "" {
			t.Errorf("bob sees %q", got)
		}
		raw, err := os.ReadFile(path)
		if err != nil || bytes.Contains(raw, []byte("Secret")) || bytes.Contains(raw, []byte("ada")) {
			t.Errorf("the file can be read: %v", err)
		}
		if got := names(t, open(t, path, 2), "ada"); got != "" {
			t.Errorf("another key opens %q", got)
		}
	})
	t.Run("what is no form is refused", func(t *testing.T) {
		b := open(t, path, 1)
		for want, d := range map[action.Code]draft.Draft{
			action.TooLarge:   named("x", `"`+strings.Repeat("a", draft.MaxValues)+`"`),
			action.BadRequest: named("", `{}`),
		} {
			if err := b.Keep(t.Context(), "ada", d); action.CodeOf(err) != want {
				t.Errorf("got %v instead of %s", err, want)
			}
		}
		elsewhere, broken := named("x", `{}`), named("x", `{`)
		elsewhere.Address = "https://example.com/"
		for _, d := range []draft.Draft{elsewhere, broken} {
			if err := b.Keep(t.Context(), "ada", d); action.CodeOf(err) != action.BadRequest {
				t.Errorf("got %v", err)
			}
		}
		if got := names(t, b, "ada"); got != "a b" {
			t.Errorf("a refusal changed the book to %q", got)
		}
	})
	t.Run("a form that was dropped is gone, and only that one", func(t *testing.T) {
		b := open(t, path, 1)
		if err := b.Drop(t.Context(), "ada", "a", "never there"); err != nil {
			t.Fatal(err)
		}
		if got := names(t, b, "ada"); got != "b" {
			t.Errorf("got %q", got)
		}
	})
}

func TestBook_Bounds(t *testing.T) {
	t.Run("the oldest goes when there are too many", func(t *testing.T) {
		b := open(t, filepath.Join(t.TempDir(), "drafts.sealed"), 1)
		for i := range draft.MaxDrafts + 2 {
			keep(t, b, "ada", named(fmt.Sprintf("form-%02d", i), `{}`))
		}
		keep(t, b, "bob", named("his", `{}`))
		got := strings.Fields(names(t, b, "ada"))
		if len(got) != draft.MaxDrafts || got[len(got)-1] != "form-02" {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a form waits thirty days", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "drafts.sealed")
		synctest.Test(t, func(t *testing.T) {
			b := open(t, path, 1)
			keep(t, b, "ada", named("old", `{}`))
			time.Sleep(draft.MaxAge - time.Hour)
			keep(t, b, "ada", named("new", `{}`))
			if got := names(t, b, "ada"); got != "new old" {
				t.Errorf("before: %q", got)
			}
			time.Sleep(2 * time.Hour)
			if got := names(t, b, "ada"); got != "new" {
				t.Errorf("after: %q", got)
			}
		})
	})
	t.Run("a disk that does not take it is told", func(t *testing.T) {
		b := open(t, filepath.Join(t.TempDir(), "gone", "drafts.sealed"), 1)
		if err := b.Keep(context.Background(), "ada", named("a", `{}`)); err == nil {
			t.Error("kept nowhere")
		}
	})
}
