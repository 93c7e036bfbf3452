package app_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"fieldpay/app"
	"fieldpay/app/event"
)

func TestBridge_Diagnostics(t *testing.T) {
	t.Run("a journal that was changed outside FieldPay is told after the start", func(t *testing.T) {
		r := dayBefore(t)
		db, err := sql.Open("sqlite", filepath.Join(r.config.DataDir.Value, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `UPDATE action SET state = 'discarded'`); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		r.start()
		told, err := r.Diagnostics()
		if err != nil || told.Journal.OK || told.Journal.Entries != 1 {
			t.Errorf("%+v, %v", told.Journal, err)
		}
		if !slices.ContainsFunc(told.Events, func(e app.EventDTO) bool { return e.Name == string(event.JournalSuspect) }) {
			t.Errorf("no event tells it: %+v", told.Events)
		}
	})
	t.Run("a sound journal is told as sound, at every call", func(t *testing.T) {
		r := dayBefore(t).start()
		for range 2 {
			if told, err := r.Diagnostics(); err != nil || !told.Journal.OK || told.Journal.Entries != 1 {
				t.Errorf("%+v, %v", told.Journal, err)
			}
		}
	})
}
