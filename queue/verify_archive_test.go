package queue_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// Invariant 9, in the archive.
func TestJournal_Verify_archive(t *testing.T) {
	for name, statement := range map[string]string{
		"a removed entry":            `DELETE FROM entry WHERE position = 7`,
		"a changed entry":            `UPDATE entry SET at = at + 1 WHERE position = 7`,
		"two entries swapped":        `UPDATE entry SET position = -1 WHERE position = 7; UPDATE entry SET position = 7 WHERE position = 8; UPDATE entry SET position = 8 WHERE position = -1`,
		"its end cut off":            `DELETE FROM entry WHERE position > 20`,
		"a removed action":           `DELETE FROM action WHERE sequence = 4`,
		"a changed action":           `UPDATE action SET state = 'discarded' WHERE sequence = 4`,
		"another payload":            `UPDATE entry SET sealed = (SELECT e.sealed FROM entry e WHERE e.position = 2) WHERE position = 1`,
		"an emptied archive":         `DELETE FROM entry; DELETE FROM action`,
		"an action that never was":   `UPDATE action SET sequence = 400 WHERE sequence = 4`,
		"an entry behind its end":    `INSERT INTO entry SELECT 500, prior, sequence, cause, from_state, to_state, attempt, next_at, at, code, sealed, mac FROM entry WHERE position = 1`,
		"a copy with other contents": `INSERT INTO entry SELECT 31, prior, sequence, cause, from_state, to_state, attempt, next_at, at, code, sealed, mac FROM entry WHERE position = 1`,
	} {
		t.Run(name+" is told", func(t *testing.T) {
			aged(t, settled, func(d *device) {
				d.archive()
				wantSound(t, d.journal)
				d.shut()
				edit(t, d.archivePath(), statement)
				d.open()
				wantTold(t, d.journal)
			})
		})
	}
	t.Run("an archive that is gone is told, and what is open goes on", func(t *testing.T) {
		aged(t, settled, func(d *device) {
			d.archive()
			d.shut()
			if err := os.Remove(d.archivePath()); err != nil {
				t.Fatal(err)
			}
			d.open()
			wantTold(t, d.journal)
			if got := listedItems(t, d.journal); len(got) != 1 {
				t.Errorf("listed %d", len(got))
			}
			d.run()
			d.after(time.Minute)
			d.stop()
			wantState(t, d.journal, listedItems(t, d.journal)[0].ID, queue.Applied)
			_, err := d.journal.Item(context.Background(), action.NewID())
			wantCode(t, err, action.JournalDamaged)
			d.after(year + time.Hour)
			keep(t, d.journal, visit("acc-2"))
			_, err = d.journal.Archive(context.Background(), time.Now().Add(-time.Hour))
			wantCode(t, err, action.JournalDamaged)
			if _, err := os.Stat(d.archivePath()); err == nil {
				t.Error("an empty archive was made in its place")
			}
		})
	})
	t.Run("an older archive in its place is told", func(t *testing.T) {
		aged(t, settled, func(d *device) {
			d.archive()
			d.shut()
			older, err := os.ReadFile(d.archivePath())
			if err != nil {
				t.Fatal(err)
			}
			d.open()
			d.after(year + time.Hour)
			keep(t, d.journal, visit("acc-2"))
			d.archive()
			d.shut()
			if err := os.WriteFile(d.archivePath(), older, 0o600); err != nil {
				t.Fatal(err)
			}
			d.open()
			wantTold(t, d.journal)
		})
	})
	t.Run("an older journal before its archive is told", func(t *testing.T) {
		aged(t, settled, func(d *device) {
			d.shut()
			older, err := os.ReadFile(d.path)
			if err != nil {
				t.Fatal(err)
			}
			d.open()
			for range 5 {
				keep(t, d.journal, visit("acc-2"))
			}
			d.run()
			d.stop()
			d.after(year + time.Hour)
			keep(t, d.journal, visit("acc-3"))
			d.archive()
			d.shut()
			if err := os.WriteFile(d.path, older, 0o600); err != nil {
				t.Fatal(err)
			}
			d.open()
			keep(t, d.journal, visit("acc-4"))
			edit(t, d.path, `UPDATE device SET archived = 30`) // as a thief would
			wantTold(t, d.journal)
		})
	})
}

func wantTold(t *testing.T, j *queue.Journal) {
	t.Helper()
	report, err := j.Verify(context.Background())
	if err != nil && action.CodeOf(err) != action.JournalDamaged {
		t.Fatal(err)
	}
	if err == nil && report.OK {
		t.Error("nothing is told")
	}
}

// A salvage takes what the archive has too.
func TestSalvage_archive(t *testing.T) {
	for name, damage := range map[string]string{
		"with a sound archive":   "",
		"with a damaged archive": `DELETE FROM entry WHERE position = 7`,
	} {
		t.Run(name, func(t *testing.T) {
			aged(t, settled, func(d *device) {
				d.archive()
				all := exportedStates(t, d.journal)
				device := d.journal.DeviceID()
				d.shut()
				if damage != "" {
					edit(t, d.archivePath(), damage)
				}
				rescue, err := queue.Salvage(context.Background(), queue.SalvageOptions{Path: d.path, Key: key(), DeviceID: device})
				d.open()
				if err != nil || rescue.Known != 11 || rescue.Rescued < 10 {
					t.Fatalf("got %+v, %v", rescue, err)
				}
				wantSound(t, d.journal)
				if damage == "" {
					got := exportedStates(t, d.journal)
					for id, state := range all {
						if state == queue.Applied && got[id] != state {
							t.Errorf("%s is %s", id, got[id])
						}
					}
				}
				if found, err := filepath.Glob(filepath.Join(filepath.Dir(d.path), "*.archive")); err != nil || len(found) != 1 {
					t.Errorf("put aside: %v, %v", found, err)
				}
			})
		})
	}
}

// edit changes a closed database from outside.
func edit(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
