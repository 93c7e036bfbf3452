package queue_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

func TestReplay_decisions(t *testing.T) {
	t.Run("a person's retry raises the try and is sent under the same id", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(failure(action.UnknownInvoice))
			item := keep(t, d.journal, payment("inv-002", 1, "usd"))
			d.run()
			d.server.Decide(nil)
			if got, err := d.journal.Retry(context.Background(), item.ID, "rep-1"); err != nil || got.Try != 1 {
				t.Errorf("%+v, %v", got, err)
			}
			d.rest()
			wantState(t, d.journal, item.ID, queue.Applied)
			wantSound(t, d.journal)
		})
	})
	t.Run("a retry whose answer is lost is not settled by the old refusal", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(failure(action.UnknownInvoice))
			item := keep(t, d.journal, payment("inv-002", 1, "usd"))
			d.run()
			d.server.Decide(nil)
			d.server.Fault(queuetest.Fault{Before: fault(action.AnswerLost)})
			if _, err := d.journal.Retry(context.Background(), item.ID, "rep-1"); err != nil {
				t.Fatal(err)
			}
			d.after(10 * time.Second)
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("what is booked, or may be, cannot be edited, also while it is asked for again", func(t *testing.T) {
		booked := func(a action.Action) action.Outcome {
			o := failure(action.Overpaid)(a)
			o.ServerID, o.Retryable = "sf-1", false
			return o
		}
		for _, decide := range []func(action.Action) action.Outcome{booked, failure(action.OutcomeUnknown)} {
			inBubble(t, func(d *device) {
				d.server.Decide(decide)
				item := keep(d.t, d.journal, payment("inv-002", 1, "usd"))
				d.run()
				wantState(d.t, d.journal, item.ID, queue.Review)
				edit := queue.Draft{Payload: payment("inv-002", 2, "usd"), Actor: "rep-1"}
				_, err := d.journal.Replace(context.Background(), item.ID, edit)
				wantCode(d.t, err, action.DuplicateRecord)
				d.stop()
				if _, err := d.journal.Retry(context.Background(), item.ID, "rep-1"); err != nil {
					d.t.Fatal(err)
				}
				_, err = d.journal.Replace(context.Background(), item.ID, edit)
				wantCode(d.t, err, action.DuplicateRecord)
				wantState(d.t, d.journal, item.ID, queue.Pending)
				wantSound(d.t, d.journal)
			})
		}
	})
	t.Run("an edit goes before what waited behind the original", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(func(a action.Action) action.Outcome {
				if a.Sequence == 1 {
					return failure(action.UnknownAccount)(a)
				}
				return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
			})
			made := keep(t, d.journal, invoice("", 100))
			paid := keep(t, d.journal, payment(made.ID, 50, "usd"))
			d.run()
			wantState(t, d.journal, paid.ID, queue.Held)
			edited, err := d.journal.Replace(context.Background(), made.ID, queue.Draft{Payload: invoice("", 200)})
			if err != nil {
				t.Fatal(err)
			}
			d.after(10 * time.Second)
			wantState(t, d.journal, edited.ID, queue.Applied)
			wantState(t, d.journal, paid.ID, queue.Applied)
			effects := d.server.Effects()
			if len(effects) != 2 || effects[0].ID != edited.ID || effects[1].ID != paid.ID || effects[1].After == made.ID {
				t.Errorf("%+v", effects)
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("what needs an action that was edited twice names the last edit", func(t *testing.T) {
		inBubble(t, func(d *device) {
			made := keep(t, d.journal, invoice("", 100))
			seen := keep(t, d.journal, visit("acc-001"), made.ID)
			last := made.ID
			for amount := range int64(2) {
				edited, err := d.journal.Replace(context.Background(), last, queue.Draft{Payload: invoice("", 200+amount)})
				if err != nil {
					t.Fatal(err)
				}
				last = edited.ID
			}
			d.run()
			wantState(t, d.journal, seen.ID, queue.Applied)
			for _, a := range d.server.Effects() {
				if a.ID == seen.ID && len(a.Needs) > 0 && !slices.Equal(a.Needs, []string{last}) {
					t.Errorf("it needs %v, not %s", a.Needs, last)
				}
			}
			if got := get(t, d.journal, seen.ID).Needs; !slices.Equal(got, []string{made.ID}) {
				t.Errorf("the journal says that it needs %v", got)
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("what the server holds for a reason of its own waits its time", func(t *testing.T) {
		inBubble(t, func(d *device) {
			sends := 0
			made := keep(t, d.journal, invoice("", 100))
			seen := keep(t, d.journal, visit("acc-001"), made.ID)
			d.server.Decide(func(a action.Action) action.Outcome {
				if a.ID == seen.ID {
					sends++
					return action.FailureOutcome(a.ID, &action.Error{Code: action.NeedMissing}, time.Now())
				}
				return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
			})
			d.run()
			d.after(30 * time.Second)
			wantState(t, d.journal, seen.ID, queue.Held)
			if sends < 2 || sends > 8 {
				t.Errorf("sent %d times in half a minute", sends)
			}
		})
	})
	t.Run("a discard frees what waited behind it", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(func(a action.Action) action.Outcome {
				if a.Sequence == 1 {
					return failure(action.UnknownInvoice)(a)
				}
				return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
			})
			first, second := keep(t, d.journal, payment("inv-002", 1, "usd")), keep(t, d.journal, payment("inv-002", 2, "usd"))
			d.run()
			wantState(t, d.journal, second.ID, queue.Held)
			if _, err := d.journal.Discard(context.Background(), first.ID, "rep-1", "wrong invoice"); err != nil {
				t.Fatal(err)
			}
			d.after(time.Second)
			wantState(t, d.journal, second.ID, queue.Applied)
		})
	})
	t.Run("an action goes after what it needs of another lane", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(failure(action.SalesforceDown))
			first := keep(t, d.journal, visit("acc-001"))
			d.run()
			second := keep(t, d.journal, payment("inv-002", 1, "usd"), first.ID)
			d.rest()
			d.server.Decide(nil)
			if got := wantState(t, d.journal, second.ID, queue.Held); got.BlockedBy != first.ID {
				t.Errorf("blocked by %q", got.BlockedBy)
			}
			d.after(10 * time.Second)
			wantState(t, d.journal, second.ID, queue.Applied)
		})
	})
}

func TestReplay_oneDrain(t *testing.T) {
	t.Run("a second process waits, and takes over with a higher fence", func(t *testing.T) {
		inBubble(t, func(d *device) {
			keep(t, d.journal, visit("acc-001"))
			d.run()
			other := openAt(t, d.path)
			defer closeJournal(t, other)
			second := d.newReplay(other)
			if sum, err := second.Once(context.Background()); err != nil || !sum.Elsewhere {
				t.Errorf("%+v, %v", sum, err)
			}
			if !second.Status().DrainingElsewhere {
				t.Error("it does not say that another process sends")
			}
			d.stop()
			item := keep(t, other, visit("acc-002"))
			if sum, err := second.Once(context.Background()); err != nil || sum.Applied != 1 || sum.Sent != 1 || sum.Waiting != 0 {
				t.Errorf("%+v, %v", sum, err)
			}
			wantState(t, other, item.ID, queue.Applied)
			batches := d.server.Batches()
			if len(batches) != 2 || batches[1].Fence <= batches[0].Fence {
				t.Errorf("%+v", batches)
			}
		})
	})
	t.Run("what a dead process was sending is looked up", func(t *testing.T) {
		inBubble(t, func(d *device) {
			// The lock of a process that is killed is free; its rows stay.
			d.server.Fault(queuetest.Fault{Delay: time.Minute})
			item := keep(t, d.journal, visit("acc-001"))
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan struct{})
			go func() { defer close(ended); _, _ = d.replay.Once(ctx) }()
			d.rest()
			wantState(t, d.journal, item.ID, queue.Sending)
			fence, err := queue.Takeover(d.journal, context.Background())
			if err != nil || fence < 2 {
				t.Errorf("fence %d, %v", fence, err)
			}
			wantState(t, d.journal, item.ID, queue.Unconfirmed)
			cancel()
			<-ended
			wantState(t, d.journal, item.ID, queue.Unconfirmed)
			d.run()
			d.rest()
			wantState(t, d.journal, item.ID, queue.Applied)
			wantSound(t, d.journal)
		})
	})
	t.Run("a process that was overtaken settles nothing", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetest.Fault{Delay: time.Minute})
			item := keep(t, d.journal, visit("acc-001"))
			ended := make(chan error)
			go func() { _, err := d.replay.Once(context.Background()); ended <- err }()
			d.rest()
			if _, err := queue.Takeover(d.journal, context.Background()); err != nil {
				t.Fatal(err)
			}
			wantCode(t, <-ended, action.NotPossible)
			wantState(t, d.journal, item.ID, queue.Unconfirmed)
		})
	})
	t.Run("closing in mid-send leaves it unconfirmed", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetest.Fault{Delay: time.Minute})
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.shut()
			d.open()
			wantState(t, d.journal, item.ID, queue.Unconfirmed)
			d.run()
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
}

