package queue

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fieldpay/action"
)

// verdict maps an outcome onto the move it causes. An outcome whose class this
// build does not know, or whose class and status disagree, has none: the action
// is kept.
func verdict(o action.Outcome) (Cause, State, bool) {
	if o.Status != o.Class.Status() {
		return "", "", false
	}
	switch o.Class {
	case action.Applied:
		return WasApplied, Applied, true
	case action.Accepted:
		return WasAccepted, Accepted, true
	case action.Held:
		return WasHeld, Held, true
	case action.Invalid, action.Gone, action.Declined:
		return WasRefused, Failed, true
	case action.Conflict, action.CustomerAction, action.Integrity:
		return WasContested, Review, true
	case action.Transient, action.Operator, action.VersionSkew:
		return WasPostponed, Waiting, true
	default:
		return "", "", false
	}
}

// settle moves an action by an outcome. "Not now" and "not yet your turn" count
// as an attempt and set the time of the next one.
func (t *tx) settle(r *record, o action.Outcome, cause Cause, to State, random float64) error {
	c := change{attempt: r.attempt, code: o.Code, note: note{Outcome: &o}}
	retryAfter := time.Duration(o.RetryAfterMs) * time.Millisecond
	switch to {
	case Waiting, Held:
		if to == Held {
			if t.held == nil {
				t.held = map[int64]bool{}
			}
			t.held[r.sequence] = true
		}
		c.attempt++
		c.nextAt = t.now.Add(Backoff(c.attempt, o.Code, retryAfter, random))
	case Accepted:
		c.nextAt = t.now.Add(min(retryAfter, maxRetryAfter))
	}
	return t.move(r, cause, to, c)
}

// noteAnswer stores when the server answered last and how far it has seen the
// chain. forked says that it knows a link that this journal does not have.
func (t *tx) noteAnswer(p ChainPoint) (forked bool, err error) {
	if p.Position == 0 {
		return false, t.exec(`UPDATE device SET synced_at = ?`, t.now.UnixMilli())
	}
	mac, err := t.s.j.linkAt(t, p.Position)
	if err != nil {
		return false, err
	}
	if hexText(mac) != strings.ToLower(p.MAC) {
		return true, t.exec(`UPDATE device SET synced_at = ?`, t.now.UnixMilli())
	}
	return false, t.exec(`UPDATE device SET synced_at = ?, acknowledged = max(acknowledged, ?)`, t.now.UnixMilli(), p.Position)
}

// questions are the ids to ask the server about.
type questions struct {
	// urgent are unconfirmed or accepted: their lanes or people wait for it.
	urgent []string
	// settled are review and failed: the office may have turned them.
	settled []string
	// repeat are unconfirmed after a person's retry. They are sent again, not
	// asked for: the outcome that is stored may be that of the try before.
	repeat []string
	// head is the newest position of the chain.
	head int64
}

// questions collects what can be asked. An accepted action is asked for only
// when the server wants it to be, unless a person cannot wait, or its time
// is not to be trusted.
func (j *Journal) questions(ctx context.Context, now time.Time, early bool) (questions, error) {
	var q questions
	err := j.read(ctx, "collecting open questions", func(s snapshot) error {
		q = questions{}
		if err := s.row(`SELECT coalesce(max(position), 0) FROM entry`).scan(&q.head); err != nil {
			return fmt.Errorf("reading the chain's end: %w", err)
		}
		return eachOpen(s, func(r *record) (bool, error) {
			switch r.state {
			case Unconfirmed:
				if r.try > 0 {
					q.repeat = append(q.repeat, r.id)
				} else {
					q.urgent = append(q.urgent, r.id)
				}
			case Accepted:
				if early || r.last <= j.distrust.Load() || r.nextAt <= now.UnixMilli() {
					q.urgent = append(q.urgent, r.id)
				}
			case Review, Failed:
				q.settled = append(q.settled, r.id)
			}
			return true, nil
		})
	})
	return q, err
}

// answer applies what the server said about actions that were sent before. An
// outcome that changes nothing leaves no row, so that asking costs no space.
func (j *Journal) answer(ctx context.Context, fence int64, found []action.Outcome, unknown []string, random func() float64) (synced, error) {
	var out synced
	err := j.writer.write(ctx, func(t *tx) error {
		out = synced{}
		if err := t.fenced(fence); err != nil {
			return err
		}
		lanes := map[string]bool{}
		for _, o := range found {
			r, moved, err := t.answerOne(o, random())
			if err != nil {
				return err
			}
			if moved {
				out.moved = append(out.moved, o)
				lanes[r.lane] = true
			}
		}
		for _, id := range unknown {
			if err := t.forget(id); err != nil {
				return err
			}
		}
		if _, err := t.noteAnswer(ChainPoint{}); err != nil {
			return err
		}
		return t.release(lanes)
	})
	return out, err
}

func (t *tx) answerOne(o action.Outcome, random float64) (*record, bool, error) {
	r, err := byID(t, o.ID)
	if action.CodeOf(err) == action.NotFound {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	cause, to, known := verdict(o)
	if !known || to == r.state || !Allowed(r.state, cause, to) {
		return r, false, nil
	}
	return r, true, t.settle(r, o, cause, to, random)
}

// forget takes back an "accepted" that the server knows nothing of any more.
func (t *tx) forget(id string) error {
	r, err := byID(t, id)
	if action.CodeOf(err) == action.NotFound {
		return nil
	}
	if err != nil || r.state != Accepted {
		return err
	}
	return t.move(r, WasForgotten, Unconfirmed, change{attempt: r.attempt})
}

// agenda is what replay plans its next run by.
type agenda struct {
	unsent int
	// next is when the earliest waiting action will be due.
	next time.Time
	// asking says that the server is to be asked about some actions.
	asking bool
	// syncedAt is the last answer of the server.
	syncedAt time.Time
}

func (j *Journal) agenda(ctx context.Context, now time.Time) (agenda, error) {
	var a agenda
	err := j.readOnce(ctx, "planning the next run", func(s snapshot) error {
		var unsent, next, asking, synced int64
		err := s.row(`SELECT count(*) FILTER (WHERE state IN ('pending', 'sending', 'held', 'waiting', 'unconfirmed')),
			coalesce(min(next_at) FILTER (WHERE state IN ('waiting', 'held', 'accepted') AND next_at > ?), 0),
			count(*) FILTER (WHERE state IN ('unconfirmed', 'accepted')),
			(SELECT synced_at FROM device)
			FROM action WHERE open`, now.UnixMilli()).scan(&unsent, &next, &asking, &synced)
		if err != nil {
			return fmt.Errorf("reading what is open: %w", err)
		}
		a = agenda{unsent: int(unsent), next: timeOf(next), asking: asking > 0, syncedAt: timeOf(synced)}
		return nil
	})
	return a, err
}

func byIDs(outcomes []action.Outcome) map[string]action.Outcome {
	m := make(map[string]action.Outcome, len(outcomes))
	for _, o := range outcomes {
		id := strings.ToLower(o.ID)
		if _, twice := m[id]; !twice {
			o.ID = id
			m[id] = o
		}
	}
	return m
}

func onlyTrue(set map[string]bool) map[string]bool {
	for key, keep := range set {
		if !keep {
			delete(set, key)
		}
	}
	return set
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
