package salesforce

import (
	"context"

	"fieldpay/action"
	"fieldpay/bff"
)

// BookCard implements bff.CRM. The intent's id is unique in the org, so the
// webhook and the action that report the same money book it once.
func (c *Client) BookCard(ctx context.Context, p bff.CardPayment) (bff.Applied, error) {
	r := record{
		intentID: p.IntentID, "Amount__c": p.Amount, "Currency__c": string(p.Currency.Normal()), "Method__c": "card",
	}
	r.text(actionID, key(p.ActionID))
	r.text("Stripe_Charge_Id__c", p.ChargeID)
	r.time("Received_At__c", p.At)
	onInvoice := record{intentID: p.IntentID}
	onInvoice.text("Stripe_Charge_Id__c", p.ChargeID)
	return c.book(ctx, payment{
		invoiceID: p.InvoiceID, amount: p.Amount, currency: p.Currency.Normal(), fields: r, onInvoice: onInvoice,
		found: intentID + " = " + literal(p.IntentID), clash: action.PaymentMismatch,
	})
}

// bookedByAction tells whether a card payment was refused because its action
// has booked another intent.
func (c *Client) bookedByAction(ctx context.Context, p payment) (bff.Applied, error) {
	const op = "reading the payment back"
	id, _ := p.fields[actionID].(string)
	rows, err := query[paymentRow](ctx, c, "SELECT Id FROM Payment__c WHERE "+actionID+" = "+literal(id))
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	if len(rows) == 0 {
		return bff.Applied{}, inFlight(op)
	}
	return bff.Applied{}, &action.Error{Code: action.PaymentMismatch, Op: op}
}
