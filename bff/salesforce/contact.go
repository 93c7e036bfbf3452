package salesforce

import (
	"cmp"
	"context"

	"fieldpay/bff"
)

type contactRow struct {
	ID         string `json:"Id"`
	ExternalID string `json:"External_Id__c"`
	FirstName  string
	LastName   string
	Email      string
	Phone      string
	Title      string
}

// Contacts implements bff.CRM.
func (c *Client) Contacts(ctx context.Context, accountID string) ([]bff.Contact, error) {
	rows, err := query[contactRow](ctx, c, "SELECT Id, External_Id__c, FirstName, LastName, Email, Phone, Title FROM Contact WHERE Account."+
		sameRecord(externalID, accountID)+" ORDER BY LastName, FirstName, Id")
	if err != nil {
		return nil, failed("listing contacts", err)
	}
	contacts := make([]bff.Contact, len(rows))
	for i, r := range rows {
		contacts[i] = bff.Contact{
			ID: cmp.Or(r.ExternalID, r.ID), AccountID: accountID,
			FirstName: r.FirstName, LastName: r.LastName, Email: r.Email, Phone: r.Phone, Title: r.Title,
		}
	}
	return contacts, nil
}
