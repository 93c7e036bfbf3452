package bff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
)

// laneRun is a lane that is being looked at or worked on. done is closed when
// nothing of it can go on; again says that it is to be looked at once more.
type laneRun struct {
	again bool
	done  chan struct{}
}

// wake sees to it that lanes are looked at after this call.
func (p *Processor) wake(lanes ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return
	}
	var idle []string
	for _, lane := range lanes {
		if run, running := p.lanes[lane]; running {
			run.again = true
			continue
		}
		p.lanes[lane] = &laneRun{done: make(chan struct{})}
		idle = append(idle, lane)
	}
	p.looks.add(idle...)
}

// runs returns what is closed when nothing of the lanes can go on.
func (p *Processor) runs(lanes []string) []<-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []<-chan struct{}
	for _, lane := range lanes {
		if run, running := p.lanes[lane]; running {
			all = append(all, run.done)
		}
	}
	return all
}

// release ends the run of lanes, unless they are to be looked at again.
func (p *Processor) release(lanes []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var again []string
	for _, lane := range lanes {
		run := p.lanes[lane]
		if run.again && !p.closing {
			run.again = false
			again = append(again, lane)
			continue
		}
		delete(p.lanes, lane)
		close(run.done)
	}
	p.looks.add(again...)
}

// waitFor lets a lane be woken when an entry settles; forget takes that back.
func (p *Processor) waitFor(lane string, ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		p.waiting[id] = append(p.waiting[id], lane)
	}
}

func (p *Processor) forget(lane string, ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		left := p.waiting[id]
		for i := range left {
			if left[i] == lane {
				left[i] = left[len(left)-1]
				left = left[:len(left)-1]
				break
			}
		}
		p.waiting[id] = left
		if len(left) == 0 {
			delete(p.waiting, id)
		}
	}
}

func (p *Processor) ending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closing
}

// look begins the first open entry of each lane, where that may be, and calls
// the providers.
func (p *Processor) look(lanes []string) {
	slices.Sort(lanes) // the order must not depend on who came first
	if p.ending() {
		p.release(lanes)
		return
	}
	jobs, asked, done, err := p.begin(lanes)
	if err != nil {
		p.log.Error().Err(err).Int("lanes", len(lanes)).Msg("working on lanes")
	}
	busy := make(map[string]bool, len(jobs)+len(done))
	for _, j := range jobs { // once dispatched, a job belongs to its call
		busy[j.entry.Lane] = true
	}
	p.results.add(done...)
	p.dispatch(jobs)
	for _, f := range done {
		busy[f.entry.Lane] = true
	}
	for _, e := range asked {
		busy[e.Lane] = true
	}
	p.ask(asked)
	var idle []string
	for _, lane := range lanes {
		if !busy[lane] {
			idle = append(idle, lane)
		}
	}
	p.release(idle)
}

// begin reads the heads of lanes and begins those that may be. Those of asked
// may be if their authors are permitted. What needs no call, because the order
// forbids it or it has to wait, is done already.
func (p *Processor) begin(lanes []string) (jobs []*job, asked []Entry, done []finished, err error) {
	ctx, cancel := context.WithTimeout(p.base, p.o.CallTimeout)
	defer cancel()
	heads, err := p.o.Ledger.Heads(ctx, lanes)
	if err != nil {
		return nil, nil, nil, wrap(err, "reading lanes")
	}
	now := time.Now()
	var free []Entry
	for _, lane := range lanes {
		e, open := heads[lane]
		backsOff := e.Waiting != "" && e.NextAt.After(now)
		if open && !backsOff && (e.Lease.Owner == p.o.Owner || !e.Lease.Until.After(now)) {
			free = append(free, e)
		}
	}
	verdicts, err := p.order(ctx, free)
	if err != nil {
		return nil, nil, nil, err
	}
	permitted := p.permitted(ctx, actionsOf(free))
	var next []Entry
	for i, e := range free {
		switch v := verdicts[i]; {
		case v != (verdict{}):
			if f, put := p.without(e, v, now); put {
				done = append(done, f)
			}
		case !permitted[i] && e.Attempts == 0:
			asked = append(asked, e)
		default:
			next = append(next, e)
		}
	}
	jobs, err = p.beginAll(ctx, next)
	return jobs, asked, done, err
}

// beginPermitted begins what was permitted.
func (p *Processor) beginPermitted(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Action.ID, b.Action.ID) })
	ctx, cancel := context.WithTimeout(p.base, p.o.CallTimeout)
	defer cancel()
	jobs, err := p.beginAll(ctx, entries)
	if err != nil {
		p.log.Error().Err(err).Int("entries", len(entries)).Msg("beginning entries")
	}
	begun := make(map[string]bool, len(jobs))
	for _, j := range jobs {
		begun[j.entry.Lane] = true
	}
	p.dispatch(jobs)
	var idle []string
	for _, e := range entries {
		if !begun[e.Lane] {
			idle = append(idle, e.Lane)
		}
	}
	p.release(idle)
}

