package salesforce

import (
	"context"
	"net/http"

	"fieldpay/action"
	"fieldpay/bff"
)

// logVisit notes a visit: one insert.
func (c *Client) logVisit(ctx context.Context, e bff.Effect, p *action.LogVisit) (bff.Applied, error) {
	const op = "logging the visit"
	var made created
	err := c.call(ctx, http.MethodPost, "/sobjects/"+visitObject, visitRecord(e, p), &made)
	if isRefusal(err, duplicateValue) {
		return c.loggedBefore(ctx, e)
	}
	if err != nil {
		return bff.Applied{}, failedFor(op, notDeployed, err)
	}
	if made.ID == "" {
		return bff.Applied{}, failed(op, foreignAnswer())
	}
	return bff.Applied{ServerID: made.ID}, nil
}

func visitRecord(e bff.Effect, p *action.LogVisit) record {
	visited := p.VisitedAt
	if visited.IsZero() {
		visited = e.At
	}
	r := record{actionID: key(e.Action.ID), "Outcome__c": string(p.Outcome), "Note__c": p.Note}
	r.parent("Account__c", "Account__r", externalID, p.AccountID)
	r.parent("Contact__c", "Contact__r", externalID, p.ContactID)
	r.parent("Invoice__c", "Invoice__r", invoiceID, p.InvoiceID)
	r.text("Actor__c", e.Action.Actor)
	r.time("Visited_At__c", visited)
	return r
}

func (c *Client) loggedBefore(ctx context.Context, e bff.Effect) (bff.Applied, error) {
	const op = "reading the visit back"
	type visitRow struct {
		ID string `json:"Id"`
	}
	rows, err := query[visitRow](ctx, c, "SELECT Id FROM Visit__c WHERE "+actionID+" = "+literal(key(e.Action.ID)))
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	if len(rows) == 0 {
		return bff.Applied{}, inFlight(op)
	}
	return bff.Applied{ServerID: rows[0].ID}, nil
}
