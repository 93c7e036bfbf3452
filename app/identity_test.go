package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"

	"fieldpay/action"
	"fieldpay/app"
)

// dayBefore is a data folder with an action in it, closed in order.
func dayBefore(t *testing.T) *rep {
	t.Helper()
	r := newRep(t, "http://127.0.0.1:1")
	d := openDevice(t, r)
	_, err := d.Append(t.Context(), app.Entry{Type: "log_visit", Payload: []byte(`{"accountId":"acc-001","note":"n","outcome":"met"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

func openDevice(t *testing.T, r *rep) *app.Device {
	t.Helper()
	d, err := app.OpenDevice(t.Context(), r.options())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDevice_LostJournal(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"emptied":    func(path string) error { return os.Truncate(path, 0) },
		"taken away": os.Remove,
	} {
		t.Run("a journal that was "+name+" is told, at every start", func(t *testing.T) {
			r := dayBefore(t)
			if err := lose(filepath.Join(r.config.DataDir.Value, "journal.db")); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				d, err := app.OpenDevice(t.Context(), r.options())
				if action.CodeOf(err) != action.JournalDamaged {
					t.Errorf("opening %v: %v", d, err)
				}
			}
		})
	}
	t.Run("a first start that ended before the id was noted is gone on with", func(t *testing.T) {
		r := dayBefore(t)
		if err := os.Remove(filepath.Join(r.config.DataDir.Value, "device.sealed")); err != nil {
			t.Fatal(err)
		}
		wantOneAction(t, r)
	})
	t.Run("a first start that ended before the journal was made is gone on with", func(t *testing.T) {
		r := dayBefore(t)
		for _, name := range []string{"device.sealed", "journal.db"} {
			if err := os.Remove(filepath.Join(r.config.DataDir.Value, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := openDevice(t, r).Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("an id that cannot be read keeps nobody from a sound journal, and is noted again", func(t *testing.T) {
		r := dayBefore(t)
		path := filepath.Join(r.config.DataDir.Value, "device.sealed")
		if err := os.WriteFile(path, []byte("noise"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantOneAction(t, r)
		if b, err := os.ReadFile(path); err != nil || string(b) == "noise" {
			t.Errorf("the id is %q, %v", b, err)
		}
	})
}

func wantOneAction(t *testing.T, r *rep) {
	t.Helper()
	d := openDevice(t, r)
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	counts, err := d.Journal().Counts(t.Context())
	if err != nil || counts.Unsent != 1 {
		t.Errorf("%d unsent, %v", counts.Unsent, err)
	}
}

func TestSalvageJournal(t *testing.T) {
	t.Run("what is intact comes back under its ids, and the device opens again", func(t *testing.T) {
		r := dayBefore(t)
		rescue, err := app.SalvageJournal(t.Context(), r.options())
		if err != nil || rescue.Rescued != 1 || rescue.Known != 1 {
			t.Fatalf("got %+v, %v", rescue, err)
		}
		if _, err := os.Stat(rescue.Aside); err != nil {
			t.Errorf("the damaged file is gone: %v", err)
		}
		d := openDevice(t, r)
		report, err := d.Journal().Verify(t.Context())
		if err != nil || !report.OK || report.Actions != 1 {
			t.Errorf("got %+v, %v", report, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("not while FieldPay sends from it", func(t *testing.T) {
		r := dayBefore(t)
		lock := flock.New(filepath.Join(r.config.DataDir.Value, "replay.lock"))
		if held, err := lock.TryLock(); err != nil || !held {
			t.Fatal(held, err)
		}
		defer lock.Close()
		if _, err := app.SalvageJournal(t.Context(), r.options()); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
}
