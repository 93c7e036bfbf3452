package salesforce

import (
	"cmp"
	"context"
	"strconv"

	"fieldpay/action"
	"fieldpay/bff"
)

const selectAccounts = "SELECT Id, External_Id__c, Name, Industry, Phone, Website FROM Account"

type accountRow struct {
	ID         string `json:"Id"`
	ExternalID string `json:"External_Id__c"`
	Name       string
	Industry   string
	Phone      string
	Website    string
}

func (a accountRow) account() bff.Account {
	return bff.Account{ID: cmp.Or(a.ExternalID, a.ID), Name: a.Name, Industry: a.Industry, Phone: a.Phone, Website: a.Website}
}

// Accounts implements bff.CRM.
func (c *Client) Accounts(ctx context.Context, q bff.AccountQuery) ([]bff.Account, error) {
	soql := selectAccounts
	if q.Search != "" {
		like := contains(q.Search)
		soql += " WHERE Name LIKE " + like + " OR Industry LIKE " + like
	}
	soql += " ORDER BY Name, Id"
	limit, offset, skip := q.Limit, q.Offset, 0
	if offset > maxOffset {
		// Beyond what SOQL can skip, what comes before is read and left out.
		limit, offset, skip = addLimit(limit, offset), 0, offset
	}
	if limit > 0 {
		soql += " LIMIT " + strconv.Itoa(limit)
	}
	if offset > 0 {
		soql += " OFFSET " + strconv.Itoa(offset)
	}
	rows, err := query[accountRow](ctx, c, soql)
	if err != nil {
		return nil, failed("listing accounts", err)
	}
	rows = rows[min(skip, len(rows)):]
	accounts := make([]bff.Account, len(rows))
	for i, r := range rows {
		accounts[i] = r.account()
	}
	return accounts, nil
}

func addLimit(limit, offset int) int {
	if limit == 0 {
		return 0
	}
	return limit + offset
}

// Account implements bff.CRM.
func (c *Client) Account(ctx context.Context, id string) (bff.Account, error) {
	rows, err := query[accountRow](ctx, c, selectAccounts+" WHERE "+sameRecord(externalID, id)+" LIMIT 1")
	if err != nil {
		return bff.Account{}, failed("reading the account", err)
	}
	if len(rows) == 0 {
		return bff.Account{}, &action.Error{Code: action.UnknownAccount, Op: "reading the account"}
	}
	return rows[0].account(), nil
}
