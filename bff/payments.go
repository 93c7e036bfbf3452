package bff

import (
	"context"
	"time"

	"fieldpay/action"
)

// Payments is the card processor, as far as FieldPay uses it. Package stripepay
// implements it.
//
// Every error is an *action.Error: UnknownPayment for an object that is not
// there, CardDeclined or AuthenticationRequired for money that did not move,
// StripeDown, RateLimited or UpstreamLogin for trouble that passes.
type Payments interface {
	Intents
	CardFile
	Pages
	Refunds
	// ParseEvent checks the signature of a webhook over the raw payload, and
	// that it was signed within a few minutes of now, on either side. The error
	// is an *action.Error of code BadRequest.
	ParseEvent(payload []byte, signature string, now time.Time) (Event, error)
	// Events lists the events since a moment, oldest first: what a webhook may
	// have missed.
	Events(ctx context.Context, since time.Time) ([]Event, error)
	// Ping reports whether the processor can be used at all.
	Ping(ctx context.Context) error
}

// Intents makes, reads and confirms intents.
type Intents interface {
	// CreateIntent makes an unconfirmed intent. The same key answers the same
	// intent.
	CreateIntent(ctx context.Context, r IntentRequest) (Intent, error)
	Intent(ctx context.Context, id string) (Intent, error)
	// FindIntent looks for the intent of an action among those that were made
	// since a moment; one without an ID means that there is none.
	FindIntent(ctx context.Context, actionID string, since time.Time) (Intent, error)
	// Confirm confirms an intent. The same key answers the first result.
	Confirm(ctx context.Context, r ConfirmRequest) (Intent, error)
}

// CardFile knows the cards that customers have saved at the processor.
type CardFile interface {
	// Cards lists the saved cards of an account; none for one that never paid.
	Cards(ctx context.Context, accountID string) ([]Card, error)
	// Card answers one saved card with whose it is. The error has the code
	// InvalidPayload and names the field cardId when there is no such card.
	Card(ctx context.Context, id string) (Card, error)
	// Customer is the id of an account's customer, who is made if need be.
	Customer(ctx context.Context, accountID string) (string, error)
}

// Pages makes the pages of the processor where a customer pays.
type Pages interface {
	// CreateLink makes a page that anybody with its address can pay at, once.
	CreateLink(ctx context.Context, r PageRequest) (Page, error)
	// CreateCheckout makes a page for one visit.
	CreateCheckout(ctx context.Context, r PageRequest) (Page, error)
	// Checkout answers how far a visit has come.
	Checkout(ctx context.Context, id string) (Page, error)
}

// Refunds gives money back.
type Refunds interface {
	// CreateRefund gives back a part of what an intent has received. The same
	// key answers the same refund.
	CreateRefund(ctx context.Context, r RefundRequest) (Refund, error)
	// RefundsOf lists the refunds of an intent.
	RefundsOf(ctx context.Context, intentID string) ([]Refund, error)
}

// WebhookRegistrar is an optional ability of a Payments: the sandbox is told at
// start where events go, and says with which secret it signs them.
type WebhookRegistrar interface {
	// EnsureWebhook registers url, or takes up what is registered for it if its
	// secret is remembered. remember keeps the secret of an endpoint, if fresh
	// is one, and answers the secret that is kept for it, if any.
	EnsureWebhook(ctx context.Context, url string, remember func(endpointID, fresh string) (string, error)) error
}

// IntentRequest asks for an intent over an amount of an invoice.
type IntentRequest struct {
	// Key is the idempotency key: the same key answers the same intent.
	Key       string
	InvoiceID string
	// ActionID is the action that asks, if one does.
	ActionID string
	// CustomerID is who will pay, where a saved card is to be charged.
	CustomerID string
	Amount     int64
	Currency   action.Currency
}

// ConfirmRequest asks to charge an intent.
type ConfirmRequest struct {
	IntentID, Key string
	// CardID is the token of a card.
	CardID string
	// OffSession says that the customer is not there: a bank that wants them to
	// act declines with AuthenticationRequired.
	OffSession bool
}

// Card is what may be known of a saved card. AccountID is that of its owner and
// empty when the card is on nobody's file, or on that of a stranger to the CRM.
type Card struct {
	ID, Brand, Last4      string
	ExpMonth, ExpYear     int
	CustomerID, AccountID string
}

// PageRequest asks for a page where an amount of an invoice is paid.
type PageRequest struct {
	Key, ActionID, InvoiceID string
	// Title is what the customer reads: the invoice's number.
	Title    string
	Amount   int64
	Currency action.Currency
	// DoneURL and CancelledURL are where a checkout leads, and ExpiresAt is when
	// it ends; CustomerID, if any, has the card saved for the next time.
	DoneURL, CancelledURL string
	CustomerID            string
	ExpiresAt             time.Time
}

// The statuses of a page.
const (
	PageOpen    = "open"
	PagePaid    = "paid"
	PageExpired = "expired"
)

// Page is a page where a customer pays. IntentID is set once there is one.
type Page struct {
	ID, URL, Status, IntentID string
}

// RefundRequest asks to give money back.
type RefundRequest struct {
	Key, ActionID, IntentID string
	Amount                  int64
	Currency                action.Currency
}

// Refund is money that was given back. Only one that Succeeded has left.
type Refund struct {
	// ActionID is the action that asked for it, if one did.
	ID, IntentID, ActionID, Status string
	Amount                         int64
	Currency                       action.Currency
	CreatedAt                      time.Time
}

// RefundSucceeded is the status of a refund that left.
const RefundSucceeded = "succeeded"

// The statuses of an intent that decide a treatment; they are Stripe's.
const (
	IntentNeedsMethod  = "requires_payment_method"
	IntentNeedsConfirm = "requires_confirmation"
	IntentNeedsAction  = "requires_action"
	IntentProcessing   = "processing"
	IntentSucceeded    = "succeeded"
	IntentCanceled     = "canceled"
)

// Intent is a payment at the card processor. InvoiceID and ActionID are read
// from its metadata and empty when it is not one of ours.
type Intent struct {
	ID, ClientSecret, Status, ChargeID, InvoiceID, ActionID string
	Amount, AmountReceived                                  int64
	Currency                                                action.Currency
	// Declined and DeclineSentence say why the last attempt to charge it was
	// refused; empty when there was none or it was not.
	Declined        action.Code
	DeclineSentence string
}

// Open reports whether the intent can still be paid.
func (i Intent) Open() bool {
	switch i.Status {
	case IntentNeedsMethod, IntentNeedsConfirm, IntentNeedsAction:
		return true
	default:
		return false
	}
}

// Event is a webhook event whose signature was good. Nothing but its ids is
// used: the object is fetched again.
type Event struct {
	ID, Type, IntentID string
	CreatedAt          time.Time
}
