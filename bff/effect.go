package bff

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// The providers that an intent names.
const (
	providerSalesforce = "salesforce"
	providerBoth       = "stripe+salesforce"
)

func providerOf(t action.Type) string {
	if t == action.SyncPaymentType {
		return providerBoth
	}
	return providerSalesforce
}

// apply makes the effect of an entry that was begun, and says what came of it.
// It never panics: a fault of an adapter is trouble like any other.
func (p *Processor) apply(ctx context.Context, e Entry) (r Result) {
	ctx, cancel := context.WithTimeout(ctx, p.o.CallTimeout)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			p.log.Error().Str("action", e.Action.ID).Str("fault", fmt.Sprintf("%T", fault)).Msg("an adapter panicked")
			r = p.failed(e, &action.Error{Code: action.Internal})
		}
	}()
	applied, err := p.effect(ctx, e)
	if err != nil {
		p.log.Debug().Err(err).Str("action", e.Action.ID).Msg("not applied")
		return p.failed(e, err)
	}
	return p.applied(e, applied)
}

func (p *Processor) effect(ctx context.Context, e Entry) (Applied, error) {
	payload, err := action.Decode(e.Action)
	if err != nil {
		return Applied{}, err
	}
	at := e.Action.EffectiveAt(e.ReceivedAt)
	if card, ok := payload.(*action.SyncPayment); ok {
		return p.bookCard(ctx, e, card)
	}
	return p.o.CRM.Apply(ctx, Effect{Action: e.Action, Payload: payload, At: at, Hash: e.Hash})
}

// applied is the result of an effect that happened. One with a note is for a
// person to look at, and is never made again.
func (p *Processor) applied(e Entry, a Applied) Result {
	out := action.AppliedOutcome(e.Action.ID, a.ServerID, a.Version, time.Now())
	if a.Note != "" {
		out = action.FailureOutcome(e.Action.ID, &action.Error{Code: a.Note}, time.Now())
		out.ServerID, out.Version, out.Retryable = a.ServerID, a.Version, false
		out.Class, out.Status = action.Conflict, action.StatusReview
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

// bookCard verifies an online card payment against the card processor and books
// what it says, not what the action says.
func (p *Processor) bookCard(ctx context.Context, e Entry, pay *action.SyncPayment) (Applied, error) {
	invoice, err := p.o.CRM.Invoice(ctx, pay.InvoiceID)
	if err != nil {
		return Applied{}, err
	}
	intent, err := p.o.Payments.Intent(ctx, pay.PaymentIntentID)
	if err != nil {
		return Applied{}, err
	}
	if err := verifyCard(intent, invoice, pay); err != nil {
		return Applied{}, err
	}
	return p.o.CRM.BookCard(ctx, CardPayment{
		ActionID: e.Action.ID, InvoiceID: invoice.ID, IntentID: intent.ID, ChargeID: intent.ChargeID,
		Amount: intent.AmountReceived, Currency: intent.Currency, At: e.Action.EffectiveAt(e.ReceivedAt),
	})
}

// verifyCard compares an intent with the invoice it is said to have paid.
func verifyCard(in Intent, inv Invoice, pay *action.SyncPayment) error {
	switch in.Status {
	case IntentSucceeded:
	case IntentProcessing:
		return &action.Error{Code: action.Busy, Message: "Stripe is still working on the payment"}
	case IntentNeedsAction:
		return &action.Error{Code: action.AuthenticationRequired}
	default:
		return &action.Error{Code: action.PaymentIncomplete}
	}
	mismatch := func(field, message string) error {
		return &action.Error{Code: action.PaymentMismatch, Fields: map[string]string{field: message}}
	}
	switch {
	case in.InvoiceID != inv.ID:
		return mismatch("invoiceId", "is not the invoice of the payment")
	case in.Currency.Normal() != inv.Currency.Normal():
		return mismatch("currency", "of the payment is not the invoice's")
	case in.AmountReceived <= 0 || in.AmountReceived != in.Amount:
		return mismatch("amount", "that was received is not what was asked for")
	case pay.ChargeID != "" && in.ChargeID != "" && pay.ChargeID != in.ChargeID:
		return mismatch("chargeId", "is not the charge of the payment")
	default:
		return nil
	}
}
