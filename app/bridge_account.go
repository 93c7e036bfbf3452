package app

import (
	"context"
	"maps"
	"slices"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// AccountDTO is a customer with what is open there by the server's word.
type AccountDTO struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Industry    string     `json:"industry"`
	Phone       string     `json:"phone"`
	Website     string     `json:"website"`
	OpenBalance []MoneyDTO `json:"openBalance"`
}

// ContactDTO is a person at a customer.
type ContactDTO struct {
	ID        string `json:"id"`
	AccountID string `json:"accountId"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Title     string `json:"title"`
	// ActionID is the action that makes the contact, while the server does not
	// have it.
	ActionID    string `json:"actionId"`
	ActionState string `json:"actionState"`
}

// AccountQuery selects customers whose name or industry contains Search.
type AccountQuery struct {
	Search string `json:"search"`
	Limit  int    `json:"limit"`
	Offset int    `json:"offset"`
}

// AccountPage is one part of the customers that a query found.
type AccountPage struct {
	AsOf  string       `json:"asOf"`
	Total int          `json:"total"`
	Items []AccountDTO `json:"items"`
}

// AccountDetail is a customer with contacts and invoices.
type AccountDetail struct {
	AsOf     string       `json:"asOf"`
	Account  AccountDTO   `json:"account"`
	Contacts []ContactDTO `json:"contacts"`
	Invoices []InvoiceRow `json:"invoices"`
}

// Accounts lists customers of the reference cache by name.
func (b *Bridge) Accounts(q AccountQuery) (AccountPage, error) {
	return bound(b, "Accounts", q, func(_ context.Context, r *running, q AccountQuery) (AccountPage, error) {
		cache := r.device.cache
		limit, offset := min(q.Limit, 2000), max(q.Offset, 0)
		if limit <= 0 {
			limit = 50
		}
		found := cache.Accounts(q.Search, limit, offset)
		page := AccountPage{AsOf: stamp(cache.AsOf()), Total: found.Total, Items: make([]AccountDTO, len(found.Accounts))}
		for i, a := range found.Accounts {
			page.Items[i] = accountDTO(a, cache.Invoices(a.ID))
		}
		return page, nil
	})
}

// Account is one customer.
func (b *Bridge) Account(id string) (AccountDetail, error) {
	return bound(b, "Account", id, func(ctx context.Context, r *running, id string) (AccountDetail, error) {
		cache := r.device.cache
		a, ok := cache.Account(id)
		if !ok {
			return AccountDetail{}, &action.Error{Code: action.UnknownAccount, Message: "This customer is not known on this device",
				Hint: "Refresh the customers while there is a connection"}
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return AccountDetail{}, err
		}
		contacts := v.contacts(id)
		if len(cache.Contacts(id)) == 0 && reachable(r.replay.Status().Connection.State) {
			r.refresher.lookAt(id)
		}
		return AccountDetail{
			AsOf: stamp(cache.AsOf()), Account: accountDTO(a, cache.Invoices(id)),
			Contacts: contacts, Invoices: v.invoices(id),
		}, nil
	})
}

func accountDTO(a bffclient.Account, invoices []bffclient.Invoice) AccountDTO {
	open := map[string]int64{}
	for _, i := range invoices {
		if i.Balance > 0 && i.Status != action.InvoiceFailed {
			open[i.Currency] += i.Balance
		}
	}
	out := AccountDTO{ID: a.ID, Name: a.Name, Industry: a.Industry, Phone: a.Phone, Website: a.Website, OpenBalance: []MoneyDTO{}}
	for _, currency := range slices.Sorted(maps.Keys(open)) {
		out.OpenBalance = append(out.OpenBalance, MoneyDTO{Amount: open[currency], Currency: currency})
	}
	return out
}
