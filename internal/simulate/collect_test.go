package simulate_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// saveCards gives each account of the seed a customer at Stripe with a card.
func (w *world) saveCards() error {
	for i := range len(w.cards) {
		account := fmt.Sprintf("acc-00%d", i+1)
		made, err := w.stripe("/v1/customers", url.Values{"metadata[account_id]": {account}})
		if err != nil {
			return err
		}
		customer := string(regexp.MustCompile(`cus_[A-Za-z0-9]+`).Find(made))
		w.trace.name(customer, "customer-of-"+account)
		saved, err := w.stripe("/v1/payment_methods/pm_card_visa/attach", url.Values{"customer": {customer}})
		if err != nil {
			return err
		}
		w.cards[i] = string(regexp.MustCompile(`pm_[A-Za-z0-9]+`).Find(saved))
		w.trace.name(w.cards[i], "card-of-"+account)
	}
	return nil
}

// collection asks for a part of an invoice by the card on file: of one of the
// device's own that Salesforce has, or of one of the seed.
func (d *device) collection(own *deed) (action.Payload, action.Money) {
	p := &action.CollectPayment{
		InvoiceID: "inv-003", Currency: "usd", Method: action.CardOnFile, Partial: true, Amount: 500 + d.random.Int64N(4000), CardID: d.w.cards[1],
	}
	if own != nil && d.random.IntN(4) > 0 {
		p.InvoiceID, p.Currency = own.record, own.money.Currency
		if made, ok := own.payload.(*action.CreateInvoice); ok && made.AccountID != "acc-gone" {
			p.CardID = d.w.cards[made.AccountID[len(made.AccountID)-1]-'1']
		}
	}
	return p, action.Money{Minor: p.Amount, Currency: p.Currency}
}

// paid sees what Stripe did: an intent that has succeeded is money that moved,
// and its action may not move it again.
func (w *world) paid(r *http.Request, _ []byte, a *answer) {
	if r.Method == http.MethodGet && r.URL.Path == "/v1/payment_intents" && strings.Contains(r.URL.RawQuery, "created") {
		w.trace.saw(lookedUp)
	}
	if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/v1/payment_intents") || a.status != http.StatusOK {
		return
	}
	var in struct {
		ID, Status, Currency string
		Amount               int64
		Metadata             map[string]string
	}
	if err := json.Unmarshal(a.body.Bytes(), &in); err != nil {
		return
	}
	id := in.Metadata["action_id"]
	w.trace.name(in.ID, "charge-for-"+id)
	if in.Status != "succeeded" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.charges[in.ID]; known {
		return
	}
	w.charges[in.ID] = action.Money{Minor: in.Amount, Currency: action.Currency(in.Currency)}
	w.collected[id] = append(w.collected[id], in.ID)
}

// collect checks that an action charged the card once, if it did at all.
func (m *model) collect(one *deed, item queue.Item) {
	m.w.mu.Lock()
	intents := m.w.collected[one.id]
	m.w.mu.Unlock()
	switch n := len(intents); {
	case n > 1:
		m.w.fail("%s charged the card %d times", one.id, n)
	case item.State == queue.Applied && n == 0:
		m.w.fail("%s is applied, and the card was not charged", one.id)
	case item.State != queue.Applied && n == 1 && !one.older && !mayBeCharged(item):
		m.w.fail("%s is %s, and the card was charged", one.id, item.State)
	}
}

// mayBeCharged reports whether the person was told that the money has moved.
func mayBeCharged(item queue.Item) bool {
	return item.Outcome != nil && (item.Outcome.ServerID != "" || codeIs(*item.Outcome, action.OutcomeUnknown))
}

// chargeLate lets the first device ask for money, and turns everything off while
// that is under way: when it is on again, Stripe has forgotten the key.
func (d *device) chargeLate() {
	if d.boot() != nil {
		return
	}
	d.p.replay.ForceOffline(false)
	made := &deed{id: d.w.die.id(0, d.name, "late charge"), device: d}
	d.w.trace.label(made.id, "<the late charge>")
	made.payload, made.money = d.collection(nil)
	d.keep(made)
	pause(d.w.life, d.w.die.span(20*time.Millisecond, 900*time.Millisecond, 0, "late"))
}
