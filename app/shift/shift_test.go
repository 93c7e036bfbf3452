package shift_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app/shift"
	"fieldpay/internal/sealed"
)

func usd(minor int64) action.Money { return action.Money{Minor: minor, Currency: "usd"} }

func book(t *testing.T, o shift.Options) *shift.Book {
	t.Helper()
	b, err := shift.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func at(t *testing.T) shift.Options {
	t.Helper()
	return shift.Options{Path: filepath.Join(t.TempDir(), "shift"), Key: bytes.Repeat([]byte{3}, sealed.KeySize)}
}

func TestBook(t *testing.T) {
	o := at(t)
	morning := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	opened := shift.Shift{OpenedBy: "user-001", OpenedAt: morning, After: 7, Float: []action.Money{usd(10_000)}}
	t.Run("what is not open cannot be closed", func(t *testing.T) {
		if _, err := book(t, o).End(t.Context(), shift.Ending{}); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an open shift survives a restart, and is the only one", func(t *testing.T) {
		if err := book(t, o).Begin(t.Context(), opened); err != nil {
			t.Fatal(err)
		}
		got, open, err := book(t, o).Current(t.Context())
		if err != nil || !open || got.After != 7 || !got.OpenedAt.Equal(morning) {
			t.Errorf("got %+v, %v, %v", got, open, err)
		}
		if err := book(t, o).Begin(t.Context(), opened); action.CodeOf(err) != action.NotPossible {
			t.Errorf("a second one: %v", err)
		}
	})
	t.Run("the slip tells the difference, and stays", func(t *testing.T) {
		slip, err := book(t, o).End(t.Context(), shift.Ending{
			By: "user-002", At: morning.Add(8 * time.Hour), Through: 12, Note: "one coin short",
			Taken: []shift.Taken{{Money: usd(5_050), Payments: 2}}, Counted: []action.Money{usd(15_000)},
		})
		want := []shift.Line{{Currency: "usd", Float: 10_000, Taken: 5_050, Payments: 2, Expected: 15_050, Counted: 15_000, Difference: -50}}
		if err != nil || !slices.Equal(slip.Lines, want) {
			t.Fatalf("got %+v, %v", slip, err)
		}
		slips, err := book(t, o).Slips(t.Context())
		if err != nil || len(slips) != 1 || slips[0].ClosedBy != "user-002" || !slices.Equal(slips[0].Lines, want) || slips[0].Note != "one coin short" {
			t.Errorf("kept %+v, %v", slips, err)
		}
		if _, open, err := book(t, o).Current(t.Context()); open || err != nil {
			t.Errorf("it is still open: %v", err)
		}
	})
	t.Run("a file that cannot be read is told and not written over", func(t *testing.T) {
		if err := os.WriteFile(o.Path, []byte("foreign"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := book(t, o).Begin(t.Context(), opened); action.CodeOf(err) != action.StorageFailed {
			t.Errorf("got %v", err)
		}
		if text, err := os.ReadFile(o.Path); err != nil || string(text) != "foreign" {
			t.Errorf("it is %q now, %v", text, err)
		}
	})
}

func TestLines(t *testing.T) {
	s := shift.Shift{Float: []action.Money{{Minor: 500, Currency: "EUR"}}}
	got := shift.Lines(s, []shift.Taken{{Money: usd(100), Payments: 1}}, []action.Money{{Minor: 500, Currency: "eur"}, {Minor: 9, Currency: "jpy"}})
	want := []shift.Line{
		{Currency: "eur", Float: 500, Expected: 500, Counted: 500},
		{Currency: "jpy", Counted: 9, Difference: 9},
		{Currency: "usd", Taken: 100, Payments: 1, Expected: 100, Difference: -100},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}
