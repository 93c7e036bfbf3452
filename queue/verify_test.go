package queue_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// lived is a journal with a bit of everything in it, closed states included.
func lived(t *testing.T, d *device) {
	t.Helper()
	d.server.Decide(func(a action.Action) action.Outcome {
		if a.Sequence == 2 {
			return failure(action.VersionConflict)(a)
		}
		return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
	})
	keep(t, d.journal, visit("acc-001"))
	keep(t, d.journal, payment("inv-002", 1, "usd"))
	d.run()
	d.stop()
	gone := keep(t, d.journal, visit("acc-002"))
	if _, err := d.journal.Discard(context.Background(), gone.ID, "rep-1", "twice"); err != nil {
		t.Fatal(err)
	}
	edited := keep(t, d.journal, visit("acc-003"))
	if _, err := d.journal.Replace(context.Background(), edited.ID, queue.Draft{Payload: visit("acc-004")}); err != nil {
		t.Fatal(err)
	}
	wantSound(t, d.journal)
}

// columns lists the stored columns of a table.
func columns(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), `SELECT name FROM pragma_table_info(?)`, table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func wantProblem(t *testing.T, j *queue.Journal, what string) {
	t.Helper()
	report, err := j.Verify(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if report.OK || len(report.Problems) == 0 {
		t.Errorf("%s is not noticed", what)
	}
}

func TestJournal_Verify(t *testing.T) {
	t.Run("notices any cell that was changed outside FieldPay", func(t *testing.T) {
		inBubble(t, func(d *device) {
			lived(t, d)
			db := queue.DB(d.journal)
			for _, table := range []string{"entry", "action", "tally"} {
				for _, column := range columns(t, db, table) {
					changeEach(t, d.journal, table, column)
				}
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("notices any bit of a sealed text", func(t *testing.T) {
		inBubble(t, func(d *device) {
			lived(t, d)
			db := queue.DB(d.journal)
			var sealed []byte
			if err := db.QueryRowContext(context.Background(), `SELECT sealed FROM entry WHERE position = 1`).Scan(&sealed); err != nil {
				t.Fatal(err)
			}
			for i := range sealed {
				sealed[i] ^= 1 << (i % 8)
				exec(t, db, `UPDATE entry SET sealed = ? WHERE position = 1`, sealed)
				wantProblem(t, d.journal, fmt.Sprintf("bit %d of byte %d", i%8, i))
				sealed[i] ^= 1 << (i % 8)
			}
			exec(t, db, `UPDATE entry SET sealed = ? WHERE position = 1`, sealed)
			wantSound(t, d.journal)
		})
	})
	for name, damage := range map[string]string{
		"an entry that is gone":               `DELETE FROM entry WHERE position = 3`,
		"the newest entry that is gone":       `DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)`,
		"a row that is gone":                  `DELETE FROM action WHERE sequence = 1`,
		"the newest row that is gone":         `DELETE FROM action WHERE sequence = (SELECT max(sequence) FROM action)`,
		"a row that was put back to pending":  `UPDATE action SET state = 'pending', last = entry, outcome = 0, attempt = 0 WHERE sequence = 1`,
		"a payload of another action":         `UPDATE entry SET sealed = (SELECT sealed FROM entry WHERE position = 2) WHERE position = 1`,
		"a journal older than the server saw": `UPDATE device SET acknowledged = 9999`,
	} {
		t.Run("notices "+name, func(t *testing.T) {
			inBubble(t, func(d *device) {
				lived(t, d)
				exec(t, queue.DB(d.journal), damage)
				wantProblem(t, d.journal, name)
			})
		})
	}
}

// changeEach changes a column of every row in turn, and puts it back.
func changeEach(t *testing.T, j *queue.Journal, table, column string) {
	t.Helper()
	db := queue.DB(j)
	rows := 0
	if err := db.QueryRowContext(context.Background(), `SELECT count(*) FROM `+table).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	key := map[string]string{"entry": "position", "action": "sequence", "tally": "state"}[table]
	if table == "tally" && column == "at" {
		return // when the newest ended: shown on a status line, decides nothing
	}
	for i := range rows {
		var id, old any
		if err := db.QueryRowContext(context.Background(), fmt.Sprintf(`SELECT %s, %s FROM %s ORDER BY 1 LIMIT 1 OFFSET %d`, key, column, table, i)).Scan(&id, &old); err != nil {
			t.Fatal(err)
		}
		var other any
		switch value := old.(type) {
		case int64:
			other = value + 1000
		case string:
			other = value + "x"
			if column == "state" && table == "action" {
				other = "waiting"
			}
		case []byte:
			other = append([]byte{first(value) ^ 1}, value[min(1, len(value)):]...)
			old = append([]byte{}, value...)
		}
		update := fmt.Sprintf(`UPDATE %s SET %s = ? WHERE %s = ?`, table, column, key)
		exec(t, db, update, other, id)
		wantProblem(t, j, fmt.Sprintf("%s.%s of row %v", table, column, id))
		if column == key {
			id = other
		}
		exec(t, db, update, old, id)
	}
}

func first(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// find returns the first action that fits.
func find(t *testing.T, j *queue.Journal, fits func(queue.Item) bool) queue.Item {
	t.Helper()
	page, err := j.List(context.Background(), queue.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(page.Items, fits)
	if i < 0 {
		t.Fatal("no such action")
	}
	return page.Items[i]
}

func TestJournal_damage(t *testing.T) {
	t.Run("a changed action is not sent, is shown, and the others go", func(t *testing.T) {
		inBubble(t, func(d *device) {
			bad := keep(t, d.journal, payment("inv-002", 100, "usd"))
			behind := keep(t, d.journal, payment("inv-002", 5, "usd"))
			good := keep(t, d.journal, payment("inv-003", 7, "usd"))
			exec(t, queue.DB(d.journal), `UPDATE entry SET sealed = zeroblob(200) WHERE position = 1`)
			d.run()
			if got := get(t, d.journal, bad.ID); !got.Damaged || got.State != queue.Pending {
				t.Errorf("%+v", got)
			}
			wantState(t, d.journal, good.ID, queue.Applied)
			wantState(t, d.journal, behind.ID, queue.Pending)
			if !d.replay.Status().Suspect {
				t.Error("nobody was told")
			}
			page, err := d.journal.List(context.Background(), queue.Filter{})
			if err != nil || len(page.Items) != 3 {
				t.Errorf("%d items, %v", len(page.Items), err)
			}
		})
	})
	for name, state := range map[string]queue.State{"discarded": queue.Discarded, "edited": queue.Superseded} {
		t.Run("an action that a person has "+name+" is not sent when its row says pending", func(t *testing.T) {
			inBubble(t, func(d *device) {
				lived(t, d)
				exec(t, queue.DB(d.journal), `UPDATE action SET state = 'pending' WHERE state = ?`, string(state))
				revived := find(t, d.journal, func(i queue.Item) bool { return i.Damaged })
				before := len(d.server.Effects())
				d.run()
				if got := get(t, d.journal, revived.ID); got.State != queue.Pending || !got.Damaged {
					t.Errorf("%+v", got)
				}
				for _, a := range d.server.Effects()[before:] {
					if a.ID == revived.ID {
						t.Error("it took effect")
					}
				}
				if !d.replay.Status().Suspect {
					t.Error("nobody was told")
				}
			})
		})
	}
	t.Run("an action whose time was changed is not sent before it", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(failure(action.SalesforceDown))
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			sent := len(d.server.Batches())
			exec(t, queue.DB(d.journal), `UPDATE action SET next_at = 0; UPDATE entry SET next_at = 0`)
			d.after(time.Hour)
			if got := get(t, d.journal, item.ID); len(d.server.Batches()) != sent || !d.replay.Status().Suspect {
				t.Errorf("%+v", got)
			}
		})
	})
	t.Run("an action that was moved to another lane is not sent", func(t *testing.T) {
		inBubble(t, func(d *device) {
			item := keep(t, d.journal, payment("inv-002", 100, "usd"))
			exec(t, queue.DB(d.journal), `UPDATE action SET lane = 'invoice:inv-003'`)
			d.run()
			if got := get(t, d.journal, item.ID); got.State != queue.Pending || len(d.server.Batches()) != 0 {
				t.Errorf("%+v", got)
			}
		})
	})
}

func TestJournal_fullDisk(t *testing.T) {
	t.Run("is told before the form closes, and works again when there is space", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, visit("acc-001"))
		if err := queue.LimitPages(j, 1); err != nil {
			t.Fatal(err)
		}
		var err error
		kept := 1
		for err == nil {
			if _, err = j.Append(t.Context(), queue.Draft{Payload: visit("acc-001")}); err == nil {
				kept++
			}
		}
		wantCode(t, err, action.DiskFull)
		if kept > 1000 {
			t.Fatal("the disk never filled")
		}
		if err := queue.LimitPages(j, 1<<20); err != nil {
			t.Fatal(err)
		}
		if last := keep(t, j, visit("acc-002")); last.Sequence != int64(kept)+1 {
			t.Errorf("action %d after %d", last.Sequence, kept)
		}
		wantState(t, j, first.ID, queue.Pending)
		wantSound(t, j)
	})
	t.Run("a closed journal takes nothing", func(t *testing.T) {
		j := openAt(t, t.TempDir()+"/journal.db")
		closeJournal(t, j)
		_, err := j.Append(t.Context(), queue.Draft{Payload: visit("acc-001")})
		wantCode(t, err, action.StorageFailed)
	})
}
