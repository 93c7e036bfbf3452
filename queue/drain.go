package queue

import (
	"bytes"
	"context"
	"fmt"

	"fieldpay/action"
)

// Limits of one batch. The server reads at most 1 MiB.
const (
	batchCount = 100
	// longBatchCount is for a way so long that a batch of the usual size would be
	// across long before its answer: the most that the server takes.
	longBatchCount = 500
	batchBytes     = 512 << 10
)

// parcel is an action in a batch, with where it stood before.
type parcel struct {
	record record
	from   State
	nextAt int64
	action action.Action
}

// takeover makes this process the one that sends: it raises the fence, and what
// a dead process left as sending becomes unconfirmed. The caller holds the
// drain's lock file.
func (j *Journal) takeover(ctx context.Context) (fence int64, err error) {
	err = j.writer.write(ctx, func(t *tx) error {
		if err := t.exec(`UPDATE device SET fence = fence + 1`); err != nil {
			return fmt.Errorf("raising the fence: %w", err)
		}
		if err := t.row(`SELECT fence FROM device`).scan(&fence); err != nil {
			return fmt.Errorf("reading the fence: %w", err)
		}
		t.fence = fence
		return eachOpen(t, func(r *record) (bool, error) {
			if r.state != Sending {
				return true, nil
			}
			return true, t.move(r, WasInterrupted, Unconfirmed, change{attempt: r.attempt})
		})
	})
	return fence, err
}

// selection says what may go into the next batch.
type selection struct {
	fence        int64
	count, bytes int
	// resend has the unconfirmed actions that may be sent again under their id.
	resend map[string]bool
	// early sends what waits for its time and has waited since this position of
	// the chain: a person asked for it.
	early int64
}

// taken is what take found.
type taken struct {
	batch   Batch
	parcels []*parcel
	// broken are actions whose rows were changed outside FieldPay. They are not
	// sent.
	broken []string
	// full says that a limit ended the batch: more may be due.
	full bool
}

// take marks the next batch as sending and returns it.
func (j *Journal) take(ctx context.Context, sel selection) (taken, error) {
	var out taken
	err := j.writer.write(ctx, func(t *tx) error {
		out = taken{}
		if err := t.fenced(sel.fence); err != nil {
			return err
		}
		if j.Suspect() {
			return errSuspect
		}
		c := &chooser{t: t, sel: sel, now: t.now.UnixMilli(), stopped: map[string]bool{}, out: &out}
		if err := eachOpen(t, c.visit); err != nil {
			return err
		}
		if len(out.parcels) == 0 {
			return nil
		}
		for _, p := range out.parcels {
			if err := t.move(&p.record, WasSent, Sending, change{attempt: p.record.attempt, nextAt: timeOf(p.nextAt)}); err != nil {
				return err
			}
			out.batch.Actions = append(out.batch.Actions, p.action)
		}
		var err error
		out.batch.DeviceID, out.batch.Fence, out.batch.Head = j.device, sel.fence, t.head()
		out.batch.Acknowledged, err = t.acknowledged()
		return err
	})
	return out, err
}

// chooser walks the unfinished actions in the order of their places and fills a
// batch, lane by lane in order.
type chooser struct {
	t       *tx
	sel     selection
	now     int64
	stopped map[string]bool // lanes that an earlier row holds back
	bytes   int
	// seen is the entry that was checked last. It is mostly the one before the
	// next one, which saves looking that up.
	seen *entry
	out  *taken
}

