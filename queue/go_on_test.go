package queue_test

import (
	"context"
	"os"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// A journal that came back from a backup: what it shows as open was sent since.
func TestReplay_GoOn(t *testing.T) {
	inBubble(t, func(d *device) {
		sent := keep(t, d.journal, payment("inv-1", 100, "usd"))
		unsent := keep(t, d.journal, payment("inv-2", 200, "usd"))
		d.shut()
		backup, err := os.ReadFile(d.path)
		if err != nil {
			t.Fatal(err)
		}
		d.open()
		if _, err := d.journal.Discard(context.Background(), unsent.ID, "rep-1", "not now"); err != nil {
			t.Fatal(err)
		}
		d.run()
		wantState(t, d.journal, sent.ID, queue.Applied)
		d.shut()
		d.open()
		d.run() // another start of the program, which is another drain
		keep(t, d.journal, visit("acc-9"))
		d.rest()
		d.shut()
		d.putBack(backup)
		d.open()

		d.run()
		t.Run("nothing is sent from it, and the connection says why", func(t *testing.T) {
			d.after(10 * time.Minute)
			if got := d.replay.Status().Connection; got.State != queue.Degraded || got.Code != action.JournalRolledBack {
				t.Errorf("got %+v", got)
			}
			wantState(t, d.journal, sent.ID, queue.Pending)
			if n := len(d.server.Effects()); n != 2 {
				t.Errorf("%d effects", n)
			}
		})
		t.Run("a person's decision sends what the server does not have, once", func(t *testing.T) {
			if err := d.replay.GoOn(context.Background(), "rep-1"); err != nil {
				t.Fatal(err)
			}
			d.after(time.Minute)
			wantState(t, d.journal, sent.ID, queue.Applied)
			wantState(t, d.journal, unsent.ID, queue.Applied)
			effects := d.server.Effects()
			if len(effects) != 3 || effects[0].ID != sent.ID || effects[2].ID != unsent.ID {
				t.Errorf("effects of %+v", effects)
			}
			if got := d.replay.Status().Connection; got.State != queue.Online {
				t.Errorf("got %+v", got)
			}
			wantSound(t, d.journal)
		})
	})
}

// Two processes of one device: the one that was overtaken reads the same refusal,
// and needs nobody's decision.
func TestReplay_overtaken(t *testing.T) {
	inBubble(t, func(d *device) {
		d.run()
		if _, err := queue.Takeover(d.journal, context.Background()); err != nil {
			t.Fatal(err)
		}
		item := keep(t, d.journal, visit("acc-1"))
		d.after(time.Minute)
		wantState(t, d.journal, item.ID, queue.Applied)
		if got := d.replay.Status().Connection; got.State != queue.Online {
			t.Errorf("got %+v", got)
		}
	})
}

// putBack brings the journal's file back from a backup.
func (d *device) putBack(backup []byte) {
	d.t.Helper()
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Remove(d.path + suffix) // a clean close leaves none
	}
	if err := os.WriteFile(d.path, backup, 0o600); err != nil {
		d.t.Fatal(err)
	}
}
