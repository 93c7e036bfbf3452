package queue_test

import (
	"context"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// Only what goes by itself grows old; what a person must decide about is told
// by another word.
func TestJournal_CountsOldestDue(t *testing.T) {
	oldestDue := func(d *device) time.Time {
		d.t.Helper()
		counts, err := d.journal.Counts(context.Background())
		if err != nil {
			d.t.Fatal(err)
		}
		return counts.OldestDue
	}
	decide := func(d *device, code action.Code) queue.Item {
		d.server.Decide(func(a action.Action) action.Outcome {
			if code == "" {
				return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
			}
			return failure(code)(a)
		})
		return keep(d.t, d.journal, payment("inv-002", 1, "usd"))
	}
	for _, c := range []struct {
		name string
		code action.Code
		due  bool
	}{
		{"what the server took is not old", "", false},
		{"what is tried again is as old as the day it was done", action.SalesforceDown, true},
		{"what the server alone holds grows old", action.AfterMissing, true},
		{"what was refused and what is behind it do not", action.InvalidPayload, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(d *device) {
				first := decide(d, c.code)
				d.after(time.Minute)
				if c.code != "" {
					keep(t, d.journal, payment("inv-002", 2, "usd"))
				}
				d.run()
				d.after(time.Hour)
				want := time.Time{}
				if c.due {
					want = first.CreatedAt
				}
				if got := oldestDue(d); !got.Equal(want) {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		})
	}
	t.Run("what was never tried is as old as the day it was done", func(t *testing.T) {
		inBubble(t, func(d *device) {
			first := keep(t, d.journal, visit("acc-001"))
			d.after(time.Minute)
			keep(t, d.journal, visit("acc-002"))
			if got := oldestDue(d); !got.Equal(first.CreatedAt) {
				t.Errorf("got %s, want %s", got, first.CreatedAt)
			}
		})
	})
}
