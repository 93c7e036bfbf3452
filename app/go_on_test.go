package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

// A data folder whose journal came back from a backup.
func TestBridge_GoOn(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	visit := func(note string) {
		t.Helper()
		if _, err := r.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: note, Outcome: "met"}); err != nil {
			t.Fatal(err)
		}
	}
	applied := func(n int) func(app.StatusDTO) bool {
		return func(s app.StatusDTO) bool { return s.Counts["applied"] == n }
	}
	visit("before the backup")
	r.until("the first is applied", applied(1))
	r.close()
	path := filepath.Join(r.config.DataDir.Value, "journal.db")
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r.start()
	visit("after the backup")
	r.until("the second is applied", applied(2))
	r.close()
	if err := os.WriteFile(path, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	visit("on the old journal")

	refused := func(s app.StatusDTO) bool { return s.Connection.Code == string(action.JournalRolledBack) }
	t.Run("nothing is sent, and the connection says why", func(t *testing.T) {
		s := r.until("the server refuses the journal", refused)
		if s.Connection.State != "degraded" || s.Unsent.Count != 1 {
			t.Errorf("got %+v", s)
		}
	})
	t.Run("a server that cannot be reached changes nothing", func(t *testing.T) {
		o.close()
		if err := r.GoOn(); action.CodeOf(err) != action.Offline {
			t.Errorf("got %v", err)
		}
		o.open()
	})
	t.Run("a person's decision sends what is open", func(t *testing.T) {
		if err := r.GoOn(); err != nil {
			t.Fatal(err)
		}
		s := r.until("it is applied", applied(2))
		if refused(s) || s.Unsent.Count != 0 {
			t.Errorf("got %+v", s)
		}
	})
}
