package salesforce

import (
	"context"
	"slices"
	"strings"

	"fieldpay/bff"
)

var _ bff.Locator = (*Client)(nil)

// locateMost is how many ids one query names: its address may have 16 KiB.
const locateMost = 200

// Locate implements bff.Locator. An invoice tells the territory of its account
// along, so that a batch of payments takes one call.
func (c *Client) Locate(ctx context.Context, accounts, invoices []string) (bff.Places, error) {
	p := bff.Places{Territories: map[string]string{}, Accounts: map[string]string{}}
	for ids := range slices.Chunk(invoices, locateMost) {
		rows, err := query[placedInvoice](ctx, c, "SELECT Id, Client_Invoice_Id__c, Account__c, Account__r.External_Id__c, "+
			"Account__r.Territory__c FROM Invoice__c WHERE "+oneOf(invoiceID, ids))
		if err != nil {
			return bff.Places{}, failed("looking up whose invoices they are", err)
		}
		for _, r := range rows {
			account, territory := r.AccountID, ""
			if r.Account != nil {
				account, territory = r.Account.or(r.AccountID), r.Account.Territory
			}
			p.Territories[account] = territory
			for _, id := range asked(ids, r.ClientID, r.ID) {
				p.Accounts[id] = account
			}
		}
	}
	for ids := range slices.Chunk(accounts, locateMost) {
		rows, err := query[accountRow](ctx, c, selectAccounts+" WHERE "+oneOf(externalID, ids))
		if err != nil {
			return bff.Places{}, failed("looking up where accounts are", err)
		}
		for _, r := range rows {
			for _, id := range asked(ids, r.ExternalID, r.ID) {
				p.Territories[id] = r.Territory
			}
		}
	}
	return p, nil
}

type placedInvoice struct {
	ID        string `json:"Id"`
	ClientID  string `json:"Client_Invoice_Id__c"`
	AccountID string `json:"Account__c"`
	Account   *struct {
		parentRow
		Territory string `json:"Territory__c"`
	} `json:"Account__r"`
}

// asked are the ids by which a record was asked for. Salesforce takes an External
// ID in any case.
func asked(ids []string, external, server string) []string {
	var found []string
	for _, id := range ids {
		if id == server || external != "" && strings.EqualFold(id, external) {
			found = append(found, id)
		}
	}
	return found
}
