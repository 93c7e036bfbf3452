package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

func cardPayment() bff.CardPayment {
	return bff.CardPayment{ActionID: action.NewID(), InvoiceID: "inv-002", IntentID: "pi_1", ChargeID: "ch_1", Amount: 175000, Currency: "usd"}
}

func TestClient_BookCard(t *testing.T) {
	card := cardPayment()
	t.Run("books the money and names intent and charge on the invoice", func(t *testing.T) {
		o := newOrg(t)
		if _, err := o.Client.BookCard(t.Context(), card); err != nil {
			t.Fatal(err)
		}
		i, err := o.Client.Invoice(t.Context(), "inv-002")
		if err != nil {
			t.Fatal(err)
		}
		row := o.find("Payment__c", "Stripe_Payment_Intent_Id__c", "pi_1")
		if i.IntentID != "pi_1" || i.ChargeID != "ch_1" || i.WireStatus() != "paid" || row["Method__c"] != "card" || o.Client.Calls() != 3 {
			t.Errorf("invoice %+v, row %v, %d calls", i, row, o.Client.Calls())
		}
	})
	t.Run("books one of webhook and actions that report it at once", func(t *testing.T) {
		o := newOrg(t)
		together(12, func(i int) {
			report := card
			report.ActionID = action.NewID()
			if i%2 == 0 {
				report.ActionID = "" // the webhook
			}
			if done, err := o.Client.BookCard(t.Context(), report); err != nil || done.Note != "" || done.ServerID == "" {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if paid, _ := o.paid("inv-002"); paid != 175000 || o.count("Payment__c") != 2 {
			t.Errorf("paid %d in %d payments", paid, o.count("Payment__c"))
		}
	})
	t.Run("notes money beyond the balance", func(t *testing.T) {
		o := newOrg(t)
		o.applyPayload(cash("inv-002", 100000))
		done, err := o.Client.BookCard(t.Context(), card)
		if err != nil || done.Note != action.Overpaid {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func TestClient_BookCard_told_apart(t *testing.T) {
	card := cardPayment()
	t.Run("does not count the money of one intent on two invoices", func(t *testing.T) {
		o := newOrg(t)
		if _, err := o.Client.BookCard(t.Context(), card); err != nil {
			t.Fatal(err)
		}
		other := card
		other.ActionID, other.InvoiceID = action.NewID(), "inv-003"
		_, err := o.Client.BookCard(t.Context(), other)
		wantCode(t, err, action.PaymentMismatch)
	})
	t.Run("does not let one action book two intents", func(t *testing.T) {
		o := newOrg(t)
		if _, err := o.Client.BookCard(t.Context(), card); err != nil {
			t.Fatal(err)
		}
		other := card
		other.IntentID = "pi_2"
		_, err := o.Client.BookCard(t.Context(), other)
		wantCode(t, err, action.PaymentMismatch)
	})
}
