package queue_test

import (
	"testing"
	"time"

	"fieldpay/queue"
)

func TestReplay_Run(t *testing.T) {
	t.Run("sends what was kept before the start, and what is kept later at once", func(t *testing.T) {
		inBubble(t, func(d *device) {
			first := keep(t, d.journal, visit("acc-001"))
			d.run()
			wantState(t, d.journal, first.ID, queue.Applied)
			second := keep(t, d.journal, visit("acc-002"))
			began := time.Now()
			d.rest()
			wantState(t, d.journal, second.ID, queue.Applied)
			if waited := time.Since(began); waited > 0 {
				t.Errorf("the second one waited %v", waited)
			}
			wantSound(t, d.journal)
		})
	})
}
