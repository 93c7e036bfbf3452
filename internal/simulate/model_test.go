package simulate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/queue"
)

// row is one record of Salesforce.
type row map[string]any

func (r row) text(name string) string { s, _ := r[name].(string); return s }
func (r row) whole(name string) int64 { n, _ := r[name].(float64); return int64(n) }

// model is what must be true at the end, worked out from what people did, what
// their devices say, and nothing of the server's.
type model struct {
	w    *world
	rows map[string][]row
	// made has the rows of each object by the action that made them.
	made  map[string]map[string][]row
	items map[string]queue.Item
	// sums of money that moved, by place and currency.
	sums map[string]map[action.Currency]int64
}

// check compares the end of a schedule with the model.
func (w *world) check() {
	m := &model{w: w, items: map[string]queue.Item{}, made: map[string]map[string][]row{}, sums: map[string]map[action.Currency]int64{}}
	if !m.read() {
		return
	}
	for _, d := range w.devices {
		m.device(d)
	}
	m.rowsWithoutDeed()
	m.cards()
	m.order()
	m.invoices()
	for _, place := range []string{"ledger", "salesforce"} {
		if device := m.sums["device"]; !maps.Equal(device, m.sums[place]) {
			w.fail("sums differ: devices %v, %s %v", device, place, m.sums[place])
		}
	}
}

func (m *model) add(place string, c action.Currency, minor int64) {
	if m.sums[place] == nil {
		m.sums[place] = map[action.Currency]int64{}
	}
	m.sums[place][c.Normal()] += minor
}

