package bff

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// Check says what would become of a batch if it were submitted now, without
// storing anything: one outcome per item, in order. An item that would be taken
// has an outcome with nothing but its id; one that was submitted before has its
// outcome of then.
//
// The records that an action names are looked up once each. What another
// instance or the office does meanwhile is not seen, so the answer is advice.
func (p *Processor) Check(ctx context.Context, b Batch) ([]action.Outcome, error) {
	now := time.Now()
	items := make([]*item, len(b.Items))
	for i, raw := range b.Items {
		items[i] = p.read(ctx, raw, b, now)
	}
	if err := p.hold(ctx, items, now); err != nil {
		return nil, err
	}
	if err := p.known(ctx, open(items), now); err != nil {
		return nil, err
	}
	look := &recordCheck{crm: p.o.CRM, rights: p.o.Rights, seen: map[string]error{}, invoices: map[string]Invoice{}, made: map[string]bool{}}
	results := make([]action.Outcome, len(items))
	for i, it := range items {
		if it.outcome == nil {
			look.item(ctx, it, now)
		}
		results[i] = action.Outcome{ID: it.sent}
		if it.outcome != nil {
			results[i] = *it.outcome
			results[i].ID = it.sent
		}
	}
	return results, nil
}

// known answers for the items that are in the ledger already.
func (p *Processor) known(ctx context.Context, items []*item, now time.Time) error {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.action.ID
	}
	entries, err := p.o.Ledger.Entries(ctx, ids)
	if err != nil {
		return fmt.Errorf("looking up a batch: %w", err)
	}
	for _, it := range items {
		e, stored := entries[it.action.ID]
		switch {
		case !stored:
		case e.Action.Actor != it.action.Actor:
			it.settle(&action.Error{Code: action.NotAllowed}, now)
		case e.Hash != it.hash:
			it.settle(&action.Error{Code: action.ContentChanged}, now)
		case e.Settled() && (e.Done() || it.action.Try <= e.Action.Try):
			out := *e.Outcome
			it.outcome = &out
		case !e.Settled():
			out := action.AcceptedOutcome(it.action.ID, "", 0, now)
			it.outcome = &out
		}
	}
	return nil
}

// recordCheck looks at the records that actions name.
type recordCheck struct {
	crm CRM
	// rights may be nil: then everybody reaches everything.
	rights *Rights
	// seen has what came of each look-up, invoices what was found.
	seen     map[string]error
	invoices map[string]Invoice
	// made has the invoices that earlier actions of the batch make.
	made map[string]bool
}

func (c *recordCheck) item(ctx context.Context, it *item, now time.Time) {
	payload, err := action.Decode(it.action)
	if err == nil {
		err = c.payload(ctx, payload)
	}
	if err == nil && c.rights != nil && !c.made[it.action.RecordID(payload)] {
		err = c.rights.Check(ctx, it.action)
	}
	if err != nil {
		it.settle(err, now)
		return
	}
	if p, ok := payload.(*action.CreateInvoice); ok {
		c.made[it.action.RecordID(p)] = true
	}
}

func (c *recordCheck) payload(ctx context.Context, payload action.Payload) error {
	switch p := payload.(type) {
	case *action.CreateInvoice:
		return c.account(ctx, p.AccountID)
	case *action.CreateContact:
		return c.account(ctx, p.AccountID)
	case *action.LogVisit:
		return c.account(ctx, p.AccountID)
	case *action.UpdateInvoice:
		inv, err := c.invoice(ctx, p.InvoiceID)
		switch {
		case err != nil:
			return err
		case p.Status != nil && inv.Voided:
			return &action.Error{Code: action.InvoiceVoided}
		}
		return based(inv, p.BaseVersion)
	case *action.VoidInvoice:
		inv, err := c.invoice(ctx, p.InvoiceID)
		switch {
		case err != nil || inv.Voided:
			return err
		case inv.Paid > 0:
			return &action.Error{Code: action.MoneyReceived}
		}
		return based(inv, p.BaseVersion)
	case *action.RecordPayment:
		return c.payment(ctx, p)
	case *action.SyncPayment:
		_, err := c.invoice(ctx, p.InvoiceID)
		return err
	default:
		return nil
	}
}

// payment tells the review that a payment will end in; it is taken all the
// same, since the money is in hand.
func (c *recordCheck) payment(ctx context.Context, p *action.RecordPayment) error {
	if c.made[p.InvoiceID] {
		return nil
	}
	inv, err := c.invoice(ctx, p.InvoiceID)
	switch {
	case err != nil:
		return err
	case inv.Voided:
		return &action.Error{Code: action.InvoiceVoided}
	case p.Currency.Normal() != inv.Currency.Normal():
		return &action.Error{Code: action.CurrencyMismatch}
	case p.Amount > inv.Balance():
		return &action.Error{Code: action.Overpaid}
	}
	inv.Paid += p.Amount // what the batch pays later sees it
	c.invoices[p.InvoiceID] = inv
	return nil
}

// based compares the version that a change was based on with the one there is.
func based(inv Invoice, base int64) error {
	if base != 0 && inv.Version != 0 && base != inv.Version {
		return &action.Error{Code: action.VersionConflict}
	}
	return nil
}

func (c *recordCheck) account(ctx context.Context, id string) error {
	return c.once("account:"+id, func() error {
		_, err := c.crm.Account(ctx, id)
		return err
	})
}

// invoice returns an invoice; one that an earlier action of the batch makes is
// empty.
func (c *recordCheck) invoice(ctx context.Context, id string) (Invoice, error) {
	if c.made[id] {
		return Invoice{}, nil
	}
	err := c.once("invoice:"+id, func() error {
		inv, err := c.crm.Invoice(ctx, id)
		c.invoices[id] = inv
		return err
	})
	return c.invoices[id], err
}

func (c *recordCheck) once(key string, look func() error) error {
	if err, done := c.seen[key]; done {
		return err
	}
	c.seen[key] = look()
	return c.seen[key]
}
