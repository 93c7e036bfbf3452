package salesforce

import (
	"context"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// logVisit notes a visit: one insert.
func (c *Client) logVisit(ctx context.Context, e bff.Effect, p *action.LogVisit) (bff.Applied, error) {
	return c.createFlat(ctx, e, visitFlat(e, p))
}

func visitFlat(e bff.Effect, p *action.LogVisit) flat {
	return flat{
		object: visitObject, fields: visitRecord(e, p), idField: visitID, id: e.Action.RecordID(p),
		creating: "logging the visit", reading: "reading the visit back",
	}
}

func visitRecord(e bff.Effect, p *action.LogVisit) record {
	visited := p.VisitedAt
	if visited.IsZero() {
		visited = e.At
	}
	r := record{actionID: key(e.Action.ID), visitID: e.Action.RecordID(p), "Outcome__c": string(p.Outcome), "Note__c": p.Note}
	r.parent("Account__c", "Account__r", externalID, p.AccountID)
	r.parent("Contact__c", "Contact__r", externalID, p.ContactID)
	r.parent("Invoice__c", "Invoice__r", invoiceID, p.InvoiceID)
	r.text("Actor__c", e.Action.Actor)
	r.time("Visited_At__c", visited)
	r.text("Attachments__c", expected(p.Attachments))
	return r
}

// expected lists the files that belong to a visit, by content: whoever looks
// at the visit can tell whether all of them have come, and that they are those.
func expected(files []action.File) string {
	lines := make([]string, len(files))
	for i, f := range files {
		lines[i] = string(f.Role) + " " + f.SHA256
	}
	return strings.Join(lines, "\n")
}
