package salesforce

import (
	"context"
	"net/http"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// logVisit notes a visit: one insert.
func (c *Client) logVisit(ctx context.Context, e bff.Effect, p *action.LogVisit) (bff.Applied, error) {
	const op = "logging the visit"
	var made created
	err := c.call(ctx, http.MethodPost, "/sobjects/"+visitObject, visitRecord(e, p), &made)
	if isRefusal(err, duplicateValue) {
		return c.loggedBefore(ctx, e, p)
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

// loggedBefore finds out what a duplicate is: our own visit of an earlier send,
// or one that another action made under the same id.
func (c *Client) loggedBefore(ctx context.Context, e bff.Effect, p *action.LogVisit) (bff.Applied, error) {
	const op = "reading the visit back"
	type visitRow struct {
		ID       string `json:"Id"`
		ActionID string `json:"Action_Id__c"`
	}
	rows, err := query[visitRow](ctx, c, "SELECT Id, Action_Id__c FROM Visit__c WHERE "+actionID+" = "+literal(key(e.Action.ID))+
		" OR "+visitID+" = "+literal(e.Action.RecordID(p)))
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	for _, r := range rows {
		if strings.EqualFold(r.ActionID, e.Action.ID) {
			return bff.Applied{ServerID: r.ID}, nil
		}
	}
	if len(rows) > 0 {
		return bff.Applied{}, &action.Error{Code: action.DuplicateRecord, Op: op}
	}
	return bff.Applied{}, inFlight(op)
}
