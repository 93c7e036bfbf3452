package bff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
)

// elsewherePoll is how often a request looks at work that another server does:
// nothing in this process tells when it ends.
const elsewherePoll = 100 * time.Millisecond

// await gives every item its outcome: the settled one if there is one by the
// deadline, else that it is accepted.
func (p *Processor) await(ctx context.Context, s *submission, deadline time.Time) error {
	left := p.hear(s.items)
	for first := true; len(left) > 0; first = false {
		lanes := lanesOf(left)
		if !first {
			p.wake(lanes...)
		}
		ended := awaitLanes(ctx, s, p.runs(lanes), deadline)
		before := len(left)
		if left = p.hear(left); len(left) == 0 {
			return nil
		}
		entries, err := p.o.Ledger.Entries(ctx, idsOf(left))
		if err != nil && !ended {
			return fmt.Errorf("reading outcomes: %w", err)
		}
		now := time.Now()
		still, elsewhere := p.answer(left, entries, now)
		// Nothing moved and nobody else is at it: it waits for something that
		// takes longer than this request should.
		if ended || len(still) == before && !elsewhere {
			for _, it := range still {
				it.accept(entries[it.action.ID], now)
			}
			return nil
		}
		left = still
		if elsewhere && !pause(ctx, min(elsewherePoll, time.Until(deadline))) {
			deadline = now
		}
	}
	return nil
}

// awaitLanes waits until every item was told its outcome, or each lane was
// worked on as far as it goes. It reports whether the time is up.
func awaitLanes(ctx context.Context, s *submission, runs []<-chan struct{}, deadline time.Time) bool {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	for _, done := range runs {
		select {
		case <-s.all:
			return false
		case <-done:
		case <-timer.C:
			return true
		case <-ctx.Done():
			return true
		}
	}
	return time.Until(deadline) <= 0 || ctx.Err() != nil
}

// hear settles the items that were told an outcome, and returns the rest.
func (p *Processor) hear(items []*item) (left []*item) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, it := range items {
		switch {
		case it.outcome != nil:
		case it.told == nil:
			left = append(left, it)
		case it.told.Class == action.Held:
			it.settle(heldBy(it.action), now)
		default:
			out := *it.told
			out.Replayed = !it.fresh
			it.outcome = &out
		}
	}
	return left
}

// answer settles the items whose entries are settled or gone, returns the rest,
// and reports whether another worker is at one of those.
func (p *Processor) answer(left []*item, entries map[string]Entry, now time.Time) (still []*item, elsewhere bool) {
	for _, it := range left {
		e, stored := entries[it.action.ID]
		switch {
		case !stored && entries != nil:
			it.settle(heldBy(it.action), now)
		case e.Settled():
			out := *e.Outcome
			out.Replayed = !it.fresh
			it.outcome = &out
		default:
			still = append(still, it)
			elsewhere = elsewhere || e.Lease.Owner != p.o.Owner && e.Lease.Until.After(now)
		}
	}
	return still, elsewhere
}

func (it *item) accept(e Entry, now time.Time) {
	out := action.AcceptedOutcome(it.sent, e.Waiting, askAgain(e.NextAt, now), now)
	it.outcome = &out
}

// heldBy is why an action left the ledger again without having been begun: one
// before it turned out to fail.
func heldBy(a action.Action) error {
	if a.After == "" && len(a.Needs) > 0 {
		return &action.Error{Code: action.NeedMissing}
	}
	return &action.Error{Code: action.AfterMissing}
}

// Outcomes answers what became of actions of one person. Ids that are not in
// the ledger, or are another person's, come back in unknown.
func (p *Processor) Outcomes(ctx context.Context, asker Batch, ids []string) (found []action.Outcome, unknown []string, err error) {
	lower := make([]string, len(ids))
	for i, id := range ids {
		lower[i] = strings.ToLower(id)
	}
	entries, err := p.o.Ledger.Entries(ctx, lower)
	if err != nil {
		return nil, nil, fmt.Errorf("looking up outcomes: %w", err)
	}
	now := time.Now()
	for i, id := range ids {
		e, stored := entries[lower[i]]
		switch {
		case !stored || !asker.mayBring(e.Action):
			unknown = append(unknown, id)
			continue
		case e.Settled():
			out := *e.Outcome
			out.ID, out.Replayed = id, true
			if out.Result == action.ResultRequested {
				asked, _, err := p.o.Requests.Request(ctx, lower[i])
				if err != nil {
					return nil, nil, fmt.Errorf("looking up what was paid: %w", err)
				}
				out.Result = asked.result()
			}
			found = append(found, out)
		default:
			found = append(found, action.AcceptedOutcome(id, e.Waiting, askAgain(e.NextAt, now), now))
		}
	}
	return found, unknown, nil
}

func idsOf(items []*item) []string {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.action.ID
	}
	return ids
}

func lanesOf(items []*item) []string {
	var lanes []string
	for _, it := range items {
		lanes = append(lanes, it.lane)
	}
	slices.Sort(lanes)
	return slices.Compact(lanes)
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*action.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