// read reads Salesforce through its back door.
func (m *model) read() bool {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, salesforceURL+"/__control/state", http.NoBody)
	if err != nil {
		m.w.fail("reading Salesforce: %v", err)
		return false
	}
	a := newAnswer()
	m.w.box.SalesforceHandler().ServeHTTP(a, r)
	var state struct {
		Objects map[string][]row `json:"objects"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &state); err != nil {
		m.w.fail("reading Salesforce: %v", err)
		return false
	}
	m.rows = state.Objects
	for object, rows := range m.rows {
		m.made[object] = map[string][]row{}
		for _, r := range rows {
			id := r.text("Action_Id__c")
			m.made[object][id] = append(m.made[object][id], r)
		}
	}
	for _, r := range m.rows["Payment__c"] {
		if r.text("Stripe_Payment_Intent_Id__c") != "pi_mock_001" {
			m.add("salesforce", action.Currency(r.text("Currency__c")), r.whole("Amount__c"))
		}
	}
	return true
}

// device checks one device's journal against what the person did, and each
// action against Salesforce and the ledger.
func (m *model) device(d *device) {
	if err := d.boot(); err != nil {
		m.w.fail("%s: %v", d.name, err)
		return
	}
	ctx := context.Background()
	report, err := d.p.journal.Verify(ctx)
	if err != nil || !report.OK {
		m.w.fail("%s: the journal is not whole: %v %v", d.name, report.Problems, err)
	}
	page, err := d.p.journal.List(ctx, queue.Filter{Limit: 500})
	if err != nil {
		m.w.fail("%s: listing: %v", d.name, err)
		return
	}
	ids := make([]string, len(page.Items), len(page.Items)+len(d.deeds))
	for i, item := range page.Items {
		m.items[item.ID], ids[i] = item, item.ID
	}
	for _, one := range d.deeds {
		if one.lost {
			ids = append(ids, one.id)
		}
	}
	entries, err := m.w.store.Entries(ctx, ids)
	if err != nil {
		m.w.fail("reading the ledger: %v", err)
	}
	for _, item := range page.Items {
		one := d.byID[item.ID]
		if one == nil {
			m.w.fail("%s has an action that nobody made: %s", d.name, item.ID)
			continue
		}
		one.lane = item.Lane
		_, one.record, _ = strings.Cut(item.Lane, ":")
		m.action(one, item)
		entry, stored := entries[item.ID]
		m.ledger(one, item, entry, stored)
	}
	for _, one := range d.deeds {
		_, kept := m.items[one.id]
		if one.lost && !kept {
			entry, stored := entries[one.id]
			m.gone(one, entry, stored)
		} else if one.acked && !kept {
			m.w.fail("%s has lost %s, which it had acknowledged", d.name, one.id)
		}
	}
}

// booked reports whether the device says that something happened in Salesforce:
// it is applied, or booked for a person to look at.
func booked(item queue.Item) bool {
	return item.State == queue.Applied || item.Outcome != nil && item.Outcome.ServerID != ""
}

// action checks one action against what Salesforce has of it.
func (m *model) action(one *deed, item queue.Item) {
	want := 0
	if booked(item) {
		want = 1
	}
	switch item.State {
	case queue.Applied, queue.Superseded:
	case queue.Discarded:
		if !one.discarded && !one.maybe {
			m.w.fail("%s was given up, and nobody decided so", one.id)
		}
	default:
		m.w.fail("%s ends as %s", one.id, item.State)
		return
	}
	if one.payload.Type() == action.CollectPaymentType {
		m.collect(one, item)
		return
	}
	rows := m.made[objectOf(one.payload)][one.id]
	if one.intent != "" {
		if want == 1 && one.acked {
			m.cardReported(one)
		}
		return
	}
	if one.older && want == 0 && len(rows) == 1 {
		m.unknowing(one)
		return
	}
	if len(rows) != want {
		m.w.fail("%s is %s on the device and stands %d times in Salesforce", one.id, item.State, len(rows))
		return
	}
	if want == 1 {
		m.content(one, item, rows[0])
	}
}

func objectOf(p action.Payload) string {
	switch p.(type) {
	case *action.CreateInvoice:
		return "Invoice__c"
	case *action.UpdateInvoice:
		return "Sync_Action__c"
	case *action.LogVisit:
		return "Visit__c"
	default:
		return "Payment__c"
	}
}

// content compares a row with what the person wrote.
func (m *model) content(one *deed, item queue.Item, r row) {
	bad := func(what string) { m.w.fail("%s: %s differs: %v", one.id, what, r) }
	switch p := one.payload.(type) {
	case *action.CreateInvoice:
		if r.whole("Amount__c") != one.money.Minor || r.text("Currency__c") != string(one.money.Currency) || r.text("Client_Invoice_Id__c") != one.record {
			bad("the invoice")
		}
	case *action.RecordPayment:
		m.add("device", p.Currency, p.Amount)
		if r.whole("Amount__c") != p.Amount || r.text("Currency__c") != string(p.Currency) || r["Allocated__c"] != (item.State == queue.Applied) {
			bad("the payment")
		}
	case *action.UpdateInvoice:
		if r.text("Record_Id__c") != p.InvoiceID {
			bad("the change")
		}
	case *action.LogVisit:
		if r.text("Note__c") != p.Note {
			bad("the visit")
		}
	}
}

// ledger compares what the device says with what the server has stored.
func (m *model) ledger(one *deed, item queue.Item, e bff.Entry, stored bool) {
	if stored && e.Effect && one.payload.Type() == action.RecordPaymentType {
		m.add("ledger", one.money.Currency, one.money.Minor)
	}
	switch {
	case item.State == queue.Applied && (!stored || !e.Done()):
		m.w.fail("%s is applied on the device and not in the ledger", one.id)
	case item.State == queue.Applied && e.Outcome.ServerID != item.Outcome.ServerID:
		m.w.fail("%s is %s on the device and %s in the ledger", one.id, item.Outcome.ServerID, e.Outcome.ServerID)
	case item.State != queue.Applied && stored && e.Done() && !one.older:
		m.w.fail("%s is %s on the device and applied in the ledger", one.id, item.State)
	case stored && !e.Settled():
		m.w.fail("%s is open in the ledger, and %s on the device", one.id, item.State)
	}
}

// rowsWithoutDeed finds what nobody asked for.
func (m *model) rowsWithoutDeed() {
	for _, object := range []string{"Invoice__c", "Visit__c", "Sync_Action__c", "Payment__c"} {
		for id, rows := range m.made[object] {
			if _, known := m.items[id]; !known && !m.w.lost(id) && id != "" && rows[0].text("Stripe_Payment_Intent_Id__c") == "" {
				m.w.fail("Salesforce has a %s of %s, which no device has", object, id)
			}
			if len(rows) > 1 && id != "" {
				m.w.fail("Salesforce has %d rows in %s of %s", len(rows), object, id)
			}
		}
	}
	if n := len(m.made["Visit__c"][""]) + len(m.made["Sync_Action__c"][""]); n > 0 {
		m.w.fail("Salesforce has %d rows without an action", n)
	}
}

// cardReported checks that the money that a report is about is booked.
func (m *model) cardReported(one *deed) {
	if n := len(m.byIntent(one.intent)); n != 1 {
		m.w.fail("the card payment %s is booked %d times", one.intent, n)
	}
}

func (m *model) byIntent(id string) (found []row) {
	for _, r := range m.rows["Payment__c"] {
		if r.text("Stripe_Payment_Intent_Id__c") == id {
			found = append(found, r)
		}
	}
	return found
}

// cards checks that every card payment is booked once, by its report or by the
// event, whatever became of the report.
func (m *model) cards() {
	for _, id := range slices.Sorted(maps.Keys(m.w.charges)) {
		paid, rows := m.w.charges[id], m.byIntent(id)
		m.add("device", paid.Currency, paid.Minor)
		m.add("ledger", paid.Currency, paid.Minor)
		if len(rows) != 1 || rows[0].whole("Amount__c") != paid.Minor || rows[0].text("Currency__c") != string(paid.Currency.Normal()) {
			m.w.fail("the card payment %s of %v is booked as %v", id, paid, rows)
			continue
		}
		if _, reported := m.items[rows[0].text("Action_Id__c")]; !reported {
			m.w.trace.saw(bookedByEvent)
		}
	}
}

// order checks that the effects of a lane came in its order.
func (m *model) order() {
	last := map[string]int{}
	for _, e := range m.w.effects.log {
		item, known := m.items[e.action]
		if !known {
			continue
		}
		for _, d := range m.w.devices {
			one := d.byID[e.action]
			if one == nil {
				continue
			}
			lane := d.name + " " + item.Lane
			if one.turn < last[lane] && !one.revived() {
				m.w.fail("%s took effect after a later one of %s", one.id, lane)
			}
			last[lane] = max(last[lane], one.turn)
		}
	}
}

// invoices checks what adds up on each invoice: its balance, its version, and
// that the last change is what stands there.
func (m *model) invoices() {
	paid, changes, text := map[string]int64{}, map[string]int64{}, map[string]string{}
	for _, r := range m.rows["Payment__c"] {
		if r["Allocated__c"] == true {
			paid[r.text("Invoice__c")] += r.whole("Amount__c")
		}
		if id := r.text("Stripe_Payment_Intent_Id__c"); id != "" && id != "pi_mock_001" {
			changes[r.text("Invoice__c")]++
		}
	}
	for _, e := range m.w.effects.log {
		for _, d := range m.w.devices {
			if one := d.byID[e.action]; one != nil {
				if p, ok := one.payload.(*action.UpdateInvoice); ok {
					changes[p.InvoiceID]++
					text[p.InvoiceID] = *p.Description
				}
			}
		}
	}
	for _, r := range m.rows["Invoice__c"] {
		id, wire := r.text("Id"), r.text("Client_Invoice_Id__c")
		if r.whole("Paid__c") != paid[id] || paid[id] > r.whole("Amount__c") {
			m.w.fail("invoice %s of %d has %d paid, its payments sum to %d", wire, r.whole("Amount__c"), r.whole("Paid__c"), paid[id])
		}
		if want := 1 + changes[id] + changes[wire]; r.whole("Version__c") != want {
			m.w.fail("invoice %s is at version %d, its changes make %d", wire, r.whole("Version__c"), want)
		}
		if want := text[wire]; want != "" && r.text("Description__c") != want {
			m.w.fail("invoice %s says %q, the last change %q", wire, r.text("Description__c"), want)
		}
	}
}

// String is the model in a few words, for the trace.
func (m *model) String() string { return fmt.Sprintf("%d actions, sums %v", len(m.items), m.sums) }
