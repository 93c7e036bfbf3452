package bff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fieldpay/action"
)

// step works on the first open entry of a lane and reports whether the next one
// may follow.
func (p *Processor) step(ctx context.Context, lane string) (bool, error) {
	e, open, err := p.o.Ledger.Next(ctx, lane)
	if err != nil || !open {
		return false, wrap(err, "reading the lane")
	}
	now := time.Now()
	backsOff := e.Waiting != "" && e.NextAt.After(now)
	if backsOff || e.Lease.Owner != p.o.Owner && e.Lease.Until.After(now) {
		return false, nil
	}
	verdict, err := p.order(ctx, e)
	if err != nil {
		return false, err
	}
	switch {
	case verdict.waitFor != "":
		p.waitFor(verdict.waitFor, lane)
		return false, p.park(ctx, e, now)
	case verdict.refusal != nil:
		out := action.FailureOutcome(e.Action.ID, verdict.refusal, now)
		return true, p.record(ctx, Result{ID: e.Action.ID, Token: e.Lease.Token, Outcome: out, NextAt: now.Add(backoffCap)})
	}
	if err := p.permit(ctx, e); err != nil {
		r := p.failed(e, err)
		return r.Outcome.Class.Settles(), p.settle(ctx, e, r)
	}
	return p.attempt(ctx, e)
}

// permit asks whether the author of an entry may do it, before it is begun for
// the first time: what was begun may have happened, and rights that ended since
// do not undo it.
func (p *Processor) permit(ctx context.Context, e Entry) error {
	if p.o.Rights == nil || e.Attempts > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.CallTimeout)
	defer cancel()
	return p.o.Rights.Check(ctx, e.Action)
}

// parkFor is how often the ledger brings up an entry that waits for another.
// The end of that one wakes it at once; this is for what another server ends.
const parkFor = 5 * time.Second

// park puts an entry that waits for another off, so that many of them do not
// crowd out what is due. It does not hold the entry back: see step.
func (p *Processor) park(ctx context.Context, e Entry, now time.Time) error {
	if e.NextAt.After(now) {
		return nil
	}
	err := p.o.Ledger.Record(ctx, Result{
		ID: e.Action.ID, Token: e.Lease.Token, Outcome: action.AcceptedOutcome(e.Action.ID, "", 0, now), NextAt: now.Add(parkFor),
	})
	if errors.Is(err, ErrFenced) {
		return nil
	}
	return wrap(err, "putting an entry off")
}

// attempt begins the entry, makes its effect and records what came of it.
func (p *Processor) attempt(ctx context.Context, e Entry) (bool, error) {
	now := time.Now()
	e, err := p.o.Ledger.Begin(ctx, Start{
		ID: e.Action.ID, Owner: p.o.Owner, At: now, Until: now.Add(p.o.Lease),
		Provider: providerOf(e.Action.Type), Key: e.Action.ID,
	})
	if errors.Is(err, ErrFenced) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("beginning %s: %w", e.Action.ID, err)
	}
	result := p.apply(ctx, e)
	p.o.Meter.Outcome(e.Action.Type, result.Outcome.Class, time.Since(now))
	// The result is recorded even when the work was cut off: an effect that
	// happened must not wait for a lease to run out.
	err = p.settle(context.WithoutCancel(ctx), e, result)
	return result.Outcome.Class.Settles(), err
}

// settle writes what came of an entry into the audit log, then into the ledger:
// a crash in between leaves a row too many, never one too few.
func (p *Processor) settle(ctx context.Context, e Entry, r Result) error {
	if p.o.Audit != nil && r.Outcome.Class.Settles() {
		if err := p.o.Audit.AddAudit(ctx, auditRow(e, r, time.Now())); err != nil {
			return fmt.Errorf("writing the audit log of %s: %w", e.Action.ID, err)
		}
	}
	return p.record(ctx, r)
}

func (p *Processor) record(ctx context.Context, r Result) error {
	ctx, cancel := context.WithTimeout(ctx, p.o.CallTimeout)
	defer cancel()
	err := p.o.Ledger.Record(ctx, r)
	if errors.Is(err, ErrFenced) {
		p.log.Warn().Str("action", r.ID).Msg("the lease ran out before the result was recorded")
		return nil
	}
	if err != nil {
		return fmt.Errorf("recording %s: %w", r.ID, err)
	}
	o := r.Outcome
	p.log.Info().Str("action", r.ID).Str("status", string(o.Status)).Str("code", string(o.Code)).
		Bool("effect", r.Effect).Msg("action")
	if o.Class.Settles() || o.Class == action.Held {
		p.wakeAfter(r.ID)
	}
	return nil
}

// verdict says whether the order allows an entry to be applied. The zero
// verdict does.
type verdict struct {
	// waitFor is the id of an entry that must settle first.
	waitFor string
	// refusal is why the entry cannot be applied as things stand.
	refusal error
}

// order checks what must come before the entry: the one before it in its lane,
// those it needs, and the one it replaces.
func (p *Processor) order(ctx context.Context, e Entry) (verdict, error) {
	a := e.Action
	if a.After == "" && len(a.Needs) == 0 && a.Replaces == "" {
		return verdict{}, nil
	}
	ends, err := p.o.Ledger.Ends(ctx, dependencies(a))
	if err != nil {
		return verdict{}, fmt.Errorf("looking up what %s comes after: %w", a.ID, err)
	}
	if v := after(ends, e, []string{a.After}, action.AfterMissing); v != (verdict{}) {
		return v, nil
	}
	if v := after(ends, e, a.Needs, action.NeedMissing); v != (verdict{}) {
		return v, nil
	}
	return p.replaced(ctx, a)
}

// after checks that the entries of ids are applied. One that is missing or
// settled otherwise holds self. So does one that came after self into the same
// lane, because it was held itself at first: the lane would never get to it
// while self waits in front of it.
func after(ends map[string]Entry, self Entry, ids []string, code action.Code) verdict {
	for _, id := range ids {
		if id == "" {
			continue
		}
		e, taken := ends[id]
		switch {
		case taken && e.Action.ID == self.Action.ID, taken && e.Done():
		case taken && !e.Settled() && !(e.Lane == self.Lane && e.Position > self.Position):
			return verdict{waitFor: e.Action.ID}
		default:
			return verdict{refusal: &action.Error{Code: code}}
		}
	}
	return verdict{}
}

// replaced checks the action that a replaces: while it is open, a waits; when
// it had an effect, a would make a second one.
func (p *Processor) replaced(ctx context.Context, a action.Action) (verdict, error) {
	if a.Replaces == "" {
		return verdict{}, nil
	}
	entries, err := p.o.Ledger.Entries(ctx, []string{a.Replaces})
	if err != nil {
		return verdict{}, fmt.Errorf("looking up what %s replaces: %w", a.ID, err)
	}
	old, taken := entries[a.Replaces]
	switch {
	case !taken:
		return verdict{}, nil
	case !old.Settled() && old.Action.ID != a.ID:
		return verdict{waitFor: old.Action.ID}, nil
	case old.Done() || old.Effect:
		return verdict{refusal: &action.Error{
			Code: action.DuplicateRecord, Message: "What this was to replace has already taken effect. Compare both",
		}}, nil
	default:
		return verdict{}, nil
	}
}

// dependencies are the ids that an action comes after.
func dependencies(a action.Action) []string {
	if a.After == "" {
		return a.Needs
	}
	return append([]string{a.After}, a.Needs...)
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
