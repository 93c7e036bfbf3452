package queue_test

import (
	"context"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// Each class of an outcome, and where it leaves the action and the next one of
// its lane.
func TestReplay_outcomes(t *testing.T) {
	for _, c := range []struct {
		name       string
		code       action.Code
		want, next queue.State
		attempt    int
	}{
		{"refused content fails", action.InvalidPayload, queue.Failed, queue.Held, 0},
		{"a missing record fails", action.UnknownInvoice, queue.Failed, queue.Held, 0},
		{"a conflict needs a person", action.VersionConflict, queue.Review, queue.Held, 0},
		{"money that did not move fails", action.CardDeclined, queue.Failed, queue.Held, 0},
		{"a customer's confirmation needs a person", action.AuthenticationRequired, queue.Review, queue.Held, 0},
		{"changed content needs a person", action.ContentChanged, queue.Review, queue.Held, 0},
		{"passing trouble waits", action.SalesforceDown, queue.Waiting, queue.Held, 1},
		{"the server's own sign-in waits", action.UpstreamLogin, queue.Waiting, queue.Held, 1},
		{"an older server waits", action.UnknownType, queue.Waiting, queue.Held, 1},
		{"a server that holds is believed", action.AfterMissing, queue.Held, queue.Held, 1},
		{"a class that nobody knows is kept", action.Code("from_the_future"), queue.Unconfirmed, queue.Held, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(d *device) {
				d.server.Decide(func(a action.Action) action.Outcome {
					if a.Lane != "invoice:inv-002" {
						return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
					}
					o := failure(c.code)(a)
					if c.code.Class() == action.Unknown {
						o.Class = "from_the_future"
					}
					return o
				})
				first := keep(t, d.journal, payment("inv-002", 1, "usd"))
				second := keep(t, d.journal, payment("inv-002", 2, "usd"))
				other := keep(t, d.journal, payment("inv-003", 3, "usd"))
				d.run()
				if got := wantState(t, d.journal, first.ID, c.want); got.Attempt != c.attempt {
					t.Errorf("%d attempts", got.Attempt)
				}
				if got := wantState(t, d.journal, second.ID, c.next); got.BlockedBy != first.ID {
					t.Errorf("blocked by %q", got.BlockedBy)
				}
				wantState(t, d.journal, other.ID, queue.Applied)
				wantSound(t, d.journal)
			})
		})
	}
	t.Run("waiting goes on by itself, no earlier than the server asks", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(func(a action.Action) action.Outcome {
				o := failure(action.SalesforceDown)(a)
				o.RetryAfterMs = 90_000
				return o
			})
			first := keep(t, d.journal, payment("inv-002", 1, "usd"))
			second := keep(t, d.journal, payment("inv-002", 2, "usd"))
			d.run()
			d.server.Decide(nil)
			d.after(89 * time.Second)
			wantState(t, d.journal, first.ID, queue.Waiting)
			d.after(5 * time.Second)
			wantState(t, d.journal, first.ID, queue.Applied)
			wantState(t, d.journal, second.ID, queue.Applied)
			wantSound(t, d.journal)
		})
	})
	t.Run("transient trouble never becomes permanent, and does not run hot", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(failure(action.SalesforceDown))
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(3 * time.Hour)
			wantState(t, d.journal, item.ID, queue.Waiting)
			if n := len(d.server.Batches()); n < 36 || n > 90 {
				t.Errorf("%d sends in three hours", n)
			}
			d.server.Decide(nil)
			d.after(6 * time.Minute)
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("accepted is asked for until it is decided, and does not hold its lane", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(func(a action.Action) action.Outcome {
				return action.AcceptedOutcome(a.ID, action.SalesforceDown, 5*time.Second, time.Now())
			})
			first := keep(t, d.journal, payment("inv-002", 1, "usd"))
			second := keep(t, d.journal, payment("inv-002", 2, "usd"))
			d.run()
			wantState(t, d.journal, first.ID, queue.Accepted)
			wantState(t, d.journal, second.ID, queue.Accepted)
			d.after(time.Hour)
			steps, err := d.journal.History(context.Background(), first.ID)
			if err != nil || len(steps) != 3 {
				t.Errorf("asking left %d steps, %v", len(steps), err)
			}
			d.server.Settle(action.AppliedOutcome(first.ID, "sf-1", 1, time.Now()))
			d.server.Settle(action.FailureOutcome(second.ID, fault(action.InvoiceVoided), time.Now()))
			d.after(2 * time.Minute)
			wantState(t, d.journal, first.ID, queue.Applied)
			wantState(t, d.journal, second.ID, queue.Review)
			wantSound(t, d.journal)
		})
	})
	t.Run("what the office decides reaches the device, and frees the lane", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(failure(action.VersionConflict))
			first := keep(t, d.journal, payment("inv-002", 1, "usd"))
			second := keep(t, d.journal, payment("inv-002", 2, "usd"))
			d.run()
			d.server.Decide(nil)
			d.server.Settle(action.AppliedOutcome(first.ID, "sf-1", 1, time.Now()))
			d.after(6 * time.Minute)
			wantState(t, d.journal, first.ID, queue.Applied)
			wantState(t, d.journal, second.ID, queue.Applied)
		})
	})
	t.Run("an accepted action that the server forgot is sent again under its id", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(func(a action.Action) action.Outcome { return action.AcceptedOutcome(a.ID, "", 0, time.Now()) })
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.server.Forget(item.ID)
			d.server.Decide(nil)
			d.after(2 * time.Minute)
			wantState(t, d.journal, item.ID, queue.Applied)
			wantSound(t, d.journal)
		})
	})
}

// What the server does not know goes again even behind an action that a person
// has to look at: only the server's word takes it out of doubt, and until then a
// person can neither edit nor discard it.
func TestReplay_unconfirmedBehindReview(t *testing.T) {
	inBubble(t, func(d *device) {
		d.server.Decide(failure(action.VersionConflict))
		first := keep(t, d.journal, payment("inv-001", 100, "usd"))
		d.run()
		wantState(t, d.journal, first.ID, queue.Review)
		d.server.Fault(queuetestFault(action.AnswerLost))
		behind := keep(t, d.journal, payment("inv-001", 200, "usd"))
		edited, err := d.journal.Replace(context.Background(), first.ID, queue.Draft{Payload: payment("inv-001", 300, "usd"), Actor: "rep-1"})
		if err != nil {
			t.Fatal(err)
		}
		d.after(10 * time.Minute)
		wantState(t, d.journal, edited.ID, queue.Review)
		wantState(t, d.journal, behind.ID, queue.Held)
	})
}
