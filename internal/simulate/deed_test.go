package simulate_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// deed is one thing a person did, as the model remembers it.
type deed struct {
	id, record, lane string
	device           *device
	payload          action.Payload
	needs            []string
	// acked: the device said that it is kept.
	acked bool
	// replaces is the deed that this one was edited from; turn is its place in
	// the order of the lane, which an edited one takes over.
	replaces *deed
	turn     int
	// discarded: the person gave it up.
	discarded bool
	// maybe: the power went while they did.
	maybe bool
	// lost: the journal that was put back does not know it. older: it does, but
	// not what became of it since.
	lost, older bool
	// money is what the deed is worth: of an invoice its total.
	money action.Money
	// intent is the card payment that a sync_payment reports.
	intent string
}

// do lets the person do the n-th thing on this device.
func (d *device) do(n int) {
	draw := d.random.IntN(100)
	own := d.ownInvoice()
	made := &deed{id: d.w.die.id(n, d.name, "action"), device: d}
	d.w.trace.label(made.id, fmt.Sprintf("<%s's %d>", d.name, n))
	switch {
	case draw < 27 || own == nil && draw < 60:
		made.payload, made.money = d.newInvoice(n)
	case draw < 45:
		made.payload = d.change(own)
	case draw < 75:
		made.payload, made.money = d.payment(own)
	case draw < 79:
		made.payload, made.money, made.intent = d.cardPayment(n)
	case draw < 84:
		made.payload, made.money = d.collection(own)
		if own != nil && made.payload.Record().ID == own.record {
			made.needs = []string{own.id}
		}
	}
	if made.payload == nil {
		made.payload = d.visit(n, own)
		if v := made.payload.(*action.LogVisit); v.InvoiceID != "" && own != nil && v.InvoiceID == own.record {
			made.needs = []string{own.id}
		}
	}
	d.keep(made)
}

// ownInvoice chooses an invoice that was made on this device, if there is one.
func (d *device) ownInvoice() *deed {
	var own []*deed
	for _, one := range d.deeds {
		if one.acked && !one.lost && one.payload.Type() == action.CreateInvoiceType {
			own = append(own, one)
		}
	}
	if len(own) == 0 {
		return nil
	}
	return own[d.random.IntN(len(own))]
}

func (d *device) newInvoice(n int) (action.Payload, action.Money) {
	p := &action.CreateInvoice{
		AccountID: "acc-00" + strconv.Itoa(1+d.random.IntN(6)), Currency: pick([]action.Currency{"usd", "eur", "jpy"}, d.random.Uint64()),
		Description: fmt.Sprintf("work %d of %s", n, d.name),
	}
	if d.random.IntN(25) == 0 {
		p.AccountID = "acc-gone"
	}
	if d.random.IntN(2) == 0 {
		p.ID = d.w.die.id(n, d.name, "invoice")
		d.w.trace.label(p.ID, fmt.Sprintf("<the invoice of %s's %d>", d.name, n))
	}
	if d.random.IntN(2) == 0 {
		p.Amount = 1000 + d.random.Int64N(500_000)
		return p, action.Money{Minor: p.Amount, Currency: p.Currency}
	}
	for range 1 + d.random.IntN(3) {
		p.Lines = append(p.Lines, action.Line{
			Description: "hours", Quantity: strconv.Itoa(1+d.random.IntN(20)) + ".25", UnitPrice: 100 + d.random.Int64N(20_000), TaxRate: "19",
		})
	}
	return p, action.Money{Minor: p.Total(), Currency: p.Currency}
}

func (d *device) change(own *deed) action.Payload {
	text := fmt.Sprintf("changed %d", d.random.Uint32())
	p := &action.UpdateInvoice{InvoiceID: "inv-003", Description: &text}
	switch {
	case own != nil && d.random.IntN(4) > 0:
		p.InvoiceID = own.record
	case d.random.IntN(2) == 0:
		p.BaseVersion = 1
	}
	if d.random.IntN(5) == 0 {
		status := action.InvoicePending
		p.Status = &status
	}
	return p
}

func (d *device) payment(own *deed) (action.Payload, action.Money) {
	p := &action.RecordPayment{InvoiceID: "inv-002", Amount: 1 + d.random.Int64N(60_000), Currency: "usd", Method: action.Cash}
	if own != nil && d.random.IntN(4) > 0 {
		p.InvoiceID, p.Currency, p.Amount = own.record, own.money.Currency, 1+d.random.Int64N(1+own.money.Minor*2/3)
	}
	switch d.random.IntN(30) {
	case 0:
		p.InvoiceID = "inv-gone"
	case 1:
		p.Currency = "chf"
	}
	return p, action.Money{Minor: p.Amount, Currency: p.Currency}
}

