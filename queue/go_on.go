package queue

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// Adopter tells the server that a person goes on with a journal that it refused
// as JournalRolledBack. It returns the highest fence that the server has seen.
// A [Sender] that is one makes [Replay.GoOn] possible. It is safe to repeat.
type Adopter interface {
	Adopt(ctx context.Context, deviceID string, head ChainPoint) (fence int64, err error)
}

// GoOn is a person's decision to go on with a journal that was brought back from
// a backup: the server takes it for the device's own from now on. by is the
// person. What is open may have been sent in the part that is lost, so the server
// is asked about each action before it goes out again under the same id.
func (r *Replay) GoOn(ctx context.Context, by string) error {
	adopter, ok := r.o.Sender.(Adopter)
	if !ok {
		return &action.Error{Code: action.NotPossible, Op: "going on with an older journal", Message: action.NotPossible.Message()}
	}
	head, err := r.o.Journal.end(ctx)
	if err != nil {
		return err
	}
	fence, err := adopter.Adopt(ctx, r.o.Journal.DeviceID(), head)
	if err != nil {
		return fmt.Errorf("telling the server: %w", err)
	}
	// The server knows of the decision: it is noted even when ctx has ended.
	if err := r.o.Journal.goOn(context.WithoutCancel(ctx), by, fence); err != nil {
		return err
	}
	r.change(func() { r.link.wentOn(time.Now()); r.asked = true })
	r.poke()
	return nil
}

func (j *Journal) end(ctx context.Context) (ChainPoint, error) {
	var p ChainPoint
	err := j.read(ctx, "reading the end of the journal", func(s snapshot) error {
		var position int64
		var mac []byte
		if err := s.row(`SELECT coalesce(max(position), 0) FROM entry`).scan(&position); err != nil || position == 0 {
			return err
		}
		err := s.row(`SELECT mac FROM entry WHERE position = ?`, position).scan(&mac)
		p = point(position, mac)
		return err
	})
	return p, err
}

// goOn lifts the fence above every drain that the server has seen, which ends the
// one that may be running, and makes everything unconfirmed that could go out.
func (j *Journal) goOn(ctx context.Context, by string, fence int64) error {
	return j.writer.write(ctx, func(t *tx) error {
		if err := t.exec(`UPDATE device SET fence = max(fence, ?) + 1`, fence); err != nil {
			return fmt.Errorf("raising the fence: %w", err)
		}
		t.fence = 0
		return eachOpen(t, func(r *record) (bool, error) {
			cause := WasRestored
			switch r.state {
			case Sending:
				cause = WasInterrupted
			case Pending, Held, Waiting:
			default:
				return true, nil
			}
			return true, t.move(r, cause, Unconfirmed, change{attempt: r.attempt, note: note{By: by}})
		})
	})
}
