package queue

import (
	"bytes"
	"testing"
	"time"
)

// FuzzDecodeFirst feeds the decoder what a damaged or foreign journal may hold.
func FuzzDecodeFirst(f *testing.F) {
	whole, err := encodeFirst(header{ID: "a", Type: "log_visit", Lane: "visit:a", CreatedAt: time.Unix(0, 0).UTC()}, []byte(`{"note":"x"}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, '{', '}'})
	f.Fuzz(func(t *testing.T, plain []byte) {
		h, payload, err := decodeFirst(1, plain)
		if err != nil {
			return
		}
		again, err := encodeFirst(h, payload)
		if err != nil {
			return // a time that JSON cannot write: read, but never written by us
		}
		h2, payload2, err := decodeFirst(1, again)
		if err != nil || h2.ID != h.ID || h2.Lane != h.Lane || h2.Place != h.Place || !bytes.Equal(payload, payload2) {
			t.Errorf("%+v became %+v, %v", h, h2, err)
		}
	})
}

// FuzzDecodeNote feeds the decoder of later entries.
func FuzzDecodeNote(f *testing.F) {
	f.Add([]byte(`{"by":"rep-1","outcome":{"id":"a","status":"applied","class":"applied"}}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, plain []byte) {
		n, err := decodeNote(1, plain)
		if err == nil && !n.empty() {
			if _, err := encodeNote(n); err != nil && (n.Outcome == nil || n.Outcome.OutcomeAt.Year() <= 9999) {
				t.Errorf("a note that was read cannot be written: %v", err)
			}
		}
	})
}

func TestSlept(t *testing.T) {
	t.Run("a sleep is a wall clock that ran ahead of the monotonic one", func(t *testing.T) {
		if slept(15*time.Second, 15*time.Second) || slept(40*time.Second, 15*time.Second) || slept(-time.Hour, time.Second) {
			t.Error("an ordinary wait, a small correction or a clock set back counts as a sleep")
		}
		if !slept(8*time.Hour, 15*time.Second) {
			t.Error("a night does not count as a sleep")
		}
	})
}

func TestEntry_link(t *testing.T) {
	t.Run("texts cannot flow into each other", func(t *testing.T) {
		k, err := deriveKeys(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		one := &entry{cause: "ab", from: "c"}
		two := &entry{cause: "a", from: "bc"}
		if bytes.Equal(one.link(k.newMAC(), nil), two.link(k.newMAC(), nil)) {
			t.Error("two rows have one link")
		}
	})
}
