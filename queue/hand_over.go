package queue

import (
	"context"
	"slices"

	"fieldpay/action"
)

// handOverGroup is how many actions are noted as handed over in one commit.
const handOverGroup = 500

// Unsent returns up to limit actions that the server is not known to have, in
// the order in which they go, in the form in which they would be sent now. more
// says that there are others behind them. Rows that were changed outside
// FieldPay are left out: they are not sent either.
func (j *Journal) Unsent(ctx context.Context, limit int) (found []action.Action, more bool, err error) {
	err = j.read(ctx, "reading unsent actions", func(s snapshot) error {
		found, more = nil, false
		return eachOpen(s, func(r *record) (bool, error) {
			if !r.state.Unsent() {
				return true, nil
			}
			if len(found) == limit {
				more = true
				return false, nil
			}
			a, err := j.outgoing(s, r)
			if action.CodeOf(err) == action.JournalDamaged {
				return true, nil
			}
			if err != nil {
				return false, err
			}
			found = append(found, a)
			return true, nil
		})
	})
	return found, more, err
}

// outgoing is an action as it would be sent: it names what is before it now.
func (j *Journal) outgoing(q reader, r *record) (action.Action, error) {
	a, _, err := j.content(q, r)
	if err != nil {
		return action.Action{}, err
	}
	if a.After, err = ahead(q, r); err != nil {
		return action.Action{}, err
	}
	a.Needs, err = currentNeeds(q, r)
	return a, err
}

// HandOver notes that the server took these actions from a sealed file, and
// returns how many that changed: what has ended by now, and what is on its way
// at this moment, stays as it is. by is the person and receipt what the server
// gave for them. An unknown id is NotFound.
func (j *Journal) HandOver(ctx context.Context, ids []string, by, receipt string) (moved int, err error) {
	for group := range slices.Chunk(ids, handOverGroup) {
		n := 0
		err := j.writer.write(ctx, func(t *tx) error {
			n = 0
			lanes := map[string]bool{}
			for _, id := range group {
				r, err := t.changeable(id, WasHandedOver)
				if action.CodeOf(err) == action.NotPossible {
					continue // it ended so long ago that it is in the archive
				}
				if err != nil {
					return err
				}
				if _, possible := next(r.state, WasHandedOver); !possible {
					continue
				}
				if err := t.move(r, WasHandedOver, HandedOver, change{attempt: r.attempt, note: note{By: by, Reason: receipt}}); err != nil {
					return err
				}
				lanes[r.lane] = true
				n++
			}
			return t.release(lanes)
		})
		if err != nil {
			return moved, err
		}
		moved += n
	}
	return moved, nil
}
