package bfftest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// Signature is the signature of a genuine event of Payments.
const Signature = "genuine"

// Payments is a card processor in memory. See NewPayments.
type Payments struct {
	mu      sync.Mutex
	intents map[string]*bff.Intent
	keys    map[string]string
	down    error
}

// NewPayments returns a processor without intents.
func NewPayments() *Payments {
	return &Payments{intents: map[string]*bff.Intent{}, keys: map[string]string{}}
}

// Down makes every call fail with err, until it is nil again.
func (p *Payments) Down(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = err
}

// Put stores an intent as it is.
func (p *Payments) Put(in bff.Intent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.intents[in.ID] = &in
}

// Count is how many intents there are.
func (p *Payments) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.intents)
}

// CreateIntent implements bff.Payments.
func (p *Payments) CreateIntent(_ context.Context, r bff.IntentRequest) (bff.Intent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down != nil {
		return bff.Intent{}, p.down
	}
	if id, made := p.keys[r.Key]; made {
		return *p.intents[id], nil
	}
	id := fmt.Sprintf("pi_%d", len(p.intents)+1)
	in := &bff.Intent{
		ID: id, ClientSecret: id + "_secret_test", Status: bff.IntentNeedsMethod, InvoiceID: r.InvoiceID,
		Amount: r.Amount, Currency: r.Currency,
	}
	p.intents[id], p.keys[r.Key] = in, id
	return *in, nil
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

// Confirm implements bff.Payments.
func (p *Payments) Confirm(_ context.Context, id, _, method string) (bff.Intent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in, there := p.intents[id]
	switch {
	case p.down != nil:
		return bff.Intent{}, p.down
	case !there:
		return bff.Intent{}, &action.Error{Code: action.UnknownPayment}
	case method == "pm_card_chargeDeclined":
		return bff.Intent{}, &action.Error{Code: action.CardDeclined}
	}
	in.Status, in.AmountReceived, in.ChargeID = bff.IntentSucceeded, in.Amount, "ch_"+id
	return *in, nil
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
