// Package bfftest has a CRM and a card processor that behave, for tests of the
// rules of package bff: they keep records, refuse what the real ones refuse,
// make an effect once per key, and fail where a test tells them to.
package bfftest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// CRM is a system of record in memory. Its zero value is not usable; see NewCRM.
type CRM struct {
	mu       sync.Mutex
	accounts []bff.Account
	contacts []bff.Contact
	invoices map[string]*bff.Invoice
	files    map[string]bff.FileUpload
	effects  map[string]bff.Applied
	order    []string
	calls    map[string]int
	plan     []Fault
	delay    time.Duration
	notes    map[string][]string
}

// Fault is what happens to one call of Apply or BookCard.
type Fault struct {
	// Err is what the call answers.
	Err error
	// AfterEffect makes the effect first: the answer is lost, not the effect.
	AfterEffect bool
	// Panic breaks the adapter.
	Panic bool
}

// NewCRM returns a CRM with two accounts, a contact and two invoices.
func NewCRM() *CRM {
	at := time.Date(2024, 11, 1, 9, 0, 0, 0, time.UTC)
	return &CRM{
		accounts: []bff.Account{
			{ID: "acc-001", Name: "Acme Corporation", Industry: "Technology", Phone: "+1 (415) 555-0100", Website: "https://acme.example.com", Territory: "north"},
			{ID: "acc-002", Name: "Globex Industries", Industry: "Manufacturing", Phone: "+1 (312) 555-0200", Website: "https://globex.example.com", Territory: "south"},
		},
		contacts: []bff.Contact{{
			ID: "con-001", AccountID: "acc-001", FirstName: "Alice", LastName: "Chen",
			Email: "alice.chen@acme.example.com", Phone: "+1 (415) 555-0101", Title: "VP of Engineering",
		}},
		invoices: map[string]*bff.Invoice{
			"inv-001": {
				ID: "inv-001", ServerID: "a01", Number: "INV-00001", AccountID: "acc-001", Amount: 250000, Paid: 250000,
				Currency: "usd", Status: "paid", CreatedAt: at, UpdatedAt: at, Version: 1,
			},
			"inv-002": {
				ID: "inv-002", ServerID: "a02", Number: "INV-00002", AccountID: "acc-002", Amount: 175000,
				Currency: "usd", Status: "pending", Description: "Manufacturing Integration Setup", CreatedAt: at, UpdatedAt: at, Version: 1,
			},
		},
		files:   map[string]bff.FileUpload{},
		effects: map[string]bff.Applied{}, calls: map[string]int{}, notes: map[string][]string{},
	}
}

// Plan makes the next calls that change something fail, one fault each. A zero
// fault lets a call pass.
func (c *CRM) Plan(faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plan = append(c.plan, faults...)
}

// Delay makes every call that changes something take that long.
func (c *CRM) Delay(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delay = d
}

// Order returns the ids of the actions (of card payments: of the intents) that
// took effect, in order.
func (c *CRM) Order() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.order)
}

// Calls returns how often an effect was asked for under an id.
func (c *CRM) Calls(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[id]
}

// Void voids an invoice, as the office does.
func (c *CRM) Void(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.invoices[id].Voided, c.invoices[id].Status = true, "void"
}

// NotePayment implements bff.CRM.
func (c *CRM) NotePayment(_ context.Context, intentID, note string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, booked := c.effects[intentID]; !booked {
		return &action.Error{Code: action.UnknownPayment}
	}
	if !slices.Contains(c.notes[intentID], note) {
		c.notes[intentID] = append(c.notes[intentID], note)
	}
	return nil
}

// Notes returns what was noted on the payment of an intent.
func (c *CRM) Notes(intentID string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.notes[intentID])
}

// Accounts implements bff.CRM.
func (c *CRM) Accounts(_ context.Context, q bff.AccountQuery) ([]bff.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	part := strings.ToLower(q.Search)
	found := []bff.Account{}
	for _, a := range c.accounts {
		in := len(q.Territories) == 0 || slices.Contains(q.Territories, a.Territory)
		if in && (strings.Contains(strings.ToLower(a.Name), part) || strings.Contains(strings.ToLower(a.Industry), part)) {
			found = append(found, a)
		}
	}
	found = found[min(q.Offset, len(found)):]
	if q.Limit > 0 {
		found = found[:min(q.Limit, len(found))]
	}
	return found, nil
}

// Account implements bff.CRM.
func (c *CRM) Account(_ context.Context, id string) (bff.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.accounts {
		if a.ID == id {
			return a, nil
		}
	}
	return bff.Account{}, &action.Error{Code: action.UnknownAccount}
}

// Contacts implements bff.CRM.
func (c *CRM) Contacts(_ context.Context, accountID string) ([]bff.Contact, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := []bff.Contact{}
	for _, contact := range c.contacts {
		if contact.AccountID == accountID {
			found = append(found, contact)
		}
	}
	return found, nil
}

// Invoices implements bff.CRM.
func (c *CRM) Invoices(_ context.Context, accountID string) ([]bff.Invoice, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := []bff.Invoice{}
	for _, inv := range c.invoices {
		if accountID == "" || inv.AccountID == accountID {
			found = append(found, *inv)
		}
	}
	slices.SortFunc(found, func(a, b bff.Invoice) int { return strings.Compare(b.Number, a.Number) })
	return found, nil
}

// Invoice implements bff.CRM.
func (c *CRM) Invoice(_ context.Context, id string) (bff.Invoice, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	inv, there := c.invoices[id]
	if !there {
		return bff.Invoice{}, &action.Error{Code: action.UnknownInvoice}
	}
	return *inv, nil
}

