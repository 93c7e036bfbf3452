package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// openBy opens the device's journal with a clock that is so far ahead.
func (d *device) openBy(ahead *atomic.Int64) {
	d.t.Helper()
	d.shut()
	var err error
	d.journal, err = queue.Open(context.Background(), queue.Options{Path: d.path, Key: key(), Now: func() time.Time {
		return time.Now().Round(0).Add(time.Duration(ahead.Load()))
	}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.replay = d.newReplay(d.journal)
}

func TestReplay_clock(t *testing.T) {
	notYet := func(a action.Action) action.Outcome {
		if a.Type == action.LogVisitType {
			return failure(action.RecordLocked)(a)
		}
		return action.AcceptedOutcome(a.ID, "", time.Minute, time.Now())
	}
	for _, c := range []struct {
		name           string
		closed, shared bool
	}{
		{name: "while it runs"},
		{name: "while it is closed", closed: true},
		{name: "while another process writes first", shared: true},
	} {
		t.Run("a clock that is set back by two days "+c.name+" holds nothing up", func(t *testing.T) {
			inBubble(t, func(d *device) {
				var ahead atomic.Int64
				ahead.Store(int64(48 * time.Hour))
				d.openBy(&ahead)
				d.server.Decide(notYet)
				waiting := keep(t, d.journal, visit("acc-001"))
				accepted := keep(t, d.journal, payment("inv-002", 1, "usd"))
				d.run()
				wantState(t, d.journal, waiting.ID, queue.Waiting)
				wantState(t, d.journal, accepted.ID, queue.Accepted)
				ahead.Store(0)
				if c.shared {
					other, err := queue.Open(context.Background(), queue.Options{Path: d.path, Key: key()})
					if err != nil {
						t.Fatal(err)
					}
					keep(t, other, visit("acc-002"))
					if err := other.Close(); err != nil {
						t.Fatal(err)
					}
				}
				if c.closed {
					d.openBy(&ahead)
					keep(t, d.journal, visit("acc-002")) // the newest entry has the right time
					d.openBy(&ahead)
					d.run()
				}
				d.server.Decide(nil)
				d.server.Settle(action.AppliedOutcome(accepted.ID, "", 0, time.Now()))
				d.after(5 * time.Minute)
				wantState(t, d.journal, waiting.ID, queue.Applied)
				wantState(t, d.journal, accepted.ID, queue.Applied)
			})
		})
	}
}
