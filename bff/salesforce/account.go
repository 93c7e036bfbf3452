package salesforce

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

const selectAccounts = "SELECT Id, External_Id__c, Name, Industry, Phone, Website, Territory__c FROM Account"

type accountRow struct {
	ID         string `json:"Id"`
	ExternalID string `json:"External_Id__c"`
	Name       string
	Industry   string
	Phone      string
	Website    string
	Territory  string `json:"Territory__c"`
}

func (a accountRow) account() bff.Account {
	return bff.Account{
		ID: cmp.Or(a.ExternalID, a.ID), Name: a.Name, Industry: a.Industry, Phone: a.Phone, Website: a.Website, Territory: a.Territory,
	}
}

// Accounts implements bff.CRM.
func (c *Client) Accounts(ctx context.Context, q bff.AccountQuery) ([]bff.Account, error) {
	soql := selectAccounts + accountsWhere(q) + " ORDER BY Name, Id"
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

func accountsWhere(q bff.AccountQuery) string {
	var conditions []string
	if q.Search != "" {
		like := contains(q.Search)
		conditions = append(conditions, "(Name LIKE "+like+" OR Industry LIKE "+like+")")
	}
	if len(q.Territories) > 0 {
		names := make([]string, len(q.Territories))
		for i, name := range q.Territories {
			names[i] = literal(name)
		}
		conditions = append(conditions, "Territory__c IN ("+strings.Join(names, ", ")+")")
	}
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
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
