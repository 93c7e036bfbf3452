package bffclient

import (
	"context"
	"time"
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
func (c *Client) Accounts(ctx context.Context, q AccountQuery) ([]Account, error) { return nil, nil }

// Contacts returns the people at a customer.
func (c *Client) Contacts(ctx context.Context, accountID string) ([]Contact, error) { return nil, nil }

// Invoices returns the invoices of a customer, or all with an empty id, newest
// first.
func (c *Client) Invoices(ctx context.Context, accountID string) ([]Invoice, error) { return nil, nil }