func (d *device) visit(n int, own *deed) action.Payload {
	p := &action.LogVisit{
		AccountID: "acc-00" + strconv.Itoa(1+d.random.IntN(6)), Note: fmt.Sprintf("visit %d of %s", n, d.name), Outcome: action.Met,
	}
	switch d.random.IntN(20) {
	case 0:
		p.AccountID = "acc-gone"
	case 1, 2, 3, 4:
		p.InvoiceID = "inv-001"
	case 5, 6, 7, 8:
		if own != nil {
			p.InvoiceID = own.record
		}
	}
	return p
}

// cardPayment lets the customer pay by card in a browser, and gives the report
// of it; nothing when there is no invoice that Salesforce knows.
func (d *device) cardPayment(n int) (action.Payload, action.Money, string) {
	invoice, currency := "inv-003", action.Currency("usd")
	if own := d.ownInvoice(); own != nil && d.p != nil {
		if item, err := d.p.journal.Item(context.Background(), own.id); err == nil && item.State == queue.Applied {
			invoice, currency = own.record, own.money.Currency
		}
	}
	amount := 500 + d.random.Int64N(4000)
	intent, err := d.w.charge(invoice, amount, currency, fmt.Sprintf("%s-card-%d", d.name, n))
	if err != nil {
		d.w.fail("paying by card: %v", err)
		return nil, action.Money{}, ""
	}
	return &action.SyncPayment{InvoiceID: invoice, PaymentIntentID: intent}, action.Money{Minor: amount, Currency: currency}, intent
}

// charge pays at Stripe, as the customer's browser does.
func (w *world) charge(invoice string, amount int64, currency action.Currency, name string) (string, error) {
	form := url.Values{"amount": {strconv.FormatInt(amount, 10)}, "currency": {string(currency)},
		"payment_method_types[]": {"card"}, "metadata[invoice_id]": {invoice}}
	made, err := w.stripe("/v1/payment_intents", form)
	if err != nil {
		return "", err
	}
	id := string(regexp.MustCompile(`pi_[A-Za-z0-9]+`).Find(made))
	w.trace.name(id, name)
	w.mu.Lock()
	w.charges[id] = action.Money{Minor: amount, Currency: currency}
	w.mu.Unlock()
	_, err = w.stripe("/v1/payment_intents/"+id+"/confirm", url.Values{"payment_method": {"pm_card_visa"}})
	return id, err
}

func (w *world) stripe(path string, form url.Values) ([]byte, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, stripeURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("asking Stripe: %w", err)
	}
	r.Header.Set("Authorization", "Bearer sk_test_sandbox")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := newAnswer()
	w.box.StripeHandler().ServeHTTP(a, r)
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("stripe answered %d: %s", a.status, a.body.String())
	}
	return a.body.Bytes(), nil
}

// keep saves a deed; when the device does not say that it is kept, the person
// tries again after the restart.
func (d *device) keep(made *deed) {
	d.byID[made.id] = made // a power cut may keep it without a word
	draft := queue.Draft{
		ID: made.id, Payload: made.payload, Actor: d.actor(), Needs: made.needs,
		ClockOffset: d.w.die.span(-time.Hour, time.Hour, len(d.deeds), d.name, "clock").Truncate(time.Millisecond),
	}
	for try := 0; try < 3; try++ {
		if err := d.boot(); err != nil {
			d.w.fail("%s: %v", d.name, err)
			return
		}
		var item queue.Item
		var err error
		if made.replaces != nil {
			item, err = d.p.journal.Replace(context.Background(), made.replaces.id, draft)
		} else {
			item, err = d.window().journal.Append(context.Background(), draft)
		}
		if err == nil {
			d.acknowledged(made, item)
			return
		}
		if code := action.CodeOf(err); code == action.NotPossible || code == action.DuplicateRecord {
			return // it has moved on since the person looked, or is booked
		}
		d.w.trace.add("%s does not keep %s, a %s: %v", d.name, made.id, made.payload.Type(), err)
		if d.disk.Hits() == 0 {
			d.w.fail("%s: keeping %s: %v", d.name, made.id, err)
			return
		}
		d.w.trace.saw(notSaved)
		d.crash()
	}
}

// actor is the id of the person.
func (d *device) actor() string { return "user-" + d.person() }

func (d *device) acknowledged(made *deed, item queue.Item) {
	made.acked, made.lane = true, item.Lane
	_, made.record, _ = strings.Cut(item.Lane, ":")
	made.turn = len(d.deeds)
	if made.replaces != nil && made.replaces.lane == made.lane {
		made.turn = made.replaces.turn
	}
	d.deeds = append(d.deeds, made)
	d.w.trace.add("%s keeps %s, a %s in %s: %s", d.name, made.id, item.Type, item.Lane, brief(item.Payload))
}

// lostIDs are the actions that the device's journal does not know any more.
func (d *device) lostIDs() []string {
	var ids []string
	for _, one := range d.deeds {
		if one.lost && one.id != "" {
			ids = append(ids, one.id)
		}
	}
	return ids
}
