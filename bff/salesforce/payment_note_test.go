package salesforce_test

import (
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

func TestClient_NotePayment(t *testing.T) {
	const intent, note = "pi_9", "Given back at Stripe: 500.00 USD of 1750.00 USD"
	booked := func(t *testing.T) *org {
		o := newOrg(t)
		if _, err := o.Client.BookCard(t.Context(), bff.CardPayment{
			ActionID: action.NewID(), InvoiceID: "inv-002", IntentID: intent, ChargeID: "ch_9", Amount: 175000, Currency: "usd",
		}); err != nil {
			t.Fatal(err)
		}
		return o
	}
	noted := func(o *org) string {
		text, _ := o.find("Payment__c", "Stripe_Payment_Intent_Id__c", intent)["Note__c"].(string)
		return text
	}
	t.Run("a note is written once, however often", func(t *testing.T) {
		o := booked(t)
		for range 3 {
			if err := o.Client.NotePayment(t.Context(), intent, note); err != nil {
				t.Fatal(err)
			}
		}
		if got := noted(o); got != note {
			t.Errorf("note %q", got)
		}
	})
	t.Run("what the office wrote stays, and so do earlier notes", func(t *testing.T) {
		o := booked(t)
		id, _ := o.find("Payment__c", "Stripe_Payment_Intent_Id__c", intent)["Id"].(string)
		o.office("Payment__c", id, map[string]any{"Note__c": "Spoke to Ms Chen @{again}"})
		for _, n := range []string{note, "Disputed by the customer's bank: see the payment at Stripe"} {
			if err := o.Client.NotePayment(t.Context(), intent, n); err != nil {
				t.Fatal(err)
			}
		}
		if got := noted(o); !strings.HasPrefix(got, "Spoke to Ms Chen @ {again}\n"+note+"\nDisputed") {
			t.Errorf("note %q", got)
		}
	})
	t.Run("a payment that is not booked is told, so that the note is tried again", func(t *testing.T) {
		wantCode(t, newOrg(t).Client.NotePayment(t.Context(), "pi_404", note), action.UnknownPayment)
	})
	t.Run("a note whose answer was lost is there once", func(t *testing.T) {
		o := booked(t)
		o.fail(control.Rule{Match: control.Match{Method: "PATCH", Object: "Payment__c", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		wantCode(t, o.Client.NotePayment(t.Context(), intent, note), action.SalesforceDown)
		if err := o.Client.NotePayment(t.Context(), intent, note); err != nil {
			t.Fatal(err)
		}
		if got := noted(o); got != note {
			t.Errorf("note %q", got)
		}
	})
	t.Run("the money and the invoice are as they were", func(t *testing.T) {
		o := booked(t)
		if err := o.Client.NotePayment(t.Context(), intent, note); err != nil {
			t.Fatal(err)
		}
		if paid, status := o.paid("inv-002"); paid != 175000 || status != "paid" {
			t.Errorf("paid %d, %s", paid, status)
		}
	})
}
