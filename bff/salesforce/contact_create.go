package salesforce

import (
	"context"
	"net/http"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// createContact makes a contact: one insert. A rule of the org against
// duplicates is respected: what it takes for the same person goes to a person.
func (c *Client) createContact(ctx context.Context, e bff.Effect, p *action.CreateContact) (bff.Applied, error) {
	const op = "creating the contact"
	var made created
	err := c.call(ctx, http.MethodPost, "/sobjects/"+contactObject, contactRecord(e, p), &made)
	if isRefusal(err, duplicateValue) {
		return c.contactBefore(ctx, e, p)
	}
	if err != nil {
		return bff.Applied{}, failedFor(op, notDeployed, err)
	}
	if made.ID == "" {
		return bff.Applied{}, failed(op, foreignAnswer())
	}
	return bff.Applied{ServerID: made.ID}, nil
}

func contactRecord(e bff.Effect, p *action.CreateContact) record {
	r := record{externalID: e.Action.RecordID(p), actionID: key(e.Action.ID), "LastName": p.LastName}
	r.parent("AccountId", "Account", externalID, p.AccountID)
	r.text("FirstName", p.FirstName)
	r.text("Email", p.Email)
	r.text("Phone", p.Phone)
	r.text("Title", p.Title)
	return r
}

// contactBefore finds out what a duplicate is: our own contact of an earlier
// send, or one that another action made under the same id.
func (c *Client) contactBefore(ctx context.Context, e bff.Effect, p *action.CreateContact) (bff.Applied, error) {
	const op = "reading the contact back"
	type madeRow struct {
		ID         string `json:"Id"`
		ExternalID string `json:"External_Id__c"`
		ActionID   string `json:"Action_Id__c"`
	}
	id := e.Action.RecordID(p)
	rows, err := query[madeRow](ctx, c, "SELECT Id, External_Id__c, Action_Id__c FROM Contact WHERE "+
		externalID+" = "+literal(id)+" OR "+actionID+" = "+literal(key(e.Action.ID)))
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	for _, r := range rows {
		if !strings.EqualFold(r.ActionID, e.Action.ID) {
			continue
		}
		if !strings.EqualFold(r.ExternalID, id) {
			return bff.Applied{}, &action.Error{Code: action.ContentChanged, Op: op}
		}
		return bff.Applied{ServerID: r.ID}, nil
	}
	if len(rows) > 0 {
		return bff.Applied{}, &action.Error{Code: action.DuplicateRecord, Op: op}
	}
	return bff.Applied{}, inFlight(op)
}
