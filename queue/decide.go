package queue

import (
	"context"

	"fieldpay/action"
)

// Retry asks for an action again that needs a person or was refused. The same
// content goes out under the same id with a raised Try, and the server applies
// it only when it knows that the first one had no effect. by is the person.
func (j *Journal) Retry(ctx context.Context, id, by string) (Item, error) {
	return j.decide(ctx, id, WasRetried, func(t *tx, r *record) error {
		if _, ok := next(r.state, WasRetried); !ok {
			return notPossible(r, WasRetried)
		}
		r.try++
		return t.move(r, WasRetried, Pending, change{note: note{By: by, Try: r.try}})
	})
}

// Discard gives an action up. by is the person and reason, which is required,
// what they say about it; both stay in the journal for good.
func (j *Journal) Discard(ctx context.Context, id, by, reason string) (Item, error) {
	if reason == "" {
		return Item{}, &action.Error{
			Code: action.InvalidPayload, Op: "discarding", Message: "A reason is needed",
			Fields: map[string]string{"reason": "is required"},
		}
	}
	return j.decide(ctx, id, WasDiscarded, func(t *tx, r *record) error {
		return t.move(r, WasDiscarded, Discarded, change{attempt: r.attempt, note: note{By: by, Reason: reason}})
	})
}

// decide runs a person's decision about one action, and frees what waited only
// for that action.
func (j *Journal) decide(ctx context.Context, id string, cause Cause, do func(*tx, *record) error) (Item, error) {
	var item Item
	err := j.writer.write(ctx, func(t *tx) error {
		r, err := t.changeable(id, cause)
		if err != nil {
			return err
		}
		if err := do(t, r); err != nil {
			return err
		}
		if err := t.release(map[string]bool{r.lane: true}); err != nil {
			return err
		}
		item, err = j.item(t, r)
		return err
	})
	return item, err
}

// changeable finds an action that a person wants to change. One in the archive
// has ended, so that nothing is possible any more.
func (t *tx) changeable(id string, cause Cause) (r *record, err error) {
	err = t.s.j.anywhere(context.Background(), t, func(q reader) error {
		if r, err = byID(q, id); err != nil {
			return err
		}
		if _, archived := q.(cold); archived {
			return notPossible(r, cause)
		}
		return nil
	})
	return r, err
}

// release frees the actions that the server held and that nothing holds any
// more, in the lanes given and among those that need other lanes.
func (t *tx) release(lanes map[string]bool) error {
	for lane := range lanes {
		held, err := many(t, `SELECT `+recordColumns+` FROM action a WHERE a.stops AND a.lane = ? AND a.state = 'held' ORDER BY a.place`, lane)
		if err != nil {
			return err
		}
		if err := t.releaseAll(held); err != nil {
			return err
		}
	}
	needing, err := many(t, `SELECT `+recordColumns+` FROM action a WHERE a.stops AND a.state = 'held' AND a.needs <> '' ORDER BY a.place`)
	if err != nil {
		return err
	}
	return t.releaseAll(needing)
}

func (t *tx) releaseAll(held []*record) error {
	for _, r := range held {
		if t.held[r.sequence] {
			continue // the server has a reason that this journal does not know
		}
		by, err := blocker(t, r)
		if err != nil {
			return err
		}
		if by != "" {
			continue
		}
		if err := t.move(r, WasReleased, Pending, change{attempt: r.attempt}); err != nil {
			return err
		}
	}
	return nil
}
