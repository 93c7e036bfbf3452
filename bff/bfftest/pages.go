package bfftest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// CreateLink implements bff.Payments.
func (p *Payments) CreateLink(_ context.Context, r bff.PageRequest) (bff.Page, error) {
	return p.page(r, "plink")
}

// CreateCheckout implements bff.Payments.
func (p *Payments) CreateCheckout(_ context.Context, r bff.PageRequest) (bff.Page, error) {
	return p.page(r, "cs")
}

func (p *Payments) page(r bff.PageRequest, prefix string) (bff.Page, error) {
	id, err := p.keyed(r.Key, func() (string, error) {
		id := fmt.Sprintf("%s_%d", prefix, len(p.pages)+1)
		intent := "pi_" + id
		p.pages[id] = bff.Page{ID: id, URL: "https://pay.example/" + id, Status: bff.PageOpen, IntentID: intent}
		p.intents[intent] = &bff.Intent{
			ID: intent, Status: bff.IntentNeedsMethod, InvoiceID: r.InvoiceID, ActionID: r.ActionID, Amount: r.Amount, Currency: r.Currency,
		}
		return id, nil
	})
	if err != nil {
		return bff.Page{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pages[id], nil
}

// Pay has the customer pay at a page, and returns the intent of it.
func (p *Payments) Pay(pageID string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	page := p.pages[pageID]
	in, there := p.intents[page.IntentID]
	if !there {
		return ""
	}
	p.charges++
	in.Status, in.AmountReceived, in.ChargeID = bff.IntentSucceeded, in.Amount, "ch_"+in.ID
	page.Status = bff.PagePaid
	p.pages[pageID] = page
	return in.ID
}

// Checkout implements bff.Payments.
func (p *Payments) Checkout(_ context.Context, id string) (bff.Page, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, there := p.pages[id]
	if !there {
		return bff.Page{}, &action.Error{Code: action.UnknownPayment}
	}
	return page, p.down
}

// CreateRefund implements bff.Payments.
func (p *Payments) CreateRefund(_ context.Context, r bff.RefundRequest) (bff.Refund, error) {
	id, err := p.keyed(r.Key, func() (string, error) {
		id := fmt.Sprintf("re_%d", len(p.refunds)+1)
		p.refunds = append(p.refunds, bff.Refund{
			ID: id, IntentID: r.IntentID, ActionID: r.ActionID, Status: bff.RefundSucceeded, Amount: r.Amount, Currency: r.Currency, CreatedAt: time.Now(),
		})
		return id, nil
	})
	if err != nil {
		return bff.Refund{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refunds[slices.IndexFunc(p.refunds, func(f bff.Refund) bool { return f.ID == id })], nil
}

// RefundsOf implements bff.Payments.
func (p *Payments) RefundsOf(_ context.Context, intentID string) ([]bff.Refund, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.refunds), func(r bff.Refund) bool { return r.IntentID != intentID }), p.down
}

// Events implements bff.Payments.
func (p *Payments) Events(_ context.Context, since time.Time) ([]bff.Event, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.missed), func(e bff.Event) bool { return e.CreatedAt.Before(since) }), p.down
}
