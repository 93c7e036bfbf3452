package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func cash(invoice string, amount int64) *action.RecordPayment {
	return &action.RecordPayment{InvoiceID: invoice, Amount: amount, Currency: "usd", Method: action.Cash, Tendered: amount + 500, Change: 500}
}

func (o *org) paid(invoice string) (int64, string) {
	o.t.Helper()
	i, err := o.Client.Invoice(o.t.Context(), invoice)
	if err != nil {
		o.t.Fatal(err)
	}
	return i.Paid, i.WireStatus()
}

func TestClient_Apply_record_payment(t *testing.T) {
	t.Run("books cash with its change, in two calls", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, cash("inv-002", 75000))
		done := o.apply(e)
		if got := o.Client.Calls(); got != 2 {
			t.Errorf("%d API calls", got)
		}
		row := o.find("Payment__c", "Action_Id__c", e.Action.ID)
		if row["Id"] != done.ServerID || row["Allocated__c"] != true || row["Tendered__c"] != float64(75500) || row["Change__c"] != float64(500) ||
			row["Received_At__c"] != "2026-11-20T08:30:00.000+0000" {
			t.Errorf("row %v", row)
		}
		if paid, status := o.paid("inv-002"); paid != 75000 || status != "pending" || done.Note != "" {
			t.Errorf("paid %d, %s, note %q", paid, status, done.Note)
		}
	})
	t.Run("books a check by its number and keeps what else was noted", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, &action.RecordPayment{InvoiceID: "inv-002", Amount: 175000, Currency: "usd", Method: action.Check, CheckNumber: "0042", Reference: "First Bank", Note: "folded"})
		o.apply(e)
		row := o.find("Payment__c", "Action_Id__c", e.Action.ID)
		if row["Reference__c"] != "0042" || row["Note__c"] != "First Bank\nfolded" || row["Method__c"] != "check" {
			t.Errorf("row %v", row)
		}
		if paid, status := o.paid("inv-002"); paid != 175000 || status != "paid" {
			t.Errorf("paid %d, %s", paid, status)
		}
	})
	t.Run("leaves the invoice's version alone: a payment is no edit", func(t *testing.T) {
		o := newOrg(t)
		o.applyPayload(cash("inv-002", 1000))
		if v := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Version__c"]; v != float64(1) {
			t.Errorf("version %v", v)
		}
	})
	t.Run("an unknown invoice", func(t *testing.T) {
		o := newOrg(t)
		_, err := o.Client.Apply(t.Context(), effect(t, cash("inv-999", 1)))
		wantCode(t, err, action.UnknownInvoice)
	})
}

func TestClient_Apply_record_payment_never_refuses_money(t *testing.T) {
	tests := []struct {
		name    string
		before  func(*org)
		payment *action.RecordPayment
		want    action.Code
	}{
		{"more than is open", nil, cash("inv-002", 175001), action.Overpaid},
		{"an invoice that is paid", nil, cash("inv-001", 1), action.Overpaid},
		{"another currency", nil, &action.RecordPayment{InvoiceID: "inv-002", Amount: 100, Currency: "eur", Method: action.OtherMethod}, action.CurrencyMismatch},
		{"a voided invoice", func(o *org) {
			id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Id"].(string)
			o.office("Invoice__c", id, map[string]any{"Status__c": "void"})
		}, cash("inv-002", 100), action.InvoiceVoided},
	}
	for _, tt := range tests {
		t.Run(tt.name+" is booked, not allocated, and noted, also when repeated", func(t *testing.T) {
			o := newOrg(t)
			if tt.before != nil {
				tt.before(o)
			}
			e := effect(t, tt.payment)
			before, _ := o.paid(tt.payment.InvoiceID)
			for range 2 {
				if done := o.apply(e); done.Note != tt.want || done.ServerID == "" {
					t.Errorf("applied %+v, want note %s", done, tt.want)
				}
			}
			row := o.find("Payment__c", "Action_Id__c", e.Action.ID)
			if after, _ := o.paid(tt.payment.InvoiceID); row["Allocated__c"] != false || after != before || o.count("Payment__c") != 2 {
				t.Errorf("row %v, paid %d", row, after)
			}
		})
	}
}

func TestClient_Apply_record_payment_once(t *testing.T) {
	t.Run("books once when the answer is lost", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, cash("inv-002", 175000))
		o.fail(control.Rule{Match: control.Match{PathRegex: "/composite", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.SalesforceDown)
		if done := o.apply(e); done.Note != "" {
			t.Errorf("note %s", done.Note)
		}
		if paid, _ := o.paid("inv-002"); paid != 175000 || o.count("Payment__c") != 2 {
			t.Errorf("paid %d in %d payments", paid, o.count("Payment__c"))
		}
	})
	t.Run("books once of twenty equal sends at once", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, cash("inv-002", 100000))
		together(20, func(int) {
			if done, err := o.Client.Apply(t.Context(), e); err != nil || done.Note != "" {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if paid, _ := o.paid("inv-002"); paid != 100000 || o.count("Payment__c") != 2 {
			t.Errorf("paid %d in %d payments", paid, o.count("Payment__c"))
		}
	})
}

func TestClient_Apply_record_payment_of_several_people(t *testing.T) {
	t.Run("allocates one of ten full payments that arrive at once, and keeps the others", func(t *testing.T) {
		o := newOrg(t)
		notes := make([]action.Code, 10)
		together(10, func(i int) {
			done, err := o.Client.Apply(t.Context(), effect(t, cash("inv-002", 175000)))
			if err != nil {
				t.Error(err)
			}
			notes[i] = done.Note
		})
		var good int
		for _, n := range notes {
			if n == "" {
				good++
			}
		}
		if paid, _ := o.paid("inv-002"); good != 1 || paid != 175000 || o.count("Payment__c") != 11 {
			t.Errorf("%d allocated, paid %d, %d payments", good, paid, o.count("Payment__c"))
		}
	})
	t.Run("a crash before a late payment is taken off is mended by the repeat", func(t *testing.T) {
		o := newOrg(t)
		late := effect(t, cash("inv-002", 100000))
		o.fail(control.Rule{Match: control.Match{Method: "PATCH", PathRegex: "/Payment__c/"}, Effect: control.Effect{Cut: true}})
		o.wire.afterFirst("/query", func() { // it has read the balance, and now another payment comes first
			if _, err := o.client("sandbox-secret").Apply(t.Context(), effect(t, cash("inv-002", 100000))); err != nil {
				t.Error(err)
			}
		})
		_, err := o.Client.Apply(t.Context(), late)
		wantCode(t, err, action.SalesforceDown)
		o.fail()
		if done := o.apply(late); done.Note != action.Overpaid {
			t.Errorf("note %q", done.Note)
		}
		if paid, _ := o.paid("inv-002"); paid != 100000 {
			t.Errorf("paid %d", paid)
		}
	})
}

func TestClient_Apply_record_payment_repeated_later(t *testing.T) {
	t.Run("sees the same action with another amount", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, cash("inv-002", 1000))
		o.apply(e)
		e.Payload = cash("inv-002", 2000)
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.ContentChanged)
	})
	t.Run("does not take back what counted before the office voided the invoice", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, cash("inv-002", 1000))
		o.apply(e)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Id"].(string)
		o.office("Invoice__c", id, map[string]any{"Status__c": "void"})
		if done := o.apply(e); done.Note != "" || o.find("Payment__c", "Action_Id__c", e.Action.ID)["Allocated__c"] != true {
			t.Errorf("applied %+v", done)
		}
	})
}
