package salesforce

import (
	"context"
	"fmt"

	"fieldpay/action"
	"fieldpay/bff"
)

// Apply implements bff.CRM. A sync_payment is not applied here: the money is
// verified at Stripe first and then booked by BookCard.
func (c *Client) Apply(ctx context.Context, e bff.Effect) (bff.Applied, error) {
	switch p := e.Payload.(type) {
	case *action.CreateInvoice:
		return c.createInvoice(ctx, e, p)
	case *action.UpdateInvoice:
		return c.updateInvoice(ctx, e, p)
	case *action.RecordPayment:
		return c.recordPayment(ctx, e, p)
	case *action.VoidInvoice:
		return c.voidInvoice(ctx, e, p)
	case *action.CreateContact:
		return c.createContact(ctx, e, p)
	case *action.AddAttachment:
		return c.addAttachment(ctx, e, p)
	case *action.LogVisit:
		return c.logVisit(ctx, e, p)
	default:
		return bff.Applied{}, &action.Error{Code: action.UnknownType, Op: "applying", Cause: fmt.Errorf("no effect in Salesforce for %s", e.Action.Type)}
	}
}
