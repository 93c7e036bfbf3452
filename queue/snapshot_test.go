package queue_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"fieldpay/action"
	"fieldpay/queue"
)

func TestJournal_Snapshot(t *testing.T) {
	t.Run("is the journal as it was, and opens with its key", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, invoice("inv-1", 100))
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := j.Snapshot(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		second := keep(t, j, invoice("inv-2", 200))
		copied := openAt(t, path)
		defer closeJournal(t, copied)
		if report, err := copied.Verify(t.Context()); err != nil || !report.OK || report.Actions != 1 {
			t.Errorf("got %+v, %v", report, err)
		}
		if copied.DeviceID() != j.DeviceID() || get(t, copied, first.ID).Type != first.Type {
			t.Error("it is another journal")
		}
		if _, err := copied.Item(t.Context(), second.ID); action.CodeOf(err) != action.NotFound {
			t.Errorf("the copy has what came after it: %v", err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	})
	t.Run("overwrites nothing", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := journal(t).Snapshot(t.Context(), path); err == nil {
			t.Error("want an error")
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
			t.Errorf("got %q, %v", text, err)
		}
	})
	t.Run("takes over from one that was cut off, and leaves nothing where it fails", func(t *testing.T) {
		j := journal(t)
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := os.WriteFile(path+".part", []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := j.Snapshot(ended, path); err == nil {
			t.Error("want an error")
		}
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("got %v", err)
		}
		if err := j.Snapshot(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if found, err := fs.Glob(os.DirFS(filepath.Dir(path)), "*"); err != nil || len(found) != 1 {
			t.Errorf("files: %q, %v", found, err)
		}
	})
}

func TestSchema(t *testing.T) {
	if n := queue.Schema(); n < 1 {
		t.Errorf("got %d", n)
	}
}
