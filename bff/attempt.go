package bff

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// job is an entry that was begun, on its way to a provider.
type job struct {
	entry  Entry
	effect Effect
	alone  bool
	// bad is why it cannot be sent: its payload is not readable any more.
	bad error
}

// group is jobs that share a call. An empty kind is a call of its own.
type group struct {
	kind string
	jobs []*job
}

// dispatch hands jobs to the calls. Without any it does nothing: a request that
// comes while the processor ends claims by itself, and close may not wait for it.
func (p *Processor) dispatch(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	for _, j := range jobs {
		j.prepare()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		p.work.Go(func() { p.handBack([]*group{{jobs: jobs}}) })
		return
	}
	open := map[string]*group{}
	for _, g := range p.ready {
		open[g.kind] = g
	}
	for _, j := range jobs {
		kind, most := p.shares(j)
		g := open[kind]
		if kind == "" || g == nil || len(g.jobs) >= most {
			g = &group{kind: kind}
			p.ready, open[kind] = append(p.ready, g), g
		}
		g.jobs = append(g.jobs, j)
	}
	p.pump()
}

// prepare works out the effect, unless whoever made the job has.
func (j *job) prepare() {
	e := j.entry
	if j.effect.Payload == nil {
		j.effect.Payload, j.bad = action.Decode(e.Action)
	}
	j.effect.Action, j.effect.Hash, j.effect.At = e.Action, e.Hash, e.Action.EffectiveAt(e.ReceivedAt)
	j.effect.Attempt = e.Attempts
}

func (p *Processor) shares(j *job) (kind string, most int) {
	if p.batcher == nil || j.bad != nil {
		return "", 1
	}
	return p.batcher.Batch(j.effect)
}

// pump starts calls while there may be more. The caller holds the mutex.
func (p *Processor) pump() {
	for p.calls < p.o.Concurrency && len(p.ready) > 0 {
		g := p.ready[0]
		p.ready = p.ready[1:]
		p.calls++
		p.work.Go(func() { p.call(g) })
	}
}

// call makes the effects of a group, and records what came of them.
func (p *Processor) call(g *group) {
	began := time.Now()
	jobs, err := p.renewed(g.jobs)
	if err != nil {
		p.log.Error().Err(err).Msg("renewing leases")
	}
	done := p.effects(jobs)
	for _, f := range done {
		p.o.Meter.Outcome(f.entry.Action.Type, f.result.Outcome.Class, time.Since(began))
	}
	p.results.add(done...)
	kept := make(map[*job]bool, len(jobs))
	for _, j := range jobs {
		kept[j] = true
	}
	var lost []string
	for _, j := range g.jobs {
		if !kept[j] {
			lost = append(lost, j.entry.Lane)
		}
	}
	p.release(lost)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls--
	p.pump()
}

func (j *job) finished(r Result) finished {
	return finished{entry: j.entry, result: r, alone: j.alone, audited: true}
}

// renewed begins again those jobs that waited so long for a call that their
// leases might end before it does, and leaves out what another took meanwhile.
func (p *Processor) renewed(jobs []*job) ([]*job, error) {
	now := time.Now()
	var kept, late []*job
	var starts []Start
	for _, j := range jobs {
		if j.entry.Lease.Until.Sub(now) >= p.o.CallTimeout {
			kept = append(kept, j)
			continue
		}
		late, starts = append(late, j), append(starts, p.start(j.entry.Action, now))
	}
	if len(late) == 0 {
		return jobs, nil
	}
	ctx, cancel := context.WithTimeout(p.base, p.o.CallTimeout)
	defer cancel()
	late, err := p.lease(ctx, late, starts)
	for _, j := range late {
		// The call was not made: this is still the same attempt.
		j.effect.Attempt = max(1, j.effect.Attempt)
	}
	return append(kept, late...), err
}

// handBack gives leases back that no call will be made for.
func (p *Processor) handBack(groups []*group) {
	var all []finished
	now := time.Now()
	for _, g := range groups {
		for _, j := range g.jobs {
			id := j.entry.Action.ID
			all = append(all, j.finished(Result{
				ID: id, Token: j.entry.Lease.Token, Outcome: action.AcceptedOutcome(id, "", 0, now), NextAt: now,
			}))
		}
	}
	p.results.add(all...)
}

// effects makes the effects of jobs, and says what came of each.
func (p *Processor) effects(jobs []*job) (done []finished) {
	if len(jobs) == 0 {
		return nil
	}
	ctx, span := p.traceCall(jobs)
	if len(jobs) == 1 {
		done = []finished{jobs[0].finished(p.apply(ctx, jobs[0]))}
	} else {
		done = p.applyAll(ctx, jobs)
	}
	endCall(span, done)
	return done
}

// apply makes the effect of one job, and says what came of it. It never panics:
// a fault of an adapter is trouble like any other.
func (p *Processor) apply(ctx context.Context, j *job) (r Result) {
	ctx, cancel := context.WithTimeout(ctx, p.o.CallTimeout)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			r = p.failed(j.entry, p.panicked(j, fault))
		}
	}()
	applied, err := p.effect(ctx, j)
	return p.result(j, applied, err)
}

// applyAll makes the effects of jobs in one call.
func (p *Processor) applyAll(ctx context.Context, jobs []*job) (all []finished) {
	ctx, cancel := context.WithTimeout(ctx, p.o.CallTimeout)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			all = nil
			for _, j := range jobs {
				all = append(all, j.finished(p.failed(j.entry, p.panicked(j, fault))))
			}
		}
	}()
	effects := make([]Effect, len(jobs))
	for i, j := range jobs {
		effects[i] = j.effect
	}
	answers := p.batcher.ApplyAll(ctx, effects)
	for i, j := range jobs {
		// An answer that is missing is one that is not known.
		answer := Done{Err: &action.Error{Code: action.Internal}}
		if i < len(answers) {
			answer = answers[i]
		}
		all = append(all, j.finished(p.result(j, answer.Applied, answer.Err)))
	}
	return all
}

func (p *Processor) panicked(j *job, fault any) error {
	p.log.Error().Str("action", j.entry.Action.ID).Str("fault", fmt.Sprintf("%T", fault)).Msg("an adapter panicked")
	return &action.Error{Code: action.Internal}
}

func (p *Processor) result(j *job, a Applied, err error) Result {
	if err != nil {
		p.log.Debug().Err(err).Str("action", j.entry.Action.ID).Msg("not applied")
		return p.failed(j.entry, err)
	}
	return p.applied(j.entry, a)
}