// Ping implements bff.CRM.
func (c *CRM) Ping(context.Context) error { return nil }

// Apply implements bff.CRM.
func (c *CRM) Apply(ctx context.Context, e bff.Effect) (bff.Applied, error) {
	return c.once(ctx, e.Action.ID, func() (bff.Applied, error) { return c.effect(e) })
}

// BookCard implements bff.CRM.
func (c *CRM) BookCard(ctx context.Context, card bff.CardPayment) (bff.Applied, error) {
	return c.once(ctx, card.IntentID, func() (bff.Applied, error) {
		inv, there := c.invoices[card.InvoiceID]
		if !there {
			return bff.Applied{}, &action.Error{Code: action.UnknownInvoice}
		}
		inv.IntentID, inv.ChargeID = card.IntentID, card.ChargeID
		return c.pay(inv, card.Amount, card.Currency), nil
	})
}

// once makes an effect once per id, and meets the planned faults.
func (c *CRM) once(ctx context.Context, id string, effect func() (bff.Applied, error)) (bff.Applied, error) {
	c.mu.Lock()
	delay := c.delay
	c.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return bff.Applied{}, fmt.Errorf("calling the CRM: %w", ctx.Err())
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[id]++
	var fault Fault
	if len(c.plan) > 0 {
		fault, c.plan = c.plan[0], c.plan[1:]
	}
	if (fault.Err != nil || fault.Panic) && !fault.AfterEffect {
		return bff.Applied{}, fault.meet()
	}
	applied, done := c.effects[id]
	if !done {
		var err error
		if applied, err = effect(); err != nil {
			return bff.Applied{}, err
		}
		c.effects[id] = applied
		c.order = append(c.order, id)
	}
	return applied, fault.meet()
}

func (f Fault) meet() error {
	if f.Panic {
		panic("the adapter broke")
	}
	return f.Err
}

func (c *CRM) effect(e bff.Effect) (bff.Applied, error) {
	switch p := e.Payload.(type) {
	case *action.CreateInvoice:
		return c.create(e, p)
	case *action.UpdateInvoice:
		return c.update(p)
	case *action.VoidInvoice:
		return c.void(p)
	case *action.CreateContact:
		return c.addContact(e, p)
	case *action.AddAttachment:
		return c.attach(p)
	case *action.RecordPayment:
		inv, there := c.invoices[p.InvoiceID]
		if !there {
			return bff.Applied{}, &action.Error{Code: action.UnknownInvoice}
		}
		return c.pay(inv, p.Amount, p.Currency), nil
	case *action.LogVisit:
		if !slices.ContainsFunc(c.accounts, func(a bff.Account) bool { return a.ID == p.AccountID }) {
			return bff.Applied{}, &action.Error{Code: action.UnknownAccount}
		}
		return bff.Applied{ServerID: "v-" + e.Action.ID, Version: 1}, nil
	default:
		return bff.Applied{}, &action.Error{Code: action.Internal, Message: "no effect for " + string(e.Action.Type)}
	}
}

func (c *CRM) create(e bff.Effect, p *action.CreateInvoice) (bff.Applied, error) {
	if !slices.ContainsFunc(c.accounts, func(a bff.Account) bool { return a.ID == p.AccountID }) {
		return bff.Applied{}, &action.Error{Code: action.UnknownAccount}
	}
	id := e.Action.RecordID(p)
	n := len(c.invoices) + 1
	inv := &bff.Invoice{
		ID: id, ServerID: fmt.Sprintf("a%02d", n), Number: fmt.Sprintf("INV-%05d", n), AccountID: p.AccountID, ContactID: p.ContactID,
		Amount: p.Total(), Currency: p.Currency.Normal(), Status: "draft", Description: p.Description, DueDate: p.DueDate,
		CreatedAt: e.At, UpdatedAt: e.At, Version: 1,
	}
	c.invoices[id] = inv
	return bff.Applied{ServerID: inv.ServerID, Version: 1}, nil
}

func (c *CRM) update(p *action.UpdateInvoice) (bff.Applied, error) {
	inv, there := c.invoices[p.InvoiceID]
	switch {
	case !there:
		return bff.Applied{}, &action.Error{Code: action.UnknownInvoice}
	case p.BaseVersion != 0 && p.BaseVersion != inv.Version:
		return bff.Applied{}, &action.Error{Code: action.VersionConflict}
	}
	for field, value := range map[*string]*string{
		&inv.Status: p.Status, &inv.IntentID: p.StripePaymentIntentID, &inv.ContactID: p.ContactID,
		&inv.Description: p.Description, &inv.DueDate: p.DueDate,
	} {
		if value != nil {
			*field = *value
		}
	}
	inv.Version++
	return bff.Applied{ServerID: inv.ServerID, Version: inv.Version}, nil
}

// pay books money: what does not fit is kept apart and noted.
func (c *CRM) pay(inv *bff.Invoice, amount int64, currency action.Currency) bff.Applied {
	inv.Version++
	applied := bff.Applied{ServerID: fmt.Sprintf("p-%s-%d", inv.ID, inv.Version), Version: inv.Version}
	switch {
	case inv.Voided:
		applied.Note = action.InvoiceVoided
	case currency.Normal() != inv.Currency:
		applied.Note = action.CurrencyMismatch
	case amount > inv.Balance():
		applied.Note = action.Overpaid
	default:
		inv.Paid += amount
	}
	return applied
}
