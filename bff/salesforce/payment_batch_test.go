package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

// invoiced makes n invoices of 1,000 and returns payments of an amount for them.
func (o *org) invoiced(n int, amount int64) (ids []string, payments []bff.Effect) {
	o.t.Helper()
	bills := many(o.t, n, func(int) action.Payload {
		return &action.CreateInvoice{AccountID: "acc-002", Amount: 1000, Currency: "usd"}
	})
	wantAll(o.t, o.Client.ApplyAll(o.t.Context(), bills))
	for _, b := range bills {
		ids = append(ids, b.Action.ID)
	}
	payments = many(o.t, n, func(i int) action.Payload { return cash(ids[i], amount) })
	return ids, payments
}

func TestClient_ApplyAll_payments(t *testing.T) {
	t.Run("75 share two calls, and repeats of them one", func(t *testing.T) {
		o := newOrg(t)
		ids, payments := o.invoiced(75, 400)
		if kind, most := o.Client.Batch(payments[0]); kind == "" || most != 75 {
			t.Errorf("kind %q, most %d", kind, most)
		}
		before := o.Client.Calls()
		first := o.Client.ApplyAll(t.Context(), payments)
		wantAll(t, first)
		if calls := o.Client.Calls() - before; calls != 2 {
			t.Errorf("%d calls", calls)
		}
		for i := range payments {
			payments[i].Attempt = 2
		}
		again := o.Client.ApplyAll(t.Context(), payments)
		for i := range first {
			if first[i] != again[i] {
				t.Errorf("%d: %+v, then %+v", i, first[i], again[i])
			}
		}
		if calls := o.Client.Calls() - before; calls != 3 {
			t.Errorf("%d calls after the repeat", calls)
		}
		if paid, _ := o.paid(ids[74]); paid != 400 || o.count("Payment__c") != 76 {
			t.Errorf("paid %d, %d payments", paid, o.count("Payment__c"))
		}
	})
	t.Run("each is judged by its invoice, whatever becomes of the others", func(t *testing.T) {
		o := newOrg(t)
		ids, payments := o.invoiced(4, 1000)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", ids[1])["Id"].(string)
		o.office("Invoice__c", id, map[string]any{"Status__c": "void"})
		payments[2] = effect(t, cash("inv-999", 1))
		payments[3] = effect(t, cash(ids[3], 1001))
		done := o.Client.ApplyAll(t.Context(), payments)
		wantAll(t, []bff.Done{done[0], done[1], done[3]})
		wantCode(t, done[2].Err, action.UnknownInvoice)
		if done[0].Applied.Note != "" || done[1].Applied.Note != action.InvoiceVoided || done[3].Applied.Note != action.Overpaid {
			t.Errorf("%+v", done)
		}
		for i, want := range []int64{1000, 0, 0, 0} {
			if i == 2 {
				continue
			}
			if paid, _ := o.paid(ids[i]); paid != want {
				t.Errorf("invoice %d: paid %d", i, paid)
			}
		}
	})
	t.Run("two on one invoice by two of its names do not go over it", func(t *testing.T) {
		o := newOrg(t)
		ids, payments := o.invoiced(1, 800)
		serverID, _ := o.find("Invoice__c", "Client_Invoice_Id__c", ids[0])["Id"].(string)
		payments = append(payments, effect(t, cash(serverID, 800)))
		done := o.Client.ApplyAll(t.Context(), payments)
		wantAll(t, done)
		if done[0].Applied.Note != "" || done[1].Applied.Note != action.Overpaid {
			t.Errorf("%+v", done)
		}
		if paid, _ := o.paid(ids[0]); paid != 800 {
			t.Errorf("paid %d", paid)
		}
	})
	t.Run("after an answer that was lost each is booked once", func(t *testing.T) {
		for _, attempt := range []int{1, 2} { // a repeat finds them before it sends, or by the duplicates
			o := newOrg(t)
			ids, payments := o.invoiced(5, 1000)
			o.fail(control.Rule{Match: control.Match{PathRegex: "/composite/graph", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
			for _, d := range o.Client.ApplyAll(t.Context(), payments) {
				wantCode(t, d.Err, action.SalesforceDown)
			}
			for i := range payments {
				payments[i].Attempt = attempt
			}
			done := o.Client.ApplyAll(t.Context(), payments)
			wantAll(t, done)
			for i, id := range ids {
				if paid, _ := o.paid(id); paid != 1000 || done[i].Applied.Note != "" {
					t.Errorf("attempt %d, invoice %d: paid %d, note %q", attempt, i, paid, done[i].Applied.Note)
				}
			}
		}
	})
	t.Run("a repeat with another amount is told", func(t *testing.T) {
		o := newOrg(t)
		_, payments := o.invoiced(2, 500)
		wantAll(t, o.Client.ApplyAll(t.Context(), payments))
		p, _ := payments[1].Payload.(*action.RecordPayment)
		payments[1].Payload = cash(p.InvoiceID, 501)
		payments[0].Attempt, payments[1].Attempt = 2, 2
		done := o.Client.ApplyAll(t.Context(), payments)
		wantAll(t, done[:1])
		wantCode(t, done[1].Err, action.ContentChanged)
	})
	t.Run("more than fourteen that fail do not keep the others back", func(t *testing.T) {
		o := newOrg(t)
		_, payments := o.invoiced(40, 500)
		o.fail(control.Rule{Match: control.Match{Object: "Payment__c", Times: 20}, Effect: control.Effect{RecordError: "UNABLE_TO_LOCK_ROW"}})
		locked := 0
		for i, d := range o.Client.ApplyAll(t.Context(), payments) {
			if action.CodeOf(d.Err) == action.RecordLocked {
				locked++
			} else if d.Err != nil || d.Applied.ServerID == "" {
				t.Errorf("%d: %+v", i, d)
			}
		}
		if locked != 20 {
			t.Errorf("%d were locked", locked)
		}
	})
}
