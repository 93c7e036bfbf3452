package queue_test

import (
	"context"
	"fmt"
	"testing"

	"fieldpay/action"
	"fieldpay/queue"
)

func TestJournal_HandOver(t *testing.T) {
	t.Run("what the server has not is given out as it would be sent", func(t *testing.T) {
		inBubble(t, func(d *device) {
			keep(t, d.journal, payment("inv-1", 1, "usd")) // applied, and so not named
			d.once()
			first := keep(t, d.journal, payment("inv-1", 2, "usd"))
			given := keep(t, d.journal, payment("inv-1", 3, "usd"))
			if _, err := d.journal.Discard(context.Background(), first.ID, "rep-1", "twice"); err != nil {
				t.Fatal(err)
			}
			found, more, err := d.journal.Unsent(context.Background(), 10)
			if err != nil || more || len(found) != 1 {
				t.Fatalf("%d, %v, %v", len(found), more, err)
			}
			if a := found[0]; a.ID != given.ID || a.After != "" || a.DeviceID != d.journal.DeviceID() || string(a.Payload) == "" {
				t.Errorf("got %+v", a)
			}
		})
	})
	t.Run("a limit is told", func(t *testing.T) {
		j := journal(t)
		for i := range 5 {
			keep(t, j, visit(fmt.Sprintf("acc-%d", i)))
		}
		for limit, want := range map[int]bool{4: true, 5: false} {
			if found, more, err := j.Unsent(t.Context(), limit); err != nil || len(found) != limit || more != want {
				t.Errorf("limit %d: %d, %v, %v", limit, len(found), more, err)
			}
		}
	})
	t.Run("what was handed over is closed, and noting it again changes nothing", func(t *testing.T) {
		j := journal(t)
		var ids []string
		for i := range 600 {
			ids = append(ids, keep(t, j, visit(fmt.Sprintf("acc-%d", i))).ID)
		}
		for _, want := range []int{600, 0} {
			if n, err := j.HandOver(t.Context(), ids, "rep-1", "receipt-7"); err != nil || n != want {
				t.Errorf("%d moved, %v", n, err)
			}
		}
		if item, err := j.Item(t.Context(), ids[0]); err != nil || item.State != queue.HandedOver {
			t.Errorf("%v, %v", item.State, err)
		}
		wantSound(t, j)
	})
	t.Run("what comes after it goes by itself", func(t *testing.T) {
		inBubble(t, func(d *device) {
			first := keep(t, d.journal, payment("inv-1", 1, "usd"))
			if _, err := d.journal.HandOver(context.Background(), []string{first.ID}, "rep-1", "receipt"); err != nil {
				t.Fatal(err)
			}
			next := keep(t, d.journal, payment("inv-1", 2, "usd"))
			found, _, err := d.journal.Unsent(context.Background(), 10)
			if err != nil || len(found) != 1 || found[0].ID != next.ID || found[0].After != first.ID {
				t.Errorf("%+v, %v", found, err)
			}
		})
	})
	t.Run("an unknown id is told and moves nothing of its group", func(t *testing.T) {
		j := journal(t)
		item := keep(t, j, visit("acc-1"))
		if _, err := j.HandOver(t.Context(), []string{item.ID, action.NewID()}, "rep-1", "r"); action.CodeOf(err) != action.NotFound {
			t.Errorf("got %v", err)
		}
		if got, err := j.Item(t.Context(), item.ID); err != nil || got.State != queue.Pending {
			t.Errorf("%v, %v", got.State, err)
		}
	})
}
