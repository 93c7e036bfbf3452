package bff

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// collect asks the customer for money: it charges a card on file, or makes a
// page to pay at. What is asked is stored before the first call, what the card
// processor made of it before any money can move, so that whatever is lost in
// between is found again and never charged twice.
func (p *Processor) collect(ctx context.Context, e Entry, c *action.CollectPayment) (Applied, error) {
	now := time.Now()
	asked, err := p.o.Requests.Ask(ctx, PaymentRequest{
		ActionID: e.Action.ID, InvoiceID: c.InvoiceID, Amount: c.Amount, Currency: c.Currency.Normal(),
		AskedAt: now, Try: e.Action.Try, TriedAt: now,
	})
	if err != nil {
		return Applied{}, fmt.Errorf("storing what is asked for: %w", err)
	}
	inv, err := p.o.CRM.Invoice(ctx, c.InvoiceID)
	if err != nil {
		return Applied{}, err
	}
	col := collection{Processor: p, payload: c, asked: asked, invoice: inv, now: now}
	if c.Method == action.PaymentLink {
		return col.link(ctx)
	}
	in, err := col.charge(ctx)
	if err != nil {
		return Applied{}, err
	}
	if err := verifyCard(in, inv, ""); err != nil {
		return Applied{}, err
	}
	applied, err := p.book(ctx, e, in, inv)
	if action.CodeOf(err).Class().Settles() {
		// The money has moved: nobody may charge again in the place of this.
		return Applied{}, &action.Error{
			Code: action.OutcomeUnknown, Op: "booking a charged card", Cause: err,
			Message: "The card was charged, and the payment could not be booked. Do not charge again; the office checks",
		}
	}
	applied.Result = action.ResultPaid
	return applied, err
}

// collection is one attempt to collect.
type collection struct {
	*Processor
	payload *action.CollectPayment
	asked   PaymentRequest
	invoice Invoice
	now     time.Time
}

// allowed reports why the money may not be asked for as things stand now.
func (c collection) allowed() error {
	return collectable(c.invoice, c.payload.Amount, c.payload.Currency, c.payload.Partial)
}

// link makes the page. One whose address was lost with the answer can be paid
// by nobody, so another one in its place is harmless.
func (c collection) link(ctx context.Context) (Applied, error) {
	if c.asked.ObjectID == "" {
		if err := c.allowed(); err != nil {
			return Applied{}, err
		}
		page, err := c.o.Payments.CreateLink(ctx, PageRequest{
			Key: c.key("link", c.asked.AskedAt), ActionID: c.asked.ActionID, InvoiceID: c.invoice.ID, Title: titleOf(c.invoice),
			Amount: c.asked.Amount, Currency: c.asked.Currency,
		})
		if err != nil {
			return Applied{}, err
		}
		if err := c.answered(ctx, page.ID, page.URL); err != nil {
			return Applied{}, err
		}
		c.asked.ObjectID, c.asked.URL = page.ID, page.URL
	}
	return Applied{Result: action.ResultRequested, Link: c.asked.URL}, nil
}

// charge returns the intent after the card was charged, or why it was not.
func (c collection) charge(ctx context.Context) (Intent, error) {
	in, err := c.intent(ctx)
	if err != nil || !in.Open() {
		return in, err
	}
	if window(c.asked.TriedAt, c.now) > 0 && in.Declined != "" {
		// The key may be forgotten: a repeat would try the card once more. What
		// became of the attempt is known.
		return in, &action.Error{Code: in.Declined, Message: in.DeclineSentence}
	}
	if err := c.allowed(); err != nil {
		return in, err
	}
	return c.o.Payments.Confirm(ctx, ConfirmRequest{
		IntentID: in.ID, Key: c.key(fmt.Sprintf("confirm:%d", c.asked.Try), c.asked.TriedAt),
		CardID: c.payload.CardID, OffSession: true,
	})
}

// intent returns the intent of the action: the stored one, one that was made
// and not stored, or a new one.
func (c collection) intent(ctx context.Context) (Intent, error) {
	if c.asked.ObjectID != "" {
		return c.o.Payments.Intent(ctx, c.asked.ObjectID)
	}
	if window(c.asked.AskedAt, c.now) > 0 {
		in, err := c.o.Payments.FindIntent(ctx, c.asked.ActionID, c.asked.AskedAt)
		if err != nil {
			return Intent{}, err
		}
		if in.ID != "" {
			return in, c.answered(ctx, in.ID, "")
		}
	}
	if err := c.allowed(); err != nil {
		return Intent{}, err
	}
	card, err := c.o.Payments.Card(ctx, c.payload.CardID)
	if err != nil {
		return Intent{}, err
	}
	if card.CustomerID == "" || card.AccountID != c.invoice.AccountID {
		return Intent{}, &action.Error{Code: action.InvalidPayload, Fields: map[string]string{"cardId": "is not a card of this customer"}}
	}
	in, err := c.o.Payments.CreateIntent(ctx, IntentRequest{
		Key: c.key("pi", c.asked.AskedAt), InvoiceID: c.invoice.ID, ActionID: c.asked.ActionID, CustomerID: card.CustomerID,
		Amount: c.asked.Amount, Currency: c.asked.Currency,
	})
	if err != nil {
		return Intent{}, err
	}
	return in, c.answered(ctx, in.ID, "")
}

// key is the idempotency key of a step: the same for every repeat of one life
// of keys.
func (c collection) key(step string, since time.Time) string {
	key := c.asked.ActionID + ":" + step
	if n := window(since, c.now); n > 0 {
		key += fmt.Sprintf(":late%d", n)
	}
	return key
}

func (c collection) answered(ctx context.Context, objectID, url string) error {
	if err := c.o.Requests.Answered(ctx, c.asked.ActionID, objectID, url); err != nil {
		return fmt.Errorf("storing the answer of the card processor: %w", err)
	}
	return nil
}

func titleOf(inv Invoice) string {
	if inv.Number == "" {
		return "Invoice"
	}
	return "Invoice " + inv.Number
}

const notTheBalance = "The amount is not the open balance of the invoice"

// collectable reports why an amount may not be asked for on an invoice. What the
// client says is only compared with the balance that the server works out.
func collectable(inv Invoice, amount int64, currency action.Currency, partial bool) error {
	balance := inv.Balance()
	wrong := func(code action.Code, message, field, must string) error {
		return &action.Error{Code: code, Message: message, Fields: map[string]string{field: must}}
	}
	switch {
	case inv.Voided:
		return &action.Error{Code: action.InvoiceVoided}
	case balance == 0:
		return &action.Error{Code: action.InvoicePaid}
	case currency.Normal() != inv.Currency.Normal():
		return wrong(action.CurrencyMismatch, action.CurrencyMismatch.Message(), "currency", "must be "+string(inv.Currency.Normal()))
	case amount < 0, amount > balance:
		return wrong(action.TotalMismatch, notTheBalance, "amount", fmt.Sprintf("must be at most the open balance: %d", balance))
	case amount != balance && !partial:
		return wrong(action.TotalMismatch, notTheBalance, "amount", fmt.Sprintf("must be the open balance: %d", balance))
	default:
		return nil
	}
}
