package queue_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// A link of 300 ms and 1 Mbit/s, on which an action takes about a millisecond.
const (
	longRoundTrip = 300 * time.Millisecond
	perAction     = time.Millisecond
)

func TestReplay_longWay(t *testing.T) {
	t.Run("a long backlog keeps the link busy", func(t *testing.T) {
		inBubble(t, func(d *device) {
			const backlog = longBacklog
			if err := queue.Keep(d.journal, backlog, visit("acc-1")); err != nil {
				t.Fatal(err)
			}
			d.server.SetWay(longRoundTrip, perAction)
			began := time.Now()
			sum, err := d.replay.Once(context.Background())
			if err != nil || sum.Applied != backlog {
				t.Fatalf("got %+v, %v", sum, err)
			}
			share := float64(backlog*perAction) / float64(time.Since(began))
			t.Logf("the link was used for %.0f %% of the time", 100*share)
			if share < 0.80 {
				t.Errorf("the link was used for %.2f of the time", share)
			}
			if n := len(d.server.Effects()); n != backlog {
				t.Errorf("%d effects", n)
			}
		})
	})
	t.Run("batches that overtake each other keep the order of a lane", func(t *testing.T) {
		inBubble(t, func(d *device) {
			for i := range 250 {
				keep(t, d.journal, payment("inv-1", int64(i+1), "usd"))
			}
			d.server.SetWay(longRoundTrip, perAction)
			d.server.Fault(queuetest.Fault{Of: 1, Delay: 20 * time.Second}) // the first batch comes last
			d.run()
			d.after(10 * time.Minute)
			effects := d.server.Effects()
			if len(effects) != 250 {
				t.Fatalf("%d effects", len(effects))
			}
			for i, a := range effects {
				if a.Sequence != int64(i+1) {
					t.Fatalf("effect %d is of action %d", i+1, a.Sequence)
				}
			}
			wantSound(t, d.journal)
		})
	})
	for _, code := range []action.Code{action.SignInNeeded, action.Offline, action.AnswerLost, action.JournalRolledBack} {
		t.Run(fmt.Sprintf("%s on one of three stops the run, and nothing is lost or doubled", code), func(t *testing.T) {
			inBubble(t, func(d *device) {
				if err := queue.Keep(d.journal, 300, visit("acc-1")); err != nil {
					t.Fatal(err)
				}
				d.server.SetWay(longRoundTrip, perAction)
				d.server.Fault(queuetest.Fault{Of: 1, Before: fault(code)}, queuetest.Fault{Of: 101, Delay: time.Minute},
					queuetest.Fault{Of: 201, Delay: time.Minute})
				began := time.Now()
				if _, err := d.replay.Once(context.Background()); action.CodeOf(err) != code {
					t.Errorf("got %v", err)
				}
				if n := len(d.server.Batches()); n != 0 {
					t.Errorf("%d batches arrived", n)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
				if sum, err := d.newReplay(d.journal).Once(context.Background()); err != nil || sum.Waiting != 0 {
					t.Errorf("got %+v, %v", sum, err)
				}
				if n := len(d.server.Effects()); n != 300 {
					t.Errorf("%d effects", n)
				}
				wantSound(t, d.journal)
			})
		})
	}
}