func (p *Processor) beginAll(ctx context.Context, entries []Entry) ([]*job, error) {
	now := time.Now()
	starts, jobs := make([]Start, len(entries)), make([]*job, len(entries))
	for i, e := range entries {
		starts[i], jobs[i] = p.start(e.Action, now), &job{entry: e}
	}
	return p.lease(ctx, jobs, starts)
}

// start is the beginning of work on an action.
func (p *Processor) start(a action.Action, now time.Time) Start {
	return Start{
		ID: a.ID, Owner: p.o.Owner, At: now, Until: now.Add(p.o.Lease), Provider: providerOf(a.Type), Key: a.ID,
	}
}

// lease begins jobs, and answers those that were.
func (p *Processor) lease(ctx context.Context, jobs []*job, starts []Start) ([]*job, error) {
	if len(starts) == 0 {
		return nil, nil
	}
	begun, err := p.o.Ledger.Begin(ctx, starts)
	if err != nil {
		return nil, wrap(err, "beginning entries")
	}
	var ours []*job
	for i, j := range jobs {
		if b, ok := begun[starts[i].ID]; ok {
			j.entry = j.entry.begun(starts[i], b)
			ours = append(ours, j)
		}
	}
	return ours, nil
}

// parkFor is how often the ledger brings up an entry that waits for another.
// The end of that one wakes it at once; this is for what another server ends.
const parkFor = 5 * time.Second

// without is what comes of an entry that is not begun: one that waits for
// another is put off, so that many of them do not crowd out what is due. That
// does not hold the entry back: see begin. Nothing is put when it is put off
// already.
func (p *Processor) without(e Entry, v verdict, now time.Time) (f finished, put bool) {
	r := Result{ID: e.Action.ID, Token: e.Lease.Token}
	if v.refusal != nil {
		r.Outcome, r.NextAt = action.FailureOutcome(e.Action.ID, v.refusal, now), now.Add(backoffCap)
		return finished{entry: e, result: r}, true
	}
	r.Outcome, r.NextAt = action.AcceptedOutcome(e.Action.ID, "", 0, now), now.Add(parkFor)
	return finished{entry: e, result: r}, !e.NextAt.After(now)
}

// finished is what came of an entry. alone says that nothing else was open in
// its lane when it began, so that the lane is looked at again only when asked.
type finished struct {
	entry  Entry
	result Result
	alone  bool
	// audited says that it belongs into the audit log if it settles.
	audited bool
}

// record stores results, tells those that wait for them, and goes on with the
// lanes.
func (p *Processor) record(all []finished) {
	slices.SortStableFunc(all, func(a, b finished) int { return strings.Compare(a.result.ID, b.result.ID) })
	// A result is recorded even when the work was cut off: an effect that
	// happened must not wait for a lease to run out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.base), p.o.CallTimeout)
	defer cancel()
	lost, err := p.store(ctx, all)
	if err != nil {
		p.log.Error().Err(err).Int("results", len(all)).Msg("recording results")
	}
	fenced := make(map[string]bool, len(lost))
	for _, id := range lost {
		fenced[id] = true
	}
	var idle, more []string
	for _, f := range all {
		class := f.result.Outcome.Class
		switch goesOn := class.Settles() || class == action.Held; {
		case err != nil:
			idle = append(idle, f.entry.Lane)
		case fenced[f.result.ID]:
			if class != action.Accepted {
				p.log.Warn().Str("action", f.result.ID).Msg("the lease ran out before the result was recorded")
			}
			idle = append(idle, f.entry.Lane)
		case goesOn && !f.alone:
			p.tell(f.result)
			more = append(more, f.entry.Lane)
		default:
			p.tell(f.result)
			idle = append(idle, f.entry.Lane)
		}
	}
	p.looks.add(more...)
	p.release(idle)
}

// store writes results into the audit log, then into the ledger: a crash in
// between leaves rows too many, never one too few.
func (p *Processor) store(ctx context.Context, all []finished) (fenced []string, err error) {
	results := make([]Result, len(all))
	var rows []AuditRow
	for i, f := range all {
		results[i] = f.result
		if f.audited && f.result.Outcome.Class.Settles() {
			rows = append(rows, auditRow(f.entry, f.result, time.Now()))
		}
	}
	if p.o.Audit != nil && len(rows) > 0 {
		if err := p.o.Audit.AddAudit(ctx, rows...); err != nil {
			return nil, fmt.Errorf("writing the audit log: %w", err)
		}
	}
	return p.o.Ledger.Record(ctx, results)
}

// tell hands a result to the requests that wait for it, and wakes the lanes
// that do.
func (p *Processor) tell(r Result) {
	o := r.Outcome
	if o.Class == action.Accepted {
		return
	}
	p.log.Info().Str("action", r.ID).Str("status", string(o.Status)).Str("code", string(o.Code)).
		Bool("effect", r.Effect).Msg("action")
	if !o.Class.Settles() && o.Class != action.Held {
		return
	}
	p.mu.Lock()
	lanes := p.waiting[r.ID]
	delete(p.waiting, r.ID)
	for _, it := range p.watched[r.ID] {
		it.tell(o)
	}
	p.mu.Unlock()
	p.wake(lanes...)
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
