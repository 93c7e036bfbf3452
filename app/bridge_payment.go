package app

import (
	"context"
	"strings"
	"time"

	"fieldpay/action"
)

// What a payment preview warns of. A warning never stops a payment: the money
// is in hand.
const (
	warnOverpays  = "overpays"
	warnDuplicate = "duplicate"
)

// PaymentForm is the payment form, as typed.
type PaymentForm struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID    string `json:"actionId"`
	InvoiceID   string `json:"invoiceId"`
	Amount      string `json:"amount"`
	Method      string `json:"method"`
	Tendered    string `json:"tendered"`
	CheckNumber string `json:"checkNumber"`
	Reference   string `json:"reference"`
	Note        string `json:"note"`
	Locale      string `json:"locale"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// PaymentPreview is what the form comes to as it stands. Balance is what is
// open after the payments that are already on their way.
type PaymentPreview struct {
	Amount       int64             `json:"amount"`
	Tendered     int64             `json:"tendered"`
	Change       int64             `json:"change"`
	Currency     string            `json:"currency"`
	Balance      int64             `json:"balance"`
	BalanceAfter int64             `json:"balanceAfter"`
	Fields       map[string]string `json:"fields"`
	Warnings     []string          `json:"warnings"`
}

// PreviewPayment computes the form without saving it.
func (b *Bridge) PreviewPayment(f PaymentForm) (PaymentPreview, error) {
	return bound(b, "PreviewPayment", f, func(ctx context.Context, r *running, f PaymentForm) (PaymentPreview, error) {
		v, err := r.device.view(ctx)
		if err != nil {
			return PaymentPreview{}, err
		}
		row, ok := v.invoice(f.InvoiceID)
		if !ok {
			return PaymentPreview{}, unknownInvoice()
		}
		p, fields := f.read(row)
		if err := r.checkCaps(ctx, p.Amount, p.Currency, f.Replaces, fields); err != nil {
			return PaymentPreview{}, err
		}
		balance := max(row.Balance-row.PendingPaid+v.replaced(f), 0)
		return PaymentPreview{
			Amount: p.Amount, Tendered: p.Tendered, Change: p.Change, Currency: row.Currency,
			Balance: balance, BalanceAfter: max(balance-p.Amount, 0),
			Fields: fields, Warnings: v.warnings(f, p, balance),
		}, nil
	})
}

// SavePayment keeps the payment in the journal; it is durable on the return.
func (b *Bridge) SavePayment(f PaymentForm) (Saved, error) {
	return bound(b, "SavePayment", f, func(ctx context.Context, r *running, f PaymentForm) (Saved, error) {
		v, err := r.device.view(ctx)
		if err != nil {
			return Saved{}, err
		}
		row, ok := v.invoice(f.InvoiceID)
		if !ok {
			return Saved{}, unknownInvoice()
		}
		p, fields := f.read(row)
		if r.kept(ctx, f.ActionID) == nil {
			if err := r.checkCaps(ctx, p.Amount, p.Currency, f.Replaces, fields); err != nil {
				return Saved{}, err
			}
		}
		if len(fields) > 0 {
			return Saved{}, formError(fields)
		}
		p.ReceivedAt = time.Now().UTC()
		if before, ok := r.kept(ctx, f.ActionID).(*action.RecordPayment); ok {
			p.ReceivedAt = before.ReceivedAt
		}
		return r.save(ctx, saving{id: f.ActionID, payload: p, replaces: f.Replaces})
	})
}

// read turns what was typed into a payload, and names every field that is
// wrong. The currency is the invoice's.
func (f PaymentForm) read(row InvoiceRow) (*action.RecordPayment, map[string]string) {
	p := &action.RecordPayment{
		InvoiceID: row.ID, Currency: typedCurrency(row.Currency), Method: action.Method(f.Method),
		Reference: strings.TrimSpace(f.Reference), Note: strings.TrimSpace(f.Note),
	}
	r := reader{format: action.NumberFormatFor(f.Locale), currency: p.Currency, fields: map[string]string{}}
	p.Amount = r.money("amount", f.Amount)
	switch p.Method {
	case action.Cash:
		// A form may leave tendered empty: then the exact amount was given.
		p.Tendered = r.money("tendered", f.Tendered)
		if p.Tendered > p.Amount {
			p.Change = p.Tendered - p.Amount
		}
	case action.Check:
		p.CheckNumber = strings.TrimSpace(f.CheckNumber)
	}
	for field, message := range action.FieldsOf(p.Validate()) {
		if _, told := r.fields[field]; !told {
			r.fields[field] = message
		}
	}
	return p, r.fields
}

// replaced is the amount of the payment that the form edits: it is no longer
// on its way when the edit is saved.
func (v *view) replaced(f PaymentForm) int64 {
	l := v.local[f.InvoiceID]
	if l == nil || f.Replaces == "" {
		return 0
	}
	for _, e := range l.entries {
		if p, ok := e.payload.(*action.RecordPayment); ok && e.ID == f.Replaces && !e.State.NeedsPerson() {
			return p.Amount
		}
	}
	return 0
}

func (v *view) warnings(f PaymentForm, p *action.RecordPayment, balance int64) []string {
	out := []string{}
	if p.Amount > balance {
		out = append(out, warnOverpays)
	}
	l := v.local[f.InvoiceID]
	if l == nil || p.Amount == 0 {
		return out
	}
	for _, e := range l.entries {
		other, ok := e.payload.(*action.RecordPayment)
		if ok && e.ID != f.Replaces && other.Amount == p.Amount && other.Method == p.Method {
			return append(out, warnDuplicate)
		}
	}
	return out
}
