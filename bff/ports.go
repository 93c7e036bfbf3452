package bff

import (
	"context"
	"strings"
	"time"

	"fieldpay/action"
)

// CRM is the system of record, as far as FieldPay uses it. Package salesforce
// implements it.
//
// Every error is an *action.Error: UnknownAccount, UnknownContact or
// UnknownInvoice for a record that is not there, RecordDeleted for one that was,
// SalesforceDown, RecordLocked or UpstreamLogin for trouble that passes,
// UpstreamInvalid (with Fields), UpstreamRefused, DuplicateRecord or
// VersionConflict for a refusal. An error that is neither kind, or a cut
// connection, means that the effect may have happened: the same call is then
// repeated.
type CRM interface {
	// Accounts lists accounts by name.
	Accounts(ctx context.Context, q AccountQuery) ([]Account, error)
	Account(ctx context.Context, id string) (Account, error)
	// Contacts lists the contacts of an account by name; none when the account
	// is unknown.
	Contacts(ctx context.Context, accountID string) ([]Contact, error)
	// Invoices lists invoices newest first: those of one account, or all when
	// accountID is empty.
	Invoices(ctx context.Context, accountID string) ([]Invoice, error)
	Invoice(ctx context.Context, id string) (Invoice, error)
	// Apply makes the effect exactly once per Effect.Action.ID. It is safe to
	// repeat after a crash at any point, and answers a repeat as the first time.
	Apply(ctx context.Context, e Effect) (Applied, error)
	// BookCard books money that Stripe confirmed, exactly once per IntentID,
	// and stores the ids of the intent and its charge on the invoice.
	BookCard(ctx context.Context, c CardPayment) (Applied, error)
	// Ping reports whether the system can be used at all.
	Ping(ctx context.Context) error
	PaymentNotes
}

// PaymentNotes tells the office what became of money after it was booked.
type PaymentNotes interface {
	// NotePayment writes a note on the payment of an intent, once however often
	// it is called. UnknownPayment: it is not booked, or not yet.
	NotePayment(ctx context.Context, intentID, note string) error
}

// Batcher is an optional ability of a CRM: effects that share a call, because
// calls are what a system of record counts and what takes long.
type Batcher interface {
	// Batch names the kind of an effect. Up to most of one kind may go in one
	// call of ApplyAll; an effect without a kind is made by Apply.
	Batch(e Effect) (kind string, most int)
	// ApplyAll makes effects of one kind, each as Apply would and whatever
	// becomes of the others, and answers one Done each, in order. No two of
	// them are of one lane.
	ApplyAll(ctx context.Context, effects []Effect) []Done
}

// Locator is an optional ability of a CRM: where many records are, in as few
// calls as that takes.
type Locator interface {
	// Locate answers for ids on the wire. What is not there is left out.
	Locate(ctx context.Context, accounts, invoices []string) (Places, error)
}

// Places are where records belong, by the ids that were asked for: accounts to
// their territories (empty for none), invoices to their accounts.
type Places struct {
	Territories, Accounts map[string]string
}

// Done is what came of one effect of many.
type Done struct {
	Applied Applied
	Err     error
}

// AccountQuery selects accounts. Search is part of a name or an industry, in
// any case; empty means all. Limit 0 means all. Territories selects the accounts
// of those territories, in any case; nil means all, with and without one.
type AccountQuery struct {
	Search      string
	Territories []string
	Limit       int
	Offset      int
}

// Account is a customer. Territory is the name of the sales territory that it
// belongs to, or empty.
type Account struct {
	ID, Name, Industry, Phone, Website, Territory string
}

// Contact is a person at a customer.
type Contact struct {
	ID, AccountID, FirstName, LastName, Email, Phone, Title string
}

// Invoice is an invoice of the system of record, with what was received on it.
type Invoice struct {
	// ID is the record's id on the wire, ServerID the system's own, Number the
	// one that people quote.
	ID, ServerID, Number string
	AccountID, ContactID string
	// Amount and Paid are in minor units; Paid counts allocated money only.
	Amount, Paid int64
	Currency     action.Currency
	// Status is the stored one; see WireStatus. Voided says that it is void.
	Status               string
	Voided               bool
	IntentID, ChargeID   string
	Description, DueDate string
	CreatedAt, UpdatedAt time.Time
	Version              int64
}

// Balance is what is still open, in minor units; never negative.
func (i Invoice) Balance() int64 { return max(0, i.Amount-i.Paid) }

// WireStatus derives the status that is shown from the balance: one of the
// reference's draft, pending, paid and failed.
func (i Invoice) WireStatus() string {
	stored := strings.ToLower(i.Status)
	switch {
	case i.Voided, stored == "void":
		return action.InvoiceFailed
	case i.Paid >= i.Amount:
		return action.InvoicePaidUp
	case stored == action.InvoiceFailed:
		return action.InvoiceFailed
	case i.Paid > 0, i.IntentID != "", stored == action.InvoicePending:
		return action.InvoicePending
	default:
		return action.InvoiceDraft
	}
}

// Effect is an action that is to take effect, with what the server worked out
// about it.
type Effect struct {
	Action  action.Action
	Payload action.Payload
	// At is the effective time, by the rule of action.Action.EffectiveAt.
	At time.Time
	// Hash is the content hash of the action.
	Hash string
	// Attempt counts from 1. Above 1 the effect may have happened already.
	Attempt int
}

// Applied is an effect that happened.
type Applied struct {
	// ServerID and Version are those of the record after the effect.
	ServerID string
	Version  int64
	// Note is set when it happened in a way that a person must look at, e.g.
	// Overpaid, InvoiceVoided or CurrencyMismatch: booked, not allocated.
	Note action.Code
	// Result and Link are for money that was to be collected.
	Result action.Result
	Link   string
}

// CardPayment is money that the card processor confirmed.
type CardPayment struct {
	// ActionID is the action that reported it.
	ActionID, InvoiceID, IntentID, ChargeID string
	Amount                                  int64
	Currency                                action.Currency
	At                                      time.Time
}