func (c *chooser) visit(r *record) (more bool, err error) {
	// What the server does not know goes again even where its lane is held back:
	// the server then says that it has to wait, and a person may decide about it.
	if c.stopped[r.lane] && r.state != Unconfirmed {
		return true, nil
	}
	switch due, err := c.due(r); {
	case err != nil:
		return false, err
	case !due:
		if r.state != Sending && r.state != Accepted {
			c.stopped[r.lane] = true
		}
		return true, nil
	}
	if len(c.out.parcels) > 0 && c.bytes+r.size > c.sel.bytes {
		c.out.full = true
		return false, nil
	}
	p, err := c.pack(r)
	if action.CodeOf(err) == action.JournalDamaged {
		c.stopped[r.lane] = true
		c.out.broken = append(c.out.broken, r.id)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	c.out.parcels = append(c.out.parcels, p)
	c.bytes += r.size
	// What has failed before goes alone in its lane: the next ones would only
	// be held.
	c.stopped[r.lane] = r.state != Pending
	c.out.full = len(c.out.parcels) >= c.sel.count
	return !c.out.full, nil
}

func (c *chooser) due(r *record) (bool, error) {
	switch r.state {
	case Pending:
	case Waiting, Held:
		if r.nextAt > c.now && r.last > c.sel.early {
			return false, nil
		}
	case Unconfirmed:
		// Whatever it needs: it may be with the server, and only the server can
		// say that it is not, and what it waits for.
		return c.sel.resend[r.id], nil
	default:
		return false, nil
	}
	need, err := unmet(c.t, r)
	return need == "", err
}

// pack opens the action. What goes out names the action that is before it now,
// and those that it needs now: what stood there may have been edited or
// discarded since, and the server may never have seen it. What is applied is not
// named: nothing overtakes it any more, and a server that was restored from a
// copy, or has forgotten it, would wait for it for ever.
func (c *chooser) pack(r *record) (*parcel, error) {
	a, e, err := c.t.s.j.content(c.t, r)
	if err != nil {
		return nil, err
	}
	if err := c.confirm(r, e); err != nil {
		return nil, err
	}
	if a.After, err = ahead(c.t, r); err != nil {
		return nil, err
	}
	if a.Needs, err = currentNeeds(c.t, r); err != nil {
		return nil, err
	}
	return &parcel{record: *r, from: r.state, nextAt: r.nextAt, action: a}, nil
}

// confirm checks that the chain says of the action what its row says: a row
// alone, which anybody can change, sends nothing. first is its first entry.
func (c *chooser) confirm(r *record, first *entry) error {
	e := first
	var err error
	if r.last != r.first {
		if e, err = entryAt(c.t, r.last); err != nil {
			return err
		}
	}
	if err := r.follows(e); err != nil {
		return err
	}
	var before []byte
	if c.seen != nil && c.seen.position == e.position-1 {
		before = c.seen.mac
	} else if before, err = c.t.s.j.linkBefore(c.t, e.position); err != nil {
		return err
	}
	if !bytes.Equal(e.link(c.t.hash, before), e.mac) {
		return damaged(e.position, "is not what was written: its link does not fit")
	}
	c.seen = e
	return nil
}

// giveBack returns a batch that never left the device: everything is as before,
// and no attempt was spent.
func (j *Journal) giveBack(ctx context.Context, fence int64, parcels []*parcel) error {
	return j.writer.write(ctx, func(t *tx) error {
		if err := t.fenced(fence); err != nil {
			return err
		}
		for _, p := range parcels {
			r := p.record
			if err := t.move(&r, WasReturned, p.from, change{attempt: r.attempt, nextAt: timeOf(p.nextAt)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// lose notes that a batch was sent and that nobody knows what came of it.
func (j *Journal) lose(ctx context.Context, fence int64, parcels []*parcel, code action.Code) error {
	return j.writer.write(ctx, func(t *tx) error {
		if err := t.fenced(fence); err != nil {
			return err
		}
		for _, p := range parcels {
			r := p.record
			if err := t.move(&r, WasLost, Unconfirmed, change{attempt: r.attempt, code: code}); err != nil {
				return err
			}
		}
		return nil
	})
}

// postpone lets a single action wait that the server does not take as a whole
// request. It is never given up.
func (j *Journal) postpone(ctx context.Context, fence int64, p *parcel, o action.Outcome, random float64) error {
	return j.writer.write(ctx, func(t *tx) error {
		if err := t.fenced(fence); err != nil {
			return err
		}
		r := p.record
		return t.settle(&r, o, WasPostponed, Waiting, random)
	})
}

// synced is what a settlement changed.
type synced struct {
	// moved has the outcomes that changed an action, ignored the ids that the
	// reply named without being asked.
	moved   []action.Outcome
	ignored []string
	lost    int
	// forked says that the server knows another chain than this journal.
	forked bool
}

// settle applies a reply to its batch in one transaction. What the reply does
// not name, or names in a way that this build does not know, is unconfirmed.
func (j *Journal) settle(ctx context.Context, fence int64, parcels []*parcel, reply Reply, random func() float64) (synced, error) {
	var out synced
	err := j.writer.write(ctx, func(t *tx) error {
		out = synced{}
		if err := t.fenced(fence); err != nil {
			return err
		}
		answers := byIDs(reply.Outcomes)
		lanes := map[string]bool{}
		for _, p := range parcels {
			r := p.record
			o, named := answers[r.id]
			delete(answers, r.id)
			cause, to, known := verdict(o)
			if !named || !known || !Allowed(Sending, cause, to) {
				out.lost++
				if err := t.move(&r, WasLost, Unconfirmed, change{attempt: r.attempt, code: action.AnswerLost}); err != nil {
					return err
				}
				continue
			}
			if err := t.settle(&r, o, cause, to, random()); err != nil {
				return err
			}
			out.moved = append(out.moved, o)
			lanes[r.lane] = lanes[r.lane] || to == Applied || to == Accepted
		}
		for id := range answers {
			out.ignored = append(out.ignored, id)
		}
		var err error
		if out.forked, err = t.noteAnswer(reply.Acknowledged); err != nil {
			return err
		}
		return t.release(onlyTrue(lanes))
	})
	return out, err
}
