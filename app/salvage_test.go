package app_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

// changeJournal changes rows outside FieldPay, which must be closed.
func (r *rep) changeJournal(statement string) {
	r.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(r.config.DataDir.Value, "journal.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := db.ExecContext(r.t.Context(), statement); err != nil {
		r.t.Error(err)
	}
	if err := db.Close(); err != nil {
		r.t.Error(err)
	}
}

// startBroken starts an app whose device cannot be opened.
func (r *rep) startBroken() {
	r.t.Helper()
	r.app = app.New(app.Options{Host: "test", Downloads: r.downloads, Device: r.options()})
	r.changes = r.app.Subscribe()
	r.Bridge = r.app.Bridge()
	if err := r.app.Start(r.t.Context()); action.CodeOf(err) != action.JournalDamaged {
		r.t.Errorf("got %v", err)
	}
}

func TestBridge_Salvage(t *testing.T) {
	t.Run("a sound journal is left alone", func(t *testing.T) {
		r := dayBefore(t).start()
		if _, err := r.Salvage(); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
		if s, err := r.Status(); err != nil || s.JournalDamaged {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("rows that were put back are told, and what is intact goes on", func(t *testing.T) {
		r := dayBefore(t)
		r.changeJournal(`UPDATE device SET acknowledged = 99`)
		r.start()
		if s, err := r.Status(); err != nil || !s.JournalDamaged {
			t.Fatalf("got %+v, %v", s, err)
		}
		done, err := r.Salvage()
		if err != nil || done.Rescued != 1 || done.Known != 1 || done.Aside == "" {
			t.Fatalf("got %+v, %v", done, err)
		}
		if s, err := r.Status(); err != nil || s.JournalDamaged || s.Unsent.Count != 1 {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("a journal that cannot be opened is salvaged, or stays as it is", func(t *testing.T) {
		r := dayBefore(t)
		path := filepath.Join(r.config.DataDir.Value, "journal.db")
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, 64<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		r.startBroken()
		if _, err := r.Status(); action.CodeOf(err) != action.JournalDamaged {
			t.Fatalf("got %v", err)
		}
		if _, err := r.Salvage(); action.CodeOf(err) != action.JournalDamaged {
			t.Errorf("got %v", err)
		}
		if err := os.WriteFile(path, sound, 0o600); err != nil {
			t.Fatal(err)
		}
		if done, err := r.Salvage(); err != nil || done.Rescued != 1 {
			t.Errorf("got %+v, %v", done, err)
		}
		if s, err := r.Status(); err != nil || s.Unsent.Count != 1 {
			t.Errorf("got %+v, %v", s, err)
		}
	})
}
