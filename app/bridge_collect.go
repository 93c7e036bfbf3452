package app

import (
	"context"
	"fmt"

	"fieldpay/action"
)

// warnRequested says that the customer was asked for money on the invoice
// already, and has not paid as far as this device knows.
const warnRequested = "requested"

// CollectForm is the form of money that is to be collected, as typed. Nothing is
// received by it.
type CollectForm struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID  string `json:"actionId"`
	InvoiceID string `json:"invoiceId"`
	Amount    string `json:"amount"`
	// Method is card_on_file or payment_link.
	Method string `json:"method"`
	// CardID is the token of a saved card.
	CardID string `json:"cardId"`
	Locale string `json:"locale"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// CardDTO is a saved card, as far as it may be shown.
type CardDTO struct {
	ID       string `json:"id"`
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"expMonth"`
	ExpYear  int    `json:"expYear"`
}

// CardList are the saved cards of a customer. Fresh says that the server was
// asked just now; Known is false where nobody has ever looked.
type CardList struct {
	Cards []CardDTO `json:"cards"`
	Fresh bool      `json:"fresh"`
	Known bool      `json:"known"`
}

// Cards are the saved cards of a customer: the server's while there is a
// connection, else those of the last look.
func (b *Bridge) Cards(accountID string) (CardList, error) {
	return bound(b, "Cards", accountID, func(ctx context.Context, r *running, accountID string) (CardList, error) {
		out := CardList{Cards: []CardDTO{}}
		if reachable(r.replay.Status().Connection.State) {
			err := r.device.cache.RefreshCards(ctx, r.device.client, accountID)
			out.Fresh = err == nil
			if err != nil {
				r.device.log.Info().Str("code", string(action.CodeOf(err))).Msg("saved cards were not read")
			}
		}
		cards, known := r.device.cache.Cards(accountID)
		out.Known = known
		for _, c := range cards {
			out.Cards = append(out.Cards, CardDTO(c))
		}
		return out, nil
	})
}

// PreviewCollect computes the form without saving it.
func (b *Bridge) PreviewCollect(f CollectForm) (PaymentPreview, error) {
	return bound(b, "PreviewCollect", f, func(ctx context.Context, r *running, f CollectForm) (PaymentPreview, error) {
		c, err := r.collect(ctx, f)
		if err != nil {
			return PaymentPreview{}, err
		}
		return PaymentPreview{
			Amount: c.payload.Amount, Currency: string(c.payload.Currency), Balance: c.balance,
			BalanceAfter: max(c.balance-c.payload.Amount, 0), Fields: c.fields, Warnings: c.warnings,
		}, nil
	})
}

// SaveCollect keeps the request in the journal; it is durable on the return. The
// money is collected when the server is reached, or refused.
func (b *Bridge) SaveCollect(f CollectForm) (Saved, error) {
	return bound(b, "SaveCollect", f, func(ctx context.Context, r *running, f CollectForm) (Saved, error) {
		if before, ok := r.kept(ctx, f.ActionID).(*action.CollectPayment); ok {
			return r.save(ctx, saving{id: f.ActionID, payload: before, replaces: f.Replaces})
		}
		c, err := r.collect(ctx, f)
		if err != nil {
			return Saved{}, err
		}
		if len(c.fields) > 0 {
			return Saved{}, formError(c.fields)
		}
		return r.save(ctx, saving{id: f.ActionID, payload: c.payload, replaces: f.Replaces})
	})
}

// collecting is a form of money to collect as it was read.
type collecting struct {
	payload  *action.CollectPayment
	balance  int64
	fields   map[string]string
	warnings []string
}

// collect reads a form against what is open on its invoice: more than that can be
// received, but not asked for.
func (r *running) collect(ctx context.Context, f CollectForm) (collecting, error) {
	v, err := r.device.view(ctx)
	if err != nil {
		return collecting{}, err
	}
	row, ok := v.invoice(f.InvoiceID)
	if !ok {
		return collecting{}, unknownInvoice()
	}
	c := collecting{balance: max(row.Balance-row.PendingPaid, 0), fields: map[string]string{}, warnings: []string{}}
	c.payload = &action.CollectPayment{InvoiceID: row.ID, Currency: typedCurrency(row.Currency), Method: action.CollectMethod(f.Method)}
	if c.payload.Method == action.CardOnFile {
		c.payload.CardID = f.CardID
	}
	read := reader{format: action.NumberFormatFor(f.Locale), currency: c.payload.Currency, fields: c.fields}
	c.payload.Amount = read.money("amount", f.Amount)
	c.payload.Partial = c.payload.Amount != c.balance
	if c.fields["amount"] == "" && c.payload.Amount > c.balance {
		c.fields["amount"] = "is more than is open"
	}
	for field, message := range action.FieldsOf(c.payload.Validate()) {
		if _, told := c.fields[field]; !told {
			c.fields[field] = message
		}
	}
	if f.CardID == "" && c.payload.Method == action.CardOnFile {
		c.fields["cardId"] = "is required"
	}
	if v.requested(row.ID, f.Replaces) {
		c.warnings = append(c.warnings, warnRequested)
	}
	if err := r.checkCaps(ctx, c.payload.Amount, c.payload.Currency, f.Replaces, c.fields); err != nil {
		return collecting{}, fmt.Errorf("checking the caps: %w", err)
	}
	return c, nil
}

// requested reports whether a request for money on an invoice is under way.
func (v *view) requested(invoiceID, replaces string) bool {
	l := v.local[invoiceID]
	if l == nil {
		return false
	}
	for _, e := range l.entries {
		if _, ok := e.payload.(*action.CollectPayment); ok && e.State.Open() && e.ID != replaces {
			return true
		}
	}
	return false
}
