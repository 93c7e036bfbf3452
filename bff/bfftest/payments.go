package bfftest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// Signature is the signature of a genuine event of Payments.
const Signature = "genuine"

// The saved cards that a Payments knows: all are acc-002's but the last.
const (
	GoodCard      = "pm_good"
	DeclinedCard  = "pm_declined"
	AskingCard    = "pm_asking"
	StrangersCard = "pm_stranger"
)

// keyLife is how long Payments remembers an idempotency key, as Stripe does.
const keyLife = 24 * time.Hour

// Payments is a card processor in memory. See NewPayments.
type Payments struct {
	mu       sync.Mutex
	intents  map[string]*bff.Intent
	customer map[string]string // of an intent
	keys     map[string]reply
	pages    map[string]bff.Page
	refunds  []bff.Refund
	missed   []bff.Event
	charges  int
	attempts int
	plan     []Fault
	down     error
}

// reply is what was answered under an idempotency key.
type reply struct {
	id  string
	err error
	at  time.Time
}

// NewPayments returns a processor without intents.
func NewPayments() *Payments {
	return &Payments{intents: map[string]*bff.Intent{}, customer: map[string]string{}, keys: map[string]reply{}, pages: map[string]bff.Page{}}
}

// Down makes every call fail with err, until it is nil again.
func (p *Payments) Down(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = err
}

// Plan makes the next calls that change something fail, one fault each. A zero
// fault lets a call pass.
func (p *Payments) Plan(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = append(p.plan, faults...)
}

// Put stores an intent as it is.
func (p *Payments) Put(in bff.Intent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.intents[in.ID] = &in
}

// Miss adds an event that no webhook told of.
func (p *Payments) Miss(e bff.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missed = append(p.missed, e)
}

// GiveBack adds a refund, as the office makes one at the processor itself.
func (p *Payments) GiveBack(r bff.Refund) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refunds = append(p.refunds, r)
}

// Count is how many intents there are.
func (p *Payments) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.intents)
}

// Charges is how often money was taken, and Attempts how often a card was tried.
func (p *Payments) Charges() (taken, attempts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.charges, p.attempts
}

// Pages is how many pages there are.
func (p *Payments) Pages() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pages)
}

// keyed does something once per key and meets the planned faults.
func (p *Payments) keyed(key string, do func() (string, error)) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down != nil {
		return "", p.down
	}
	var fault Fault
	if len(p.plan) > 0 {
		fault, p.plan = p.plan[0], p.plan[1:]
	}
	if fault.Err != nil && !fault.AfterEffect {
		return "", fault.Err
	}
	known, used := p.keys[key]
	if !used || time.Since(known.at) >= keyLife {
		known.at = time.Now()
		known.id, known.err = do()
		p.keys[key] = known
	}
	if fault.Err != nil {
		return "", fault.Err
	}
	return known.id, known.err
}

// CreateIntent implements bff.Payments.
func (p *Payments) CreateIntent(ctx context.Context, r bff.IntentRequest) (bff.Intent, error) {
	id, err := p.keyed(r.Key, func() (string, error) {
		id := fmt.Sprintf("pi_%d", len(p.intents)+1)
		p.intents[id] = &bff.Intent{
			ID: id, ClientSecret: id + "_secret_test", Status: bff.IntentNeedsMethod, InvoiceID: r.InvoiceID, ActionID: r.ActionID,
			Amount: r.Amount, Currency: r.Currency,
		}
		p.customer[id] = r.CustomerID
		return id, nil
	})
	if err != nil {
		return bff.Intent{}, err
	}
	return p.Intent(ctx, id)
}

// Intent implements bff.Payments.
func (p *Payments) Intent(_ context.Context, id string) (bff.Intent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down != nil {
		return bff.Intent{}, p.down
	}
	in, there := p.intents[id]
	if !there {
		return bff.Intent{}, &action.Error{Code: action.UnknownPayment}
	}
	return *in, nil
}

// FindIntent implements bff.Payments.
func (p *Payments) FindIntent(_ context.Context, actionID string, _ time.Time) (bff.Intent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, in := range p.intents {
		if in.ActionID == actionID {
			return *in, p.down
		}
	}
	return bff.Intent{}, p.down
}

// Confirm implements bff.Payments.
func (p *Payments) Confirm(ctx context.Context, r bff.ConfirmRequest) (bff.Intent, error) {
	_, err := p.keyed(r.Key, func() (string, error) {
		in, there := p.intents[r.IntentID]
		if !there {
			return "", &action.Error{Code: action.UnknownPayment}
		}
		if !in.Open() {
			return in.ID, nil
		}
		p.attempts++
		switch r.CardID {
		case "pm_card_chargeDeclined", DeclinedCard:
			in.Declined, in.DeclineSentence = action.CardDeclined, action.CardDeclined.Message()
			return in.ID, &action.Error{Code: action.CardDeclined}
		case AskingCard:
			in.Declined = action.AuthenticationRequired
			return in.ID, &action.Error{Code: action.AuthenticationRequired}
		}
		p.charges++
		in.Status, in.AmountReceived, in.ChargeID = bff.IntentSucceeded, in.Amount, "ch_"+in.ID
		return in.ID, nil
	})
	if err != nil {
		return bff.Intent{}, err
	}
	return p.Intent(ctx, r.IntentID)
}

// Cards implements bff.Payments.
func (p *Payments) Cards(_ context.Context, accountID string) ([]bff.Card, error) {
	return slices.DeleteFunc(cards(), func(c bff.Card) bool { return c.AccountID != accountID }), nil
}

// Card implements bff.Payments.
func (p *Payments) Card(_ context.Context, id string) (bff.Card, error) {
	for _, c := range cards() {
		if c.ID == id {
			return c, nil
		}
	}
	return bff.Card{}, &action.Error{Code: action.InvalidPayload, Fields: map[string]string{"cardId": "is not a saved card"}}
}

func cards() []bff.Card {
	of := func(id, last4, account string) bff.Card {
		return bff.Card{ID: id, Brand: "visa", Last4: last4, ExpMonth: 12, ExpYear: 2030, CustomerID: "cus_" + account, AccountID: account}
	}
	return []bff.Card{
		of(GoodCard, "4242", "acc-002"), of(DeclinedCard, "0002", "acc-002"), of(AskingCard, "3184", "acc-002"),
		of(StrangersCard, "4444", "acc-001"),
	}
}

// Customer implements bff.Payments.
func (p *Payments) Customer(_ context.Context, accountID string) (string, error) {
	return "cus_" + accountID, nil
}

// EventBody is the body of an event about an intent.
func EventBody(id, kind, intentID string, at time.Time) []byte {
	body, err := json.Marshal(bff.Event{ID: id, Type: kind, IntentID: intentID, CreatedAt: at})
	if err != nil {
		return nil
	}
	return body
}

// ParseEvent implements bff.Payments.
func (p *Payments) ParseEvent(payload []byte, signature string, now time.Time) (bff.Event, error) {
	var e bff.Event
	err := json.Unmarshal(payload, &e)
	age := now.Sub(e.CreatedAt)
	if err != nil || signature != Signature || age > 5*time.Minute || age < -5*time.Minute {
		return bff.Event{}, &action.Error{Code: action.BadRequest, Cause: err}
	}
	return e, nil
}

// Ping implements bff.Payments.
func (p *Payments) Ping(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}
