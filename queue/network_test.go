package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

func TestReplay_Network(t *testing.T) {
	t.Run("another network is probed at once", func(t *testing.T) {
		inBubble(t, func(d *device) {
			var network atomic.Value
			network.Store("none")
			r, err := queue.NewReplay(queue.ReplayOptions{
				Journal: d.journal, Sender: d.server, Prober: d.server, LockPath: d.path + ".lock", Rand: half,
				Network: func() string { return network.Load().(string) },
			})
			if err != nil {
				t.Fatal(err)
			}
			d.replay = r
			d.server.Down(fault(action.Offline))
			d.run()
			d.after(10 * time.Minute) // now probed only once a minute
			d.server.Down(nil)
			network.Store("10.0.0.7/24")
			d.after(16 * time.Second)
			if got := d.replay.Status().Connection.State; got != queue.Online {
				t.Errorf("got %s", got)
			}
		})
	})
}

// An action that was sent needs nothing of this device any more: only the server
// can say that it is not there.
func TestReplay_unconfirmedNeedGivenUp(t *testing.T) {
	inBubble(t, func(d *device) {
		ctx := context.Background()
		need := keep(t, d.journal, invoice("inv-1", 100))
		item := keep(t, d.journal, visit("acc-1"), need.ID)
		d.server.Decide(func(a action.Action) action.Outcome {
			return action.AcceptedOutcome(a.ID, action.SalesforceDown, time.Minute, time.Now())
		})
		// The first goes through, the second is lost on its way there.
		d.server.Fault(queuetest.Fault{}, queuetestFault(action.AnswerLost))
		if _, err := d.replay.Once(ctx); action.CodeOf(err) != action.AnswerLost {
			t.Fatalf("got %v", err)
		}
		wantState(t, d.journal, item.ID, queue.Unconfirmed)
		d.server.Settle(action.FailureOutcome(need.ID, &action.Error{Code: action.UnknownAccount}, time.Now()))
		d.run()
		d.after(5 * time.Minute)
		wantState(t, d.journal, need.ID, queue.Failed)
		if _, err := d.journal.Discard(ctx, need.ID, "rep-1", "wrong customer"); err != nil {
			t.Fatal(err)
		}
		d.after(10 * time.Minute)
		wantState(t, d.journal, item.ID, queue.Held)
		asked := len(d.server.Asked())
		d.after(10 * time.Minute)
		if n := len(d.server.Asked()) - asked; n > 10 {
			t.Errorf("asked %d times in ten minutes", n)
		}
		if _, err := d.journal.Discard(ctx, item.ID, "rep-1", "with it"); err != nil {
			t.Errorf("it cannot be given up: %v", err)
		}
	})
}
