package salesforce

import (
	"context"

	"fieldpay/action"
	"fieldpay/bff"
)

// createContact makes a contact: one insert. A rule of the org against
// duplicates is respected: what it takes for the same person goes to a person.
func (c *Client) createContact(ctx context.Context, e bff.Effect, p *action.CreateContact) (bff.Applied, error) {
	return c.createFlat(ctx, e, contactFlat(e, p))
}

func contactFlat(e bff.Effect, p *action.CreateContact) flat {
	return flat{
		object: contactObject, fields: contactRecord(e, p), idField: externalID, id: e.Action.RecordID(p),
		creating: "creating the contact", reading: "reading the contact back",
	}
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
