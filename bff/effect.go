package bff

import (
	"context"
	"time"

	"fieldpay/action"
)

// The providers that an intent names.
const (
	providerSalesforce = "salesforce"
	providerBoth       = "stripe+salesforce"
)

func providerOf(t action.Type) string {
	if t == action.SyncPaymentType || t == action.CollectPaymentType {
		return providerBoth
	}
	return providerSalesforce
}

// effect makes the effect of a job by a call of its own.
func (p *Processor) effect(ctx context.Context, j *job) (Applied, error) {
	if j.bad != nil {
		return Applied{}, j.bad
	}
	switch pay := j.effect.Payload.(type) {
	case *action.SyncPayment:
		return p.bookCard(ctx, j.entry, pay)
	case *action.CollectPayment:
		return p.collect(ctx, j.entry, pay)
	}
	return p.o.CRM.Apply(ctx, j.effect)
}

// applied is the result of an effect that happened. One with a note is for a
// person to look at, and is never made again.
func (p *Processor) applied(e Entry, a Applied) Result {
	out := action.AppliedOutcome(e.Action.ID, a.ServerID, a.Version, time.Now())
	out.Result, out.Link = a.Result, a.Link
	if a.Note != "" {
		out = action.FailureOutcome(e.Action.ID, &action.Error{Code: a.Note}, time.Now())
		out.ServerID, out.Version, out.Retryable = a.ServerID, a.Version, false
		out.Class, out.Status, out.Result = action.Conflict, action.StatusReview, a.Result
	}
	return Result{ID: e.Action.ID, Token: e.Lease.Token, Outcome: out, Effect: true}
}

// failed is the result of an attempt that did not succeed: final when its class
// settles, else begun again after a while.
func (p *Processor) failed(e Entry, err error) Result {
	now := time.Now()
	code := action.CodeOf(err)
	out := action.FailureOutcome(e.Action.ID, err, now)
	r := Result{ID: e.Action.ID, Token: e.Lease.Token, Outcome: out}
	if out.Class.Settles() {
		// Nobody may do again what may have happened.
		r.Effect = code == action.OutcomeUnknown
		r.Outcome.Retryable = !r.Effect
		return r
	}
	if out.Class == action.Operator {
		p.log.Error().Str("action", e.Action.ID).Str("code", string(code)).Msg("an upstream refuses the server's own sign-in")
	}
	r.NextAt = now.Add(backoff(e.Attempts, code, retryAfter(err), p.o.Rand()))
	return r
}
