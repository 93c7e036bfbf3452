package bffclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fieldpay/api"
)

// Account is a customer.
type Account struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Industry string `json:"industry,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Website  string `json:"website,omitempty"`
}

// Contact is a person at a customer.
type Contact struct {
	ID        string `json:"id"`
	AccountID string `json:"accountId"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Title     string `json:"title,omitempty"`
}

// Invoice is an invoice as the system of record has it. Amounts are in minor
// units; Status is derived from the balance by the server.
type Invoice struct {
	ID              string    `json:"id"`
	Number          string    `json:"number,omitempty"`
	AccountID       string    `json:"accountId"`
	ContactID       string    `json:"contactId,omitempty"`
	Amount          int64     `json:"amount"`
	Paid            int64     `json:"paid,omitempty"`
	Balance         int64     `json:"balance,omitempty"`
	Currency        string    `json:"currency"`
	Status          string    `json:"status"`
	PaymentIntentID string    `json:"paymentIntentId,omitempty"`
	ChargeID        string    `json:"chargeId,omitempty"`
	Description     string    `json:"description,omitempty"`
	DueDate         string    `json:"dueDate,omitempty"`
	CreatedAt       time.Time `json:"createdAt"`
	UpdatedAt       time.Time `json:"updatedAt"`
	Version         int64     `json:"version"`
}

// AccountQuery selects accounts. The zero value asks for all of them.
type AccountQuery struct {
	// Search is part of a name or an industry, in any case.
	Search        string
	Limit, Offset int
}

// Accounts returns customers by name.
func (c *Client) Accounts(ctx context.Context, q AccountQuery) ([]Account, error) {
	query := url.Values{}
	if q.Search != "" {
		query.Set("search", q.Search)
	}
	if q.Limit > 0 {
		query.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Offset > 0 {
		query.Set("offset", strconv.Itoa(q.Offset))
	}
	return list(ctx, c, "reading customers", "/salesforce/accounts", query, func(a api.Account) Account {
		return Account{ID: a.ID, Name: a.Name, Industry: a.Industry, Phone: a.Phone, Website: a.Website}
	})
}

// Contacts returns the people at a customer; none for one that does not exist.
func (c *Client) Contacts(ctx context.Context, accountID string) ([]Contact, error) {
	path := "/salesforce/accounts/" + url.PathEscape(accountID) + "/contacts"
	return list(ctx, c, "reading contacts", path, nil, func(p api.Contact) Contact {
		return Contact{
			ID: p.ID, AccountID: p.AccountId, FirstName: p.FirstName, LastName: p.LastName,
			Email: p.Email, Phone: p.Phone, Title: p.Title,
		}
	})
}

// Invoices returns the invoices of a customer, or all with an empty id, newest
// first.
func (c *Client) Invoices(ctx context.Context, accountID string) ([]Invoice, error) {
	query := url.Values{}
	if accountID != "" {
		query.Set("accountId", accountID)
	}
	return list(ctx, c, "reading invoices", "/salesforce/invoices", query, invoiceOf)
}

func invoiceOf(i api.Invoice) Invoice {
	invoice := Invoice{
		ID: i.ID, Number: i.Number, AccountID: i.AccountId, ContactID: i.ContactId.Or(""),
		Amount: i.Amount, Paid: i.Paid, Balance: i.Balance, Currency: i.Currency, Status: string(i.Status),
		PaymentIntentID: i.StripePaymentIntentId.Or(""), ChargeID: i.StripeChargeId.Or(""),
		Description: i.Description.Or(""), CreatedAt: i.CreatedAt.UTC(), UpdatedAt: i.UpdatedAt.UTC(), Version: i.Version,
	}
	if due, ok := i.DueDate.Get(); ok {
		invoice.DueDate = due.Format(time.DateOnly)
	}
	return invoice
}

// list reads one of the lists of reference data.
func list[Wire, Ours any](ctx context.Context, c *Client, op, path string, query url.Values, convert func(Wire) Ours) ([]Ours, error) {
	var answer []Wire
	err := c.authorised(ctx, request{
		op: op, method: http.MethodGet, path: path, query: query, answer: &answer,
		read: true, replay: true, timeout: listTimeout, limit: listLimit,
	})
	if err != nil {
		return nil, err
	}
	ours := make([]Ours, len(answer))
	for i, w := range answer {
		ours[i] = convert(w)
	}
	return ours, nil
}

// Price is what a product costs in one currency.
type Price struct {
	ProductID string `json:"productId"`
	Code      string `json:"code,omitempty"`
	Name      string `json:"name"`
	Family    string `json:"family,omitempty"`
	// TaxRate is in percent as a decimal, or empty.
	TaxRate  string `json:"taxRate,omitempty"`
	Currency string `json:"currency"`
	// UnitPrice is in minor units.
	UnitPrice int64 `json:"unitPrice"`
}

// Prices returns the price list by the products' names, one price for each
// currency that a product is sold in.
func (c *Client) Prices(ctx context.Context) ([]Price, error) {
	return list(ctx, c, "reading prices", "/salesforce/prices", nil, func(p api.Price) Price {
		return Price{
			ProductID: p.ProductId, Code: p.Code.Or(""), Name: p.Name, Family: p.Family.Or(""), TaxRate: p.TaxRate.Or(""),
			Currency: p.Currency, UnitPrice: p.UnitPrice,
		}
	})
}
