package bff

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
)

// claim stores a submission, with what others bring at the same time, and waits
// until it is durable. What is settled already has its outcome then; of the rest
// everything that can be begun is under way.
func (p *Processor) claim(ctx context.Context, s *submission) error {
	p.mu.Lock()
	for _, it := range s.items {
		it.of = s
		p.watched[it.action.ID] = append(p.watched[it.action.ID], it)
	}
	closing := p.closing
	if !closing {
		p.claims.add(s)
	}
	p.mu.Unlock()
	if closing {
		// It is stored all the same; another server, or the next start, applies it.
		p.claimAll([]*submission{s})
	}
	select {
	case <-s.claimed:
	case <-ctx.Done():
		return fmt.Errorf("claiming a batch: %w", ctx.Err())
	}
	return wrap(s.err, "claiming a batch")
}

// unwatch ends the wait for outcomes.
func (p *Processor) unwatch(s *submission) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, it := range s.items {
		id := it.action.ID
		left := slices.DeleteFunc(p.watched[id], func(other *item) bool { return other == it })
		if len(left) == 0 {
			delete(p.watched, id)
			continue
		}
		p.watched[id] = left
	}
}

// claimAll stores submissions in one transaction, and begins along with it what
// is alone in its lane and comes after nothing.
func (p *Processor) claimAll(all []*submission) {
	var items []*item
	slices.SortStableFunc(all, func(a, b *submission) int {
		one, other := a.items[0].action, b.items[0].action
		return cmp.Or(strings.Compare(one.DeviceID, other.DeviceID), strings.Compare(one.ID, other.ID))
	})
	for _, s := range all {
		items = append(items, s.items...)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.base), p.o.CallTimeout)
	defer cancel()
	claims, reserved := p.reserve(items, p.permitted(ctx, actionsIn(items)))
	claimed, err := p.o.Ledger.Claim(ctx, claims)
	if err != nil {
		p.release(lanesOf(reserved))
		if len(all) > 1 {
			// What the store cannot take of one must not keep the others out.
			for _, s := range all {
				p.claimAll([]*submission{s})
			}
			return
		}
		all[0].err = err
		close(all[0].claimed)
		return
	}
	p.take(items, claimed, reserved)
	for _, s := range all {
		close(s.claimed)
	}
}

func actionsIn(items []*item) []action.Action {
	actions := make([]action.Action, len(items))
	for i, it := range items {
		actions[i] = it.action
	}
	return actions
}

// reserve makes claims of items. The lane of one that may begin at once is
// reserved: nobody looks at it until the claim is through.
func (p *Processor) reserve(items []*item, permitted []bool) (claims []Claim, reserved []*item) {
	now := time.Now()
	claims = make([]Claim, len(items))
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, it := range items {
		claims[i] = Claim{Action: it.action, Hash: it.hash, Lane: it.lane, At: it.of.at}
		if _, busy := p.lanes[it.lane]; busy || p.closing || p.o.Apart || !permitted[i] || len(comesAfter(it.action)) > 0 {
			continue
		}
		p.lanes[it.lane] = &laneRun{done: make(chan struct{})}
		claims[i].Start = p.start(it.action, now)
		reserved = append(reserved, it)
	}
	return claims, reserved
}

// take goes on with items that are in the ledger now.
func (p *Processor) take(items []*item, claimed []Claimed, reserved []*item) {
	now := time.Now()
	var jobs []*job
	var look, wake []string
	p.mu.Lock()
	for i, it := range items {
		c := claimed[i]
		mine := len(reserved) > 0 && reserved[0] == it
		if mine {
			reserved = reserved[1:]
		}
		p.answerClaim(it, c, now)
		switch {
		case c.Begun && mine:
			j := &job{entry: c.Entry, alone: true}
			j.effect.Payload = it.payload
			jobs = append(jobs, j)
		case mine:
			look = append(look, it.lane)
		case !c.Settled():
			wake = append(wake, it.lane)
		}
	}
	p.mu.Unlock()
	p.dispatch(jobs)
	p.looks.add(look...)
	p.wake(wake...)
}

// answerClaim settles an item that needs no work. The caller holds the mutex.
func (p *Processor) answerClaim(it *item, c Claimed, now time.Time) {
	it.fresh = c.Fresh
	switch {
	case c.Action.Actor != it.action.Actor:
		it.settle(&action.Error{Code: action.NotAllowed}, now)
	case c.Hash != it.hash:
		p.log.Error().Str("action", it.action.ID).Str("alarm", string(action.ContentChanged)).
			Msg("one id arrived with two contents")
		it.settle(&action.Error{Code: action.ContentChanged}, now)
	case c.Settled():
		out := *c.Outcome
		out.Replayed = true
		it.outcome = &out
	default:
		return
	}
	it.tell(*it.outcome)
}
