package queue_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// wreckage is a journal with a bit of everything, before it is damaged.
type wreckage struct {
	path                              string
	device                            string
	applied, failed, pending, dropped queue.Item
	server                            *queuetest.Server
}

func newWreckage(t *testing.T) *wreckage {
	t.Helper()
	ctx := context.Background()
	w := &wreckage{path: filepath.Join(t.TempDir(), "journal.db"), server: queuetest.NewServer()}
	j := openAt(t, w.path)
	w.device = j.DeviceID()
	w.applied = keep(t, j, payment("inv-1", 100, "usd"))
	w.failed = keep(t, j, visit("acc-404"))
	w.server.Decide(func(a action.Action) action.Outcome {
		if a.ID == w.failed.ID {
			return action.FailureOutcome(a.ID, &action.Error{Code: action.UnknownAccount}, a.CreatedAt)
		}
		return action.AppliedOutcome(a.ID, "sf", 1, a.CreatedAt)
	})
	if _, err := w.replay(t, j).Once(ctx); err != nil {
		t.Fatal(err)
	}
	w.dropped = keep(t, j, visit("acc-2"))
	if _, err := j.Discard(ctx, w.dropped.ID, "rep-1", "twice"); err != nil {
		t.Fatal(err)
	}
	w.pending = keep(t, j, payment("inv-2", 200, "eur"))
	closeJournal(t, j)
	return w
}

func (w *wreckage) replay(t *testing.T, j *queue.Journal) *queue.Replay {
	t.Helper()
	r, err := queue.NewReplay(queue.ReplayOptions{Journal: j, Sender: w.server, Prober: w.server, LockPath: w.path + ".lock", Rand: half})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *wreckage) salvage(t *testing.T) queue.Rescue {
	t.Helper()
	got, err := queue.Salvage(context.Background(), queue.SalvageOptions{Path: w.path, Key: key(), DeviceID: w.device})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (w *wreckage) change(t *testing.T, query string, args ...any) {
	t.Helper()
	j := openAt(t, w.path)
	defer closeJournal(t, j)
	if _, err := queue.DB(j).Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestSalvage(t *testing.T) {
	ctx := context.Background()
	t.Run("a sound journal comes through whole, with its ends", func(t *testing.T) {
		w := newWreckage(t)
		before, err := os.ReadFile(w.path)
		if err != nil {
			t.Fatal(err)
		}
		got := w.salvage(t)
		if got.Rescued != 4 || got.Known != 4 {
			t.Errorf("got %+v", got)
		}
		if aside, err := os.ReadFile(got.Aside); err != nil || !bytes.Equal(aside, before) {
			t.Errorf("the damaged file was touched, %v", err)
		}
		j := openAt(t, w.path)
		defer closeJournal(t, j)
		wantSound(t, j)
		wantState(t, j, w.applied.ID, queue.Applied)
		wantState(t, j, w.failed.ID, queue.Failed)
		wantState(t, j, w.dropped.ID, queue.Discarded)
		item := wantState(t, j, w.pending.ID, queue.Unconfirmed)
		if !bytes.Equal(item.Payload, w.pending.Payload) || item.Sequence != w.pending.Sequence || j.DeviceID() != w.device {
			t.Errorf("got %+v", item)
		}
		if next := keep(t, j, visit("acc-3")); next.Sequence != 5 {
			t.Errorf("the next sequence is %d", next.Sequence)
		}
	})
	t.Run("an end that the chain does not vouch for is asked for, and nothing is sent twice", func(t *testing.T) {
		w := newWreckage(t)
		w.change(t, `UPDATE entry SET to_state = 'discarded' WHERE cause = 'applied'`)
		w.salvage(t)
		j := openAt(t, w.path)
		defer closeJournal(t, j)
		wantState(t, j, w.applied.ID, queue.Unconfirmed)
		r := w.replay(t, j)
		if err := r.GoOn(ctx, "rep-1"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Once(ctx); err != nil {
			t.Fatal(err)
		}
		wantState(t, j, w.applied.ID, queue.Applied)
		wantState(t, j, w.pending.ID, queue.Applied)
		if n := len(w.server.Effects()); n != 2 {
			t.Errorf("%d effects, want 2", n)
		}
		wantSound(t, j)
	})
	t.Run("an action whose seal is broken is lost alone, and told", func(t *testing.T) {
		w := newWreckage(t)
		w.change(t, `UPDATE entry SET sealed = zeroblob(100) WHERE sequence = 3 AND prior = 0`)
		got := w.salvage(t)
		if got.Rescued != 3 || got.Known != 4 {
			t.Errorf("got %+v", got)
		}
		j := openAt(t, w.path)
		defer closeJournal(t, j)
		wantSound(t, j)
		if item := get(t, j, w.pending.ID); item.Sequence != 4 {
			t.Errorf("got %+v", item)
		}
	})
	t.Run("a file with broken pages gives what can be read", func(t *testing.T) {
		w := newWreckage(t)
		file, err := os.OpenFile(w.path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		// The schema and the chain stay, every page behind them is noise.
		for at := int64(4 * 4096); at < info.Size(); at += 4096 {
			if _, err := file.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), at); err != nil {
				t.Fatal(err)
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if got := w.salvage(t); got.Rescued == 0 {
			t.Errorf("got %+v", got)
		}
		j := openAt(t, w.path)
		defer closeJournal(t, j)
		wantSound(t, j)
	})
	t.Run("a file of which nothing is left stays where it is", func(t *testing.T) {
		w := newWreckage(t)
		noise := bytes.Repeat([]byte{0x5a}, 64<<10)
		if err := os.WriteFile(w.path, noise, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := queue.Salvage(ctx, queue.SalvageOptions{Path: w.path, Key: key(), DeviceID: w.device})
		wantCode(t, err, action.JournalDamaged)
		if left, err := os.ReadFile(w.path); err != nil || !bytes.Equal(left, noise) {
			t.Errorf("it was changed, %v", err)
		}
	})
	t.Run("a salvage that was cut off is finished by the next", func(t *testing.T) {
		w := newWreckage(t)
		if err := os.Rename(w.path, w.path+".damaged-20261122T120000Z"); err != nil {
			t.Fatal(err)
		}
		if got := w.salvage(t); got.Rescued != 4 {
			t.Errorf("got %+v", got)
		}
	})
}
