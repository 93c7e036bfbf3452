package queue_test

import (
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
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
