package main

import (
	"context"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// upstream is a Salesforce and a Stripe that answer at once and keep nothing:
// what is measured beside them is the server alone.
//
// The parts that are embedded are never called by what is measured.
type upstream struct {
	bff.CardFile
	bff.Pages
	bff.Refunds
}

var (
	_ bff.CRM      = upstream{}
	_ bff.Payments = upstream{}
)

// Accounts has none.
func (upstream) Accounts(context.Context, bff.AccountQuery) ([]bff.Account, error) { return nil, nil }

// Account knows every id.
func (upstream) Account(_ context.Context, id string) (bff.Account, error) {
	return bff.Account{ID: id}, nil
}

// Contacts has none.
func (upstream) Contacts(context.Context, string) ([]bff.Contact, error) { return nil, nil }

// Invoices has none.
func (upstream) Invoices(context.Context, string) ([]bff.Invoice, error) { return nil, nil }

// Invoice knows none.
func (upstream) Invoice(context.Context, string) (bff.Invoice, error) {
	return bff.Invoice{}, &action.Error{Code: action.UnknownInvoice}
}

// Apply makes every effect at once.
func (upstream) Apply(_ context.Context, e bff.Effect) (bff.Applied, error) {
	return bff.Applied{ServerID: "a01-" + e.Action.ID, Version: 1}, nil
}

// BookCard books everything.
func (upstream) BookCard(_ context.Context, c bff.CardPayment) (bff.Applied, error) {
	return bff.Applied{ServerID: "a02-" + c.IntentID, Version: 1}, nil
}

// CreateIntent has no money to move.
func (upstream) CreateIntent(context.Context, bff.IntentRequest) (bff.Intent, error) {
	return bff.Intent{}, &action.Error{Code: action.StripeDown}
}

// Intent knows none.
func (upstream) Intent(context.Context, string) (bff.Intent, error) {
	return bff.Intent{}, &action.Error{Code: action.UnknownPayment}
}

// Confirm knows none.
func (upstream) Confirm(context.Context, bff.ConfirmRequest) (bff.Intent, error) {
	return bff.Intent{}, &action.Error{Code: action.UnknownPayment}
}

// FindIntent finds none.
func (upstream) FindIntent(context.Context, string, time.Time) (bff.Intent, error) {
	return bff.Intent{}, nil
}

// Events has none.
func (upstream) Events(context.Context, time.Time) ([]bff.Event, error) { return nil, nil }

// NotePayment notes nothing.
func (upstream) NotePayment(context.Context, string, string) error { return nil }

// ParseEvent refuses every webhook.
func (upstream) ParseEvent([]byte, string, time.Time) (bff.Event, error) {
	return bff.Event{}, &action.Error{Code: action.BadRequest}
}

// Ping is always well.
func (upstream) Ping(context.Context) error { return nil }