func TestReplay_Once(t *testing.T) {
	t.Run("says why nothing went", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Down(fault(action.Offline))
			keep(t, d.journal, visit("acc-001"))
			sum, err := d.replay.Once(context.Background())
			wantCode(t, err, action.Offline)
			if sum.Waiting != 1 || sum.Sent != 0 {
				t.Errorf("%+v", sum)
			}
		})
	})
	t.Run("counts what became of each", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Decide(func(a action.Action) action.Outcome {
				switch a.Sequence {
				case 1:
					return failure(action.VersionConflict)(a)
				case 2:
					return failure(action.UnknownInvoice)(a)
				case 3:
					return action.AcceptedOutcome(a.ID, "", 0, time.Now())
				case 4:
					return failure(action.SalesforceDown)(a)
				default:
					return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
				}
			})
			for range 5 {
				keep(t, d.journal, visit("acc-001"))
			}
			sum, err := d.replay.Once(context.Background())
			want := queue.Summary{Sent: 5, Applied: 1, Accepted: 1, Review: 1, Failed: 1, Waiting: 1}
			if err != nil || sum != want {
				t.Errorf("%+v, %v", sum, err)
			}
		})
	})
}

func TestReplay_chain(t *testing.T) {
	t.Run("a batch carries the head, and the link that the server acknowledged last", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.run()
			keep(t, d.journal, visit("acc-001"))
			d.rest()
			keep(t, d.journal, visit("acc-002"))
			d.rest()
			b := d.server.Batches()
			if len(b) != 2 || b[0].Acknowledged.Position != 0 || b[1].Acknowledged != b[0].Head || b[1].Head.Position <= b[0].Head.Position {
				t.Errorf("%+v", b)
			}
		})
	})
	t.Run("a server that knows another chain is told", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetest.Fault{Reply: func(r *queue.Reply) {
				r.Acknowledged = queue.ChainPoint{Position: 99, MAC: "aa"}
			}})
			keep(t, d.journal, visit("acc-001"))
			d.run()
			if !d.replay.Status().Suspect || !slices.Contains(d.eventNames(), queue.JournalSuspect) {
				t.Errorf("%+v, %v", d.replay.Status(), d.eventNames())
			}
		})
	})
}

// A server that was restored from a copy, or that forgot what is old, does not
// have what it has applied.
func TestReplay_ahead(t *testing.T) {
	inBubble(t, func(d *device) {
		made := keep(t, d.journal, invoice("", 100))
		other := keep(t, d.journal, invoice("", 100))
		d.run()
		wantState(t, d.journal, other.ID, queue.Applied)
		d.server.Decide(func(a action.Action) action.Outcome {
			if a.After != "" || len(a.Needs) > 0 {
				t.Errorf("%s names %s and %v, which are applied", a.Type, a.After, a.Needs)
			}
			return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
		})
		paid := keep(t, d.journal, payment(made.ID, 50, "usd"), other.ID)
		d.after(10 * time.Second)
		wantState(t, d.journal, paid.ID, queue.Applied)
		wantSound(t, d.journal)
	})
}
