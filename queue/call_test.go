package queue_test

import (
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// Each failure of a call: where it leaves the batch, and what the connection
// shows.
func TestReplay_callFailures(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  action.Code
		state queue.State
		conn  queue.ConnState
	}{
		{"no way to the server gives the batch back", action.Offline, queue.Pending, queue.Offline},
		{"an unsafe network gives the batch back", action.UnsafeNetwork, queue.Pending, queue.Portal},
		{"a foreign answer leaves it unconfirmed", action.Portal, queue.Unconfirmed, queue.Portal},
		{"a lost answer leaves it unconfirmed", action.AnswerLost, queue.Unconfirmed, queue.Offline},
		{"a missing sign-in parks the run", action.SignInNeeded, queue.Pending, queue.SignedOut},
		{"a barred device parks the run", action.Revoked, queue.Pending, queue.SignedOut},
		{"an outdated version waits", action.UpdateNeeded, queue.Pending, queue.Degraded},
		{"too many requests give the batch back", action.RateLimited, queue.Pending, queue.Online},
		{"a busy server may have taken it", action.Busy, queue.Unconfirmed, queue.Online},
		{"a fault of ours leaves it unconfirmed", action.Internal, queue.Unconfirmed, queue.Offline},
		{"a code that nobody knows leaves it unconfirmed", action.Code("new"), queue.Unconfirmed, queue.Offline},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(d *device) {
				d.run()
				d.server.Down(fault(c.code))
				first := keep(t, d.journal, payment("inv-002", 1, "usd"))
				second := keep(t, d.journal, payment("inv-002", 2, "usd"))
				d.after(30 * time.Second)
				for _, id := range []string{first.ID, second.ID} {
					if got := get(t, d.journal, id); got.Attempt != 0 || got.State != c.state && got.State != queue.Held {
						t.Errorf("%s after %d attempts", got.State, got.Attempt)
					}
				}
				wantState(t, d.journal, first.ID, c.state)
				if got := d.replay.Status().Connection; got.State != c.conn {
					t.Errorf("the connection is %s (%s), want %s", got.State, got.Code, c.conn)
				}
				if n := len(d.server.Effects()); n != 0 {
					t.Errorf("%d effects", n)
				}
				d.server.Down(nil)
				d.replay.SignedIn()
				d.after(6 * time.Minute)
				wantState(t, d.journal, first.ID, queue.Applied)
				wantState(t, d.journal, second.ID, queue.Applied)
				if n := len(d.server.Effects()); n != 2 {
					t.Errorf("%d effects", n)
				}
				wantSound(t, d.journal)
			})
		})
	}
	t.Run("an answer that was lost after the effect is looked up, not sent again", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetest.Fault{After: fault(action.AnswerLost)})
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(10 * time.Second)
			wantState(t, d.journal, item.ID, queue.Applied)
			if sent, asked := len(d.server.Batches()), len(d.server.Asked()); sent != 1 || asked == 0 {
				t.Errorf("sent %d times, asked %d times", sent, asked)
			}
		})
	})
	t.Run("an answer that was lost before the effect leads to the same id again", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetest.Fault{Before: fault(action.AnswerLost)})
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(10 * time.Second)
			wantState(t, d.journal, item.ID, queue.Applied)
			if b := d.server.Batches(); len(b) != 1 || b[0].Actions[0].ID != item.ID {
				t.Errorf("%+v", b)
			}
		})
	})
	t.Run("a batch that is too large is halved, and grows again", func(t *testing.T) {
		inBubble(t, func(d *device) {
			for range 100 {
				keep(t, d.journal, visit("acc-001"))
			}
			d.server.Fault(queuetest.Fault{Before: fault(action.TooLarge)}, queuetest.Fault{Before: fault(action.TooLarge)})
			d.run()
			var sizes []int
			for _, b := range d.server.Batches() {
				sizes = append(sizes, len(b.Actions))
			}
			if !slices.Equal(sizes, []int{25, 50, 25}) {
				t.Errorf("batches of %v", sizes)
			}
		})
	})
	t.Run("an action that is refused as a request waits alone", func(t *testing.T) {
		inBubble(t, func(d *device) {
			poison := keep(t, d.journal, visit("acc-001"))
			d.server.Fault(queuetest.Fault{Before: fault(action.BadRequest)})
			d.run()
			if got := wantState(t, d.journal, poison.ID, queue.Waiting); got.Outcome.Code != action.BadRequest {
				t.Errorf("%+v", got.Outcome)
			}
			d.after(5 * time.Second)
			wantState(t, d.journal, poison.ID, queue.Applied)
		})
	})
	t.Run("an answer settles only what it names and what was sent", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetest.Fault{Reply: func(r *queue.Reply) {
				r.Outcomes = append(r.Outcomes[:1], action.AppliedOutcome(action.NewID(), "sf-9", 1, time.Now()), action.Outcome{ID: "junk"})
			}})
			first, second := keep(t, d.journal, visit("acc-001")), keep(t, d.journal, visit("acc-002"))
			d.run()
			wantState(t, d.journal, first.ID, queue.Applied)
			wantState(t, d.journal, second.ID, queue.Unconfirmed)
			if !slices.Contains(d.eventNames(), queue.ReplyIncomplete) {
				t.Errorf("events %v", d.eventNames())
			}
			d.after(5 * time.Second)
			wantState(t, d.journal, second.ID, queue.Applied)
			if n := len(d.server.Effects()); n != 2 {
				t.Errorf("%d effects", n)
			}
		})
	})
}
