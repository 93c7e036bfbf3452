package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"fieldpay/bff"
	"fieldpay/bff/sqlite"
)

// BenchmarkStore is what each signed request costs beside what it is about: its
// nonce, which does not wait for the disk, against a row that does.
func BenchmarkStore(b *testing.B) {
	store, err := sqlite.Open(b.Context(), sqlite.Options{Path: filepath.Join(b.TempDir(), "bff.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	n := 0
	b.Run("nonce", func(b *testing.B) {
		for b.Loop() {
			n++
			if fresh, err := store.Remember(b.Context(), "device", fmt.Sprint("nonce ", n), time.Now()); err != nil || !fresh {
				b.Fatal(fresh, err)
			}
		}
	})
	b.Run("event", func(b *testing.B) {
		for b.Loop() {
			n++
			if fresh, err := store.Receive(b.Context(), bff.ReceivedEvent{ID: fmt.Sprint("evt_", n), ReceivedAt: time.Now()}); err != nil || !fresh {
				b.Fatal(fresh, err)
			}
		}
	})
}
