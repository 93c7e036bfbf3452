package bffclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"fieldpay/action"
	"fieldpay/api"
)

// idempotencyHeader carries the id of a call that moves money or asks for it.
// With it the transport may repeat the call on a connection that turns out to be
// dead, and so may the caller after action.AnswerLost.
const idempotencyHeader = "Idempotency-Key"

// Card is a card that a customer has saved at Stripe, as far as it may be shown.
type Card struct {
	// ID is the token that stands for the card (pm_…), never a number.
	ID    string `json:"id"`
	Brand string `json:"brand"`
	// Last4 are the last four digits.
	Last4    string `json:"last4"`
	ExpMonth int    `json:"expMonth"`
	ExpYear  int    `json:"expYear"`
}

// Cards returns the cards that a customer has saved; none for one who has saved
// none, or whom nobody knows.
func (c *Client) Cards(ctx context.Context, accountID string) ([]Card, error) {
	path := "/stripe/accounts/" + url.PathEscape(accountID) + "/cards"
	return list(ctx, c, "reading saved cards", path, nil, func(w api.Card) Card {
		return Card{ID: w.ID, Brand: w.Brand, Last4: w.Last4, ExpMonth: w.ExpMonth, ExpYear: w.ExpYear}
	})
}

// PaymentAsked is a payment that a customer is asked for, online and now.
type PaymentAsked struct {
	// ID is a UUID (action.NewID) that the caller makes, and keeps, before the
	// first attempt. A repeat under it answers the same page and asks for
	// nothing more; with another invoice or amount it is refused as
	// action.ContentChanged.
	ID string
	// InvoiceID names the invoice.
	InvoiceID string
	// Amount is in minor units of Currency. It must be the open balance, or with
	// Partial at most that: the server computes it and only compares this one
	// (action.TotalMismatch, action.CurrencyMismatch).
	Amount   int64
	Currency action.Currency
	Partial  bool
}

// CheckoutStatus is how far a customer has come at a checkout.
type CheckoutStatus string

// The statuses of a checkout.
const (
	CheckoutOpen CheckoutStatus = "open"
	// CheckoutPaid says that Stripe has the money. It is on the invoice once
	// Checkout.Booked says so.
	CheckoutPaid CheckoutStatus = "paid"
	// CheckoutExpired is one that nobody can pay any more: begin another, under
	// an ID of its own.
	CheckoutExpired CheckoutStatus = "expired"
)

// Checkout is a page of Stripe's where the customer pays now.
type Checkout struct {
	ID     string
	Status CheckoutStatus
	// URL is for the browser of the system, and given while it is open only.
	URL string
	// Booked says that the payment is on the invoice.
	Booked bool
}

// BeginCheckout makes a page where the customer pays an invoice now. SaveCard
// may be true only if the customer agreed to have the card saved for the next
// time. What is paid already is action.InvoicePaid; a checkout that ended while
// its answer was lost is action.PaymentIncomplete.
func (c *Client) BeginCheckout(ctx context.Context, p PaymentAsked, saveCard bool) (Checkout, error) {
	const op = "beginning a checkout"
	body := api.CheckoutRequest{InvoiceId: p.InvoiceID, Amount: p.Amount, Currency: string(p.Currency)}
	if p.Partial {
		body.Partial = api.NewOptBool(true)
	}
	if saveCard {
		body.SaveCard = api.NewOptBool(true)
	}
	var answer api.Checkout
	if err := c.authorised(ctx, keyed(op, "/stripe/checkout", p.ID, &body, &answer)); err != nil {
		return Checkout{}, err
	}
	return checkoutOf(op, p.ID, answer)
}

// Checkout asks how far a checkout has come, and has the server book it if it is
// paid: the screen may ask every few seconds while the customer pays. One that
// the server does not know is action.UnknownPayment.
func (c *Client) Checkout(ctx context.Context, id string) (Checkout, error) {
	const op = "asking for a checkout"
	var answer api.Checkout
	err := c.authorised(ctx, request{
		op: op, method: http.MethodGet, path: "/stripe/checkout/" + url.PathEscape(id), answer: &answer,
		read: true, replay: true, timeout: sendTimeout, limit: answerLimit,
	})
	if err != nil {
		return Checkout{}, err
	}
	return checkoutOf(op, id, answer)
}

