package queue_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"fieldpay/action"
	"fieldpay/queue"
)

func TestOpen_expect(t *testing.T) {
	expecting := func(path, id string) error {
		j, err := queue.Open(context.Background(), queue.Options{Path: path, Key: key(), Expect: id})
		if err == nil {
			closeJournal(t, j)
		}
		return err
	}
	t.Run("opens the journal that is expected, and no other", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		j := openAt(t, path)
		id := j.DeviceID()
		closeJournal(t, j)
		if err := expecting(path, id); err != nil {
			t.Error(err)
		}
		wantCode(t, expecting(path, "somebody else"), action.JournalDamaged)
	})
	t.Run("makes none where one is expected", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		wantCode(t, expecting(path, "device-1"), action.JournalDamaged)
		if _, err := os.Stat(path); err == nil {
			t.Error("a journal was made")
		}
	})
	t.Run("keeps the log beside an empty file", func(t *testing.T) {
		from, to := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "journal.db")
		j := openAt(t, from)
		defer closeJournal(t, j)
		keep(t, j, visit("acc-001"))
		log, err := os.ReadFile(from + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		for path, content := range map[string][]byte{to: nil, to + "-wal": log} {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, expecting(to, j.DeviceID()), action.JournalDamaged)
		if after, err := os.ReadFile(to + "-wal"); err != nil || len(after) != len(log) {
			t.Errorf("of %d bytes %d are left, %v", len(log), len(after), err)
		}
	})
}
