package queue_test

import (
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// What must wait for its turn does not leave the device: the server would only
// hold it, and every send of it costs the person time.
func TestReplay_turn(t *testing.T) {
	// afterFirst answers code to the first action ever, and applies the rest.
	afterFirst := func(d *device, code action.Code) {
		var first string
		d.server.Decide(func(a action.Action) action.Outcome {
			if first == "" || first == a.ID {
				first = a.ID
				return action.FailureOutcome(a.ID, &action.Error{Code: code}, time.Now())
			}
			return action.AppliedOutcome(a.ID, "", 1, time.Now())
		})
	}
	for state, code := range map[queue.State]action.Code{
		queue.Waiting: action.RecordLocked, queue.Review: action.VersionConflict, queue.Failed: action.UnknownInvoice,
	} {
		t.Run("an action behind one that is "+string(state)+" stays in its lane, and other lanes go", func(t *testing.T) {
			inBubble(t, func(d *device) {
				afterFirst(d, code)
				blocking := keep(d.t, d.journal, payment("inv-001", 1, "usd"))
				d.once()
				wantState(d.t, d.journal, blocking.ID, state)
				behind := keep(d.t, d.journal, payment("inv-001", 2, "usd"))
				beside := keep(d.t, d.journal, payment("inv-002", 3, "usd"))
				d.once()
				wantState(d.t, d.journal, beside.ID, queue.Applied)
				if n := d.sends(behind.ID); n != 0 {
					d.t.Errorf("it was sent %d times", n)
				}
			})
		})
		t.Run("an action that needs one which is "+string(state)+" stays", func(t *testing.T) {
			inBubble(t, func(d *device) {
				afterFirst(d, code)
				needed := keep(d.t, d.journal, payment("inv-001", 1, "usd"))
				d.once()
				wantState(d.t, d.journal, needed.ID, state)
				needing := keep(d.t, d.journal, payment("inv-002", 2, "usd"), needed.ID)
				d.once()
				if n := d.sends(needing.ID); n != 0 {
					d.t.Errorf("it was sent %d times", n)
				}
				wantState(d.t, d.journal, needing.ID, queue.Held)
			})
		})
	}
}

// once runs the replay once, whatever comes of it.
func (d *device) once() {
	d.t.Helper()
	if _, err := d.replay.Once(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// sends counts how often an action went out.
func (d *device) sends(id string) (n int) {
	for _, b := range d.server.Batches() {
		for _, a := range b.Actions {
			if a.ID == id {
				n++
			}
		}
	}
	return n
}