func checkoutOf(op, id string, w api.Checkout) (Checkout, error) {
	checkout := Checkout{ID: w.ID, Status: CheckoutStatus(w.Status), URL: w.URL.Or(""), Booked: w.Booked}
	if w.ID != id {
		return Checkout{}, misanswered(op, "the answer is about another checkout")
	}
	if checkout.URL != "" && !payable(checkout.URL) {
		return Checkout{}, misanswered(op, "the page has no address that a browser may be sent to")
	}
	return checkout, nil
}

// PaymentLink is an address where a customer can pay an invoice later.
type PaymentLink struct {
	ID, URL string
	// Result is action.ResultRequested, until it was paid.
	Result action.Result
}

// CreatePaymentLink makes a link while there is a network; the action
// collect_payment is the form that waits for one. While the server cannot reach
// Stripe or Salesforce the error is transient, and the link is made all the same:
// a repeat under the same ID answers it.
func (c *Client) CreatePaymentLink(ctx context.Context, p PaymentAsked) (PaymentLink, error) {
	const op = "making a payment link"
	body := api.PaymentIntentRequest{InvoiceId: p.InvoiceID, Amount: p.Amount, Currency: string(p.Currency)}
	if p.Partial {
		body.Partial = api.NewOptBool(true)
	}
	var answer api.PaymentLink
	if err := c.authorised(ctx, keyed(op, "/stripe/payment-link", p.ID, &body, &answer)); err != nil {
		return PaymentLink{}, err
	}
	switch {
	case answer.ID != p.ID:
		return PaymentLink{}, misanswered(op, "the answer is about another link")
	case !payable(answer.URL):
		return PaymentLink{}, misanswered(op, "the link has no address that a browser may be sent to")
	default:
		return PaymentLink{ID: answer.ID, URL: answer.URL, Result: action.Result(answer.Result)}, nil
	}
}

// RefundAsked is money to be given back of an invoice's card payment.
type RefundAsked struct {
	// ID is a UUID (action.NewID) that the caller makes, and keeps, before the
	// first attempt. A repeat under it, of any age, gives back nothing more.
	ID        string
	InvoiceID string
	// Amount is in minor units of Currency, at most what was received and not
	// given back already (action.TotalMismatch).
	Amount   int64
	Currency action.Currency
}

// Refund is money on its way back to a card.
type Refund struct {
	// ID is Stripe's.
	ID       string
	Amount   int64
	Currency action.Currency
	// Status is Stripe's; see Done.
	Status string
}

// Done reports whether the money has left. Until then it is on its way, or
// stopped at Stripe, where the office sees why.
func (r Refund) Done() bool { return r.Status == "succeeded" }

// Refund gives back a card payment or a part of it. It is for the office and for
// administrators: action.NotAllowed for everybody else.
func (c *Client) Refund(ctx context.Context, r RefundAsked) (Refund, error) {
	body := api.RefundRequest{InvoiceId: r.InvoiceID, Amount: r.Amount, Currency: string(r.Currency)}
	var answer api.Refund
	if err := c.authorised(ctx, keyed("giving money back", "/stripe/refund", r.ID, &body, &answer)); err != nil {
		return Refund{}, err
	}
	return Refund{ID: answer.ID, Amount: answer.Amount, Currency: action.Currency(answer.Currency), Status: answer.Status}, nil
}

// keyed is a call that has its effect once for each id.
func keyed(op, path, id string, body, answer any) request {
	return request{
		op: op, method: http.MethodPost, path: path, body: body, answer: answer,
		header: http.Header{idempotencyHeader: {id}}, timeout: sendTimeout, limit: answerLimit,
	}
}

// payable reports whether a browser may be sent to an address of a page to pay
// at: over TLS, or at a sandbox on this very machine.
func payable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

// misanswered is the error of an answer that keeps to the form of the contract
// and not to its sense.
func misanswered(op, why string) error {
	return &action.Error{Code: action.Busy, Message: action.Busy.Message(), Op: op, Cause: errors.New(why)}
}
