package bff

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

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
	if err := verifyCard(intent, invoice, pay.ChargeID); err != nil {
		return Applied{}, err
	}
	return p.book(ctx, e, intent, invoice)
}

// book writes money that the card processor has confirmed into the CRM, if it
// is what was asked for.
func (p *Processor) book(ctx context.Context, e Entry, in Intent, inv Invoice) (Applied, error) {
	asked, known, err := p.o.Requests.Request(ctx, in.ActionID)
	if err != nil {
		return Applied{}, fmt.Errorf("reading what was asked for: %w", err)
	}
	if known && (asked.InvoiceID != in.InvoiceID || asked.Amount != in.Amount || asked.Currency.Normal() != in.Currency.Normal()) {
		return Applied{}, mismatch("amount", "is not what was asked for")
	}
	applied, err := p.o.CRM.BookCard(ctx, CardPayment{
		ActionID: e.Action.ID, InvoiceID: inv.ID, IntentID: in.ID, ChargeID: in.ChargeID,
		Amount: in.AmountReceived, Currency: in.Currency, At: e.Action.EffectiveAt(e.ReceivedAt),
	})
	if err != nil {
		return Applied{}, err
	}
	if err := p.o.Requests.Paid(ctx, in.ActionID, time.Now()); err != nil {
		// It is booked; the repeat finds it so.
		return Applied{}, fmt.Errorf("noting that it was paid: %w", err)
	}
	return applied, nil
}

// verifyCard compares an intent with the invoice it is said to have paid.
func verifyCard(in Intent, inv Invoice, chargeID string) error {
	switch in.Status {
	case IntentSucceeded:
	case IntentProcessing:
		return &action.Error{Code: action.Busy, Message: "Stripe is still working on the payment"}
	case IntentNeedsAction:
		return &action.Error{Code: action.AuthenticationRequired}
	default:
		return &action.Error{Code: action.PaymentIncomplete}
	}
	switch {
	case in.InvoiceID != inv.ID:
		return mismatch("invoiceId", "is not the invoice of the payment")
	case in.Currency.Normal() != inv.Currency.Normal():
		return mismatch("currency", "of the payment is not the invoice's")
	case in.AmountReceived <= 0 || in.AmountReceived != in.Amount:
		return mismatch("amount", "that was received is not what was asked for")
	case chargeID != "" && in.ChargeID != "" && chargeID != in.ChargeID:
		return mismatch("chargeId", "is not the charge of the payment")
	default:
		return nil
	}
}

func mismatch(field, message string) error {
	return &action.Error{Code: action.PaymentMismatch, Fields: map[string]string{field: message}}
}
