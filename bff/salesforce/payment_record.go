package salesforce

import (
	"context"

	"fieldpay/action"
	"fieldpay/bff"
)

// recordPayment books money that a person received.
func (c *Client) recordPayment(ctx context.Context, e bff.Effect, p *action.RecordPayment) (bff.Applied, error) {
	return c.book(ctx, receivedPayment(e, p))
}

func receivedPayment(e bff.Effect, p *action.RecordPayment) payment {
	received := p.ReceivedAt
	if received.IsZero() {
		received = e.At
	}
	r := record{
		actionID: key(e.Action.ID), "Amount__c": p.Amount, "Currency__c": string(p.Currency.Normal()), "Method__c": string(p.Method),
	}
	reference, note := p.Reference, p.Note
	if p.CheckNumber != "" {
		// A check's number is what the office looks for; what else was noted of
		// it moves to the note.
		reference, note = p.CheckNumber, joinLines(p.Reference, p.Note)
	}
	r.text("Reference__c", plain(reference))
	r.text("Note__c", plain(note))
	r.text("Actor__c", e.Action.Actor)
	r.time("Received_At__c", received)
	if p.Tendered > 0 {
		r["Tendered__c"], r["Change__c"] = p.Tendered, p.Change
	}
	return payment{
		invoiceID: p.InvoiceID, amount: p.Amount, currency: p.Currency.Normal(), fields: r,
		found: actionID + " = " + literal(key(e.Action.ID)), clash: action.ContentChanged,
	}
}

func joinLines(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}
