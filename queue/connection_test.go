package queue_test

import (
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

func TestReplay_connection(t *testing.T) {
	state := func(d *device) queue.ConnState { return d.replay.Status().Connection.State }
	t.Run("one bad answer is not believed, two are, one good one is", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.run()
			since := d.replay.Status().Connection.Since
			d.server.SetProbe(queue.Probe{}, fault(action.Offline))
			d.replay.Wake() // first bad
			d.rest()
			if got := state(d); got != queue.Online {
				t.Errorf("after one bad answer: %s", got)
			}
			d.after(5 * time.Second) // second bad
			c := d.replay.Status().Connection
			if c.State != queue.Offline || !c.Since.After(since) {
				t.Errorf("after two bad answers: %+v", c)
			}
			d.server.SetProbe(queue.Probe{}, nil)
			d.replay.Wake()
			d.rest()
			if got := state(d); got != queue.Online {
				t.Errorf("after one good answer: %s", got)
			}
			if n := len(d.eventNames()); n < 3 || !slices.Contains(d.eventNames(), queue.ConnectionChanged) {
				t.Errorf("events %v", d.eventNames())
			}
		})
	})
	t.Run("probes every five seconds while something is unsent, every minute otherwise", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.run()
			before := d.server.Probes()
			d.after(10 * time.Minute)
			if n := d.server.Probes() - before; n < 9 || n > 11 {
				t.Errorf("%d probes in ten idle minutes", n)
			}
			d.server.Down(fault(action.Offline))
			keep(t, d.journal, visit("acc-001"))
			d.after(time.Second)
			before = d.server.Probes()
			d.after(time.Minute)
			if n := d.server.Probes() - before; n < 11 || n > 13 {
				t.Errorf("%d probes in a busy minute", n)
			}
		})
	})
	t.Run("names the upstreams that are down, and sends all the same", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.SetProbe(queue.Probe{Down: []string{"stripe"}}, nil)
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			c := d.replay.Status().Connection
			if c.State != queue.Degraded || c.Code != action.StripeDown || !slices.Equal(c.Down, []string{"stripe"}) {
				t.Errorf("%+v", c)
			}
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("forced offline makes no call, and going back sends at once", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.replay.ForceOffline(true)
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(10 * time.Minute)
			if state(d) != queue.ForcedOffline || d.server.Probes() != 0 || len(d.server.Batches()) != 0 {
				t.Errorf("%s, %d probes, %d batches", state(d), d.server.Probes(), len(d.server.Batches()))
			}
			d.replay.ForceOffline(false)
			d.rest()
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("signed out stays so while the server can be reached, until the sign-in", func(t *testing.T) {
		inBubble(t, func(d *device) {
			d.server.Fault(queuetestFault(action.SignInNeeded))
			item := keep(t, d.journal, visit("acc-001"))
			d.run()
			d.after(time.Hour)
			if c := d.replay.Status().Connection; c.State != queue.SignedOut || c.Code != action.SignInNeeded {
				t.Errorf("%+v", c)
			}
			if n := len(d.server.Batches()); n != 0 {
				t.Errorf("%d batches while signed out", n)
			}
			d.replay.SignedIn()
			d.rest()
			wantState(t, d.journal, item.ID, queue.Applied)
		})
	})
	t.Run("tells listeners of each change", func(t *testing.T) {
		inBubble(t, func(d *device) {
			changed, stop := d.replay.Changes()
			d.run()
			<-changed
			stop()
			stop()
		})
	})
	t.Run("needs all its parts", func(t *testing.T) {
		_, err := queue.NewReplay(queue.ReplayOptions{})
		wantCode(t, err, action.NotPossible)
	})
}
