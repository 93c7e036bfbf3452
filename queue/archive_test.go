package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

const year = 365 * 24 * time.Hour

// aged runs a test on a device whose actions, made by make, are older than a
// year; then one more was done, so that the newest entry is young.
func aged(t *testing.T, life, test func(*device)) {
	t.Helper()
	inBubble(t, func(d *device) {
		life(d)
		d.stop()
		d.after(year + time.Hour)
		keep(d.t, d.journal, visit("acc-young"))
		test(d)
	})
}

func (d *device) archive() queue.Archived {
	d.t.Helper()
	moved, err := d.journal.Archive(context.Background(), time.Now().Add(-year))
	if err != nil {
		d.t.Fatal(err)
	}
	return moved
}

// reopen closes the journal and opens it anew.
func (d *device) reopen() {
	d.shut()
	d.open()
}

func (d *device) archivePath() string { return strings.TrimSuffix(d.path, ".db") + "-archive.db" }

func exportedStates(t *testing.T, j *queue.Journal) map[string]queue.State {
	t.Helper()
	var out bytes.Buffer
	if err := j.Export(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	states := map[string]queue.State{}
	for line := range bytes.Lines(out.Bytes()) {
		var item queue.Item
		if err := json.Unmarshal(line, &item); err != nil {
			t.Fatal(err)
		}
		if _, twice := states[item.ID]; twice {
			t.Errorf("action %d was exported twice", item.Sequence)
		}
		states[item.ID] = item.State
	}
	return states
}

// listed are the sequences of all pages of a list.
func listed(t *testing.T, j *queue.Journal, f queue.Filter) []int64 {
	t.Helper()
	var all []int64
	for {
		page, err := j.List(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			all = append(all, item.Sequence)
		}
		if f.Before = page.Next; page.Next == 0 {
			return all
		}
	}
}

func hotRows(t *testing.T, j *queue.Journal, table string) (n int) {
	t.Helper()
	if err := queue.DB(j).QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// settled is a life in which ten actions took effect.
func settled(d *device) {
	for range 10 {
		keep(d.t, d.journal, visit("acc-001"))
	}
	d.run()
}

// Invariants 5, 9 and 13: what ended leaves the journal for the archive, and is
// still there for a person and for Verify.
func TestJournal_Archive(t *testing.T) {
	ctx := context.Background()
	t.Run("what ended before moves, and is read as before", func(t *testing.T) {
		aged(t, settled, func(d *device) {
			all := exportedStates(t, d.journal)
			counts, err := d.journal.Counts(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if moved := d.archive(); moved.Actions != 10 || moved.Entries != 30 {
				t.Errorf("moved %+v", moved)
			}
			if n := hotRows(t, d.journal, "action"); n != 1 {
				t.Errorf("%d actions are left", n)
			}
			d.reopen()
			wantSound(t, d.journal)
			if got := exportedStates(t, d.journal); !mapsEqual(got, all) {
				t.Errorf("exported %v, want %v", got, all)
			}
			if got := listed(t, d.journal, queue.Filter{Limit: 3}); !slices.Equal(got, []int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}) {
				t.Errorf("listed %v", got)
			}
			if got := listed(t, d.journal, queue.Filter{Recent: true}); !slices.Equal(got, []int64{11}) {
				t.Errorf("recent are %v", got)
			}
			after, err := d.journal.Counts(ctx)
			if err != nil || !mapsEqual(after.ByState, counts.ByState) {
				t.Errorf("counts %v, %v; want %v", after.ByState, err, counts.ByState)
			}
			for id, state := range all {
				item := wantState(t, d.journal, id, state)
				if steps, err := d.journal.History(ctx, id); err != nil || steps[len(steps)-1].To != state || item.Damaged {
					t.Errorf("history %+v, %v", steps, err)
				}
			}
		})
	})
	t.Run("what is young, open, or referred to by something open stays", func(t *testing.T) {
		var need, lane, edited, edit, other queue.Item
		aged(t, func(d *device) {
			need = keep(t, d.journal, invoice("inv-1", 100))
			lane = keep(t, d.journal, invoice("inv-2", 100))
			edited = keep(t, d.journal, visit("acc-3"))
			var err error
			if edit, err = d.journal.Replace(ctx, edited.ID, queue.Draft{Payload: visit("acc-4")}); err != nil {
				t.Fatal(err)
			}
			other = keep(t, d.journal, visit("acc-5"))
			d.server.Decide(func(a action.Action) action.Outcome {
				if a.ID == edit.ID || a.Sequence > other.Sequence {
					return action.FailureOutcome(a.ID, &action.Error{Code: action.UnknownAccount}, time.Now())
				}
				return action.AppliedOutcome(a.ID, "sf", 1, time.Now())
			})
			d.run()
			keep(t, d.journal, payment("inv-2", 100, "usd"))
			keep(t, d.journal, visit("acc-1"), need.ID)
			d.rest()
		}, func(d *device) {
			if moved := d.archive(); moved.Actions != 1 {
				t.Errorf("moved %+v", moved)
			}
			for _, stayed := range []queue.Item{need, lane, edited, edit} {
				if !slices.Contains(listed(t, d.journal, queue.Filter{Recent: true}), stayed.Sequence) {
					t.Errorf("action %d is gone", stayed.Sequence)
				}
			}
			wantSound(t, d.journal)
			// With what refers to them they go too, once that is old.
			for _, s := range []queue.State{queue.Failed, queue.Pending} {
				page, err := d.journal.List(ctx, queue.Filter{States: []queue.State{s}})
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					if _, err := d.journal.Discard(ctx, item.ID, "rep-1", "too old"); err != nil {
						t.Fatal(err)
					}
				}
			}
			d.after(year + time.Hour)
			keep(t, d.journal, visit("acc-young"))
			d.archive()
			if got := listed(t, d.journal, queue.Filter{Recent: true}); len(got) != 1 {
				t.Errorf("left are %v", got)
			}
			if n := hotRows(t, d.journal, "link"); n > 2 {
				t.Errorf("%d links are left", n)
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("what was never sent goes out though all around it is archived", func(t *testing.T) {
		var waits queue.Item
		aged(t, func(d *device) {
			d.server.Down(fault(action.Offline))
			keep(t, d.journal, visit("acc-1"))
			waits = keep(t, d.journal, visit("acc-2"))
			third := keep(t, d.journal, visit("acc-3"))
			for _, item := range listedItems(t, d.journal) {
				if item.ID != waits.ID {
					if _, err := d.journal.Discard(ctx, item.ID, "rep-1", "twice"); err != nil {
						t.Fatal(err)
					}
				}
			}
			_ = third
		}, func(d *device) {
			if moved := d.archive(); moved.Actions != 2 {
				t.Errorf("moved %+v", moved)
			}
			d.reopen()
			d.server.Down(nil)
			d.run()
			d.after(time.Minute)
			wantState(t, d.journal, waits.ID, queue.Applied)
			if d.replay.Status().Suspect {
				t.Error("the journal is suspect")
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("what is archived cannot be decided about, and is not kept twice", func(t *testing.T) {
		aged(t, settled, func(d *device) {
			first := listedItems(t, d.journal)[10]
			d.archive()
			_, err := d.journal.Discard(ctx, first.ID, "rep-1", "no")
			wantCode(t, err, action.NotPossible)
			_, err = d.journal.Replace(ctx, first.ID, queue.Draft{Payload: visit("acc-9")})
			wantCode(t, err, action.NotPossible)
			again, err := d.journal.Append(ctx, queue.Draft{ID: first.ID, Payload: visit("acc-001"), Actor: "rep-1"})
			if err != nil || again.Sequence != first.Sequence || again.State != queue.Applied {
				t.Errorf("got %+v, %v", again, err)
			}
			_, err = d.journal.Append(ctx, queue.Draft{ID: first.ID, Payload: visit("acc-2")})
			wantCode(t, err, action.ContentChanged)
		})
	})
	t.Run("many portions move, by two processes at once", func(t *testing.T) {
		aged(t, func(d *device) {
			if err := queue.Grow(d.journal, 700, visit("acc-001")); err != nil {
				t.Fatal(err)
			}
		}, func(d *device) {
			second := openAt(t, d.path)
			defer closeJournal(t, second)
			done := make(chan error, 2)
			for _, j := range []*queue.Journal{d.journal, second} {
				go func() {
					_, err := j.Archive(ctx, time.Now().Add(-year))
					done <- err
				}()
			}
			for range 2 {
				if err := <-done; err != nil && action.CodeOf(err) != action.StorageFailed {
					t.Error(err)
				}
			}
			d.archive()
			if n := hotRows(t, d.journal, "action"); n != 1 {
				t.Errorf("%d actions are left", n)
			}
			wantSound(t, d.journal)
		})
	})
}

func listedItems(t *testing.T, j *queue.Journal) []queue.Item {
	t.Helper()
	page, err := j.List(context.Background(), queue.Filter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func mapsEqual[K comparable, V comparable](a, b map[K]V) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}
