package queue_test

import (
	"context"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// Invariant 9, at the open: what was put back or cut off is seen before anything
// is sent, also where the chain itself still holds.
func TestOpen_rewound(t *testing.T) {
	ctx := context.Background()
	const newest = `(SELECT max(position) FROM entry)`
	for name, statement := range map[string]string{
		"the newest action cut off":            `DELETE FROM action WHERE last = ` + newest + `; DELETE FROM entry WHERE position = ` + newest,
		"a discarded action put back":          `UPDATE action SET state = 'pending', last = entry WHERE state = 'discarded'`,
		"an applied action put back":           `UPDATE action SET state = 'pending', last = entry, outcome = 0 WHERE sequence = 1`,
		"a pending action called discarded":    `UPDATE action SET state = 'discarded' WHERE state = 'pending'`,
		"a pending action taken away":          `DELETE FROM action WHERE state = 'pending'`,
		"a tally put back":                     `UPDATE tally SET n = n - 1`,
		"the fence put back":                   `UPDATE device SET fence = fence - 1`,
		"the acknowledged position put back":   `UPDATE device SET acknowledged = 0`,
		"the last answer put back":             `UPDATE device SET synced_at = 0`,
		"the archive's mark raised":            `UPDATE device SET archived = 1`,
		"the bond taken away":                  `UPDATE device SET bond = x'', open_digest = x''`,
		"all of it taken away":                 `DELETE FROM entry; DELETE FROM action; DELETE FROM tally; UPDATE device SET fence = 0, acknowledged = 0, synced_at = 0, open_digest = zeroblob(32)`,
		"the digest of what is open exchanged": `UPDATE device SET open_digest = zeroblob(32)`,
	} {
		t.Run(name+" is seen", func(t *testing.T) {
			inBubble(t, func(d *device) {
				lived(t, d)
				keep(t, d.journal, visit("acc-1"))
				sent := len(d.server.Batches())
				d.shut()
				edit(t, d.path, statement)
				d.open()
				if !d.journal.Suspect() || !d.replay.Status().Suspect {
					t.Fatal("it is not seen")
				}
				wantTold(t, d.journal)
				keep(t, d.journal, visit("acc-2")) // a person's work is kept all the same
				d.run()
				d.after(time.Minute)
				if now := len(d.server.Batches()); now != sent {
					t.Errorf("%d batches were sent", now-sent)
				}
				d.reopen()
				if !d.journal.Suspect() {
					t.Error("the next commit covered it up")
				}
			})
		})
	}
	t.Run("a life without a thief is not suspected", func(t *testing.T) {
		inBubble(t, func(d *device) {
			lived(t, d)
			for range 3 {
				d.reopen()
				keep(t, d.journal, visit("acc-1"))
				d.run()
				d.after(time.Minute)
				if d.journal.Suspect() || d.replay.Status().Suspect {
					t.Fatal("it is suspected")
				}
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("another process's rows that were put back are seen at the next write", func(t *testing.T) {
		inBubble(t, func(d *device) {
			keep(t, d.journal, visit("acc-1"))
			edit(t, d.path, `UPDATE device SET acknowledged = 7`)
			keep(t, d.journal, visit("acc-2"))
			if !d.journal.Suspect() {
				t.Error("it is not seen")
			}
		})
	})
	t.Run("a journal of a build before bonds gets one", func(t *testing.T) {
		inBubble(t, func(d *device) {
			lived(t, d)
			if err := queue.Unbind(d.journal); err != nil {
				t.Fatal(err)
			}
			d.reopen()
			if d.journal.Suspect() {
				t.Fatal("it is suspected")
			}
			wantSound(t, d.journal)
			d.shut()
			edit(t, d.path, `UPDATE device SET bond = x''`)
			d.open()
			if !d.journal.Suspect() {
				t.Error("it can be unbound by anybody")
			}
		})
	})
	t.Run("a suspected journal is salvaged into one that sends", func(t *testing.T) {
		inBubble(t, func(d *device) {
			gone := keep(t, d.journal, visit("acc-1"))
			if _, err := d.journal.Discard(ctx, gone.ID, "rep-1", "twice"); err != nil {
				t.Fatal(err)
			}
			kept := keep(t, d.journal, visit("acc-2"))
			id := d.journal.DeviceID()
			d.shut()
			edit(t, d.path, `UPDATE action SET state = 'pending', last = entry WHERE state = 'discarded'`)
			rescue, err := queue.Salvage(ctx, queue.SalvageOptions{Path: d.path, Key: key(), DeviceID: id})
			d.open()
			if err != nil || rescue.Rescued != 2 || d.journal.Suspect() {
				t.Fatalf("got %+v, %v", rescue, err)
			}
			d.server.Decide(func(a action.Action) action.Outcome { return action.AppliedOutcome(a.ID, "sf", 1, time.Now()) })
			d.run()
			d.after(time.Minute)
			wantState(t, d.journal, gone.ID, queue.Discarded)
			wantState(t, d.journal, kept.ID, queue.Applied)
		})
	})
}
