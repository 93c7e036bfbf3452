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

func failure(code action.Code) func(action.Action) action.Outcome {
	return func(a action.Action) action.Outcome {
		return action.FailureOutcome(a.ID, &action.Error{Code: code}, time.Now())
	}
}

func fault(code action.Code) error { return &action.Error{Code: code} }

func TestReplay_Run(t *testing.T) {
	t.Run("sends what was kept before the start, and what is kept later at once", func(t *testing.T) {
		inBubble(t, func(d *device) {
			first := keep(t, d.journal, visit("acc-001"))
			d.run()
			wantState(t, d.journal, first.ID, queue.Applied)
			began := time.Now()
			second := keep(t, d.journal, visit("acc-002"))
			d.rest()
			if item := wantState(t, d.journal, second.ID, queue.Applied); item.Outcome == nil || item.Outcome.ServerID == "" {
				t.Errorf("the outcome is %+v", item.Outcome)
			}
			if waited := time.Since(began); waited > 0 {
				t.Errorf("the second one waited %v", waited)
			}
			status := d.replay.Status()
			if status.Connection.State != queue.Online || status.Draining || status.LastSync.IsZero() {
				t.Errorf("%+v", status)
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("sends by itself when the server comes back, and offline costs no attempt", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Down(fault(action.Offline))
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(time.Hour)
			if got := wantState(t, d.journal, item.ID, queue.Pending); got.Attempt != 0 {
				t.Errorf("offline cost %d attempts", got.Attempt)
			}
			if c := d.replay.Status().Connection; c.State != queue.Offline || c.Code != action.Offline {
				t.Errorf("%+v", c)
			}
			d.server.Down(nil)
			d.after(7 * time.Second)
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("sends what another process of the device has kept", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.run()
			other := openAt(t, d.path)
			defer closeJournal(t, other)
			item := keep(t, other, visit("acc-001"))
			d.after(2 * time.Second)
			wantState(t, other, item.ID, queue.Applied)
		})
	})
	t.Run("sends a backlog in batches of a hundred, in order", func(t *testing.T) {
		inBubble(t, func(d *device) {
			for range 250 {
				keep(t, d.journal, payment("inv-002", 1, "usd"))
			}
			d.run()
			var sizes []int
			for _, b := range d.server.Batches() {
				sizes = append(sizes, len(b.Actions))
			}
			if !slices.Equal(sizes, []int{100, 100, 50}) {
				t.Errorf("batches of %v", sizes)
			}
			for i, a := range d.server.Effects() {
				if a.Sequence != int64(i+1) {
					t.Fatalf("effect %d is action %d", i, a.Sequence)
				}
			}
			wantSound(t, d.journal)
		})
	})
	t.Run("keeps a batch under its size in bytes", func(t *testing.T) {
		inBubble(t, func(d *device) {
			long := visit("acc-001")
			long.Note = string(make([]byte, 0, 30000))
			for len(long.Note) < 30000 {
				long.Note += "a long day at the customer's. "
			}
			for range 40 {
				keep(t, d.journal, long)
			}
			d.run()
			if n := len(d.server.Batches()); n != 3 {
				t.Errorf("%d batches", n)
			}
			if n := len(d.server.Effects()); n != 40 {
				t.Errorf("%d effects", n)
			}
		})
	})
	t.Run("spreads the first send after a return over the span the server asks for", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.SetProbe(queue.Probe{StartDelay: time.Minute}, nil)
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(29 * time.Second)
			wantState(t, d.journal, item.ID, queue.Pending)
			d.after(2 * time.Second)
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("a person does not wait for the spread", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.SetProbe(queue.Probe{StartDelay: time.Minute}, nil)
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.replay.Wake()
			d.rest()
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
}

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
			d.after(24 * time.Hour)
			wantState(t, d.journal, item.ID, queue.Waiting)
			if n := len(d.server.Batches()); n < 288 || n > 700 {
				t.Errorf("%d sends in a day", n)
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
			if len(effects) != 2 || effects[0].ID != edited.ID || effects[1].After != edited.ID {
				t.Errorf("%+v", effects)
			}
			wantSound(t, d.journal)
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
