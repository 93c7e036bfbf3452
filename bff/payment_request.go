package bff

import (
	"context"
	"time"

	"fieldpay/action"
)

// PaymentRequest is what was asked of the card processor for an action. It is
// stored before the first call, and the id of what the processor made of it
// before any money can move, so that a crash at any point finds it again.
type PaymentRequest struct {
	ActionID, InvoiceID string
	Amount              int64
	Currency            action.Currency
	// ObjectID is the processor's id of the intent or page, and URL the page's
	// address; empty until its answer was read.
	ObjectID, URL string
	// AskedAt is when the first attempt began. Try is the person's latest, and
	// TriedAt when that one began.
	AskedAt time.Time
	Try     int
	TriedAt time.Time
	// PaidAt is when a payment of it was booked.
	PaidAt time.Time
}

// result is how far the request has come.
func (r PaymentRequest) result() action.Result {
	if r.PaidAt.IsZero() {
		return action.ResultRequested
	}
	return action.ResultPaid
}

// PaymentRequests keeps what was asked of the card processor.
type PaymentRequests interface {
	// Ask stores r unless its action has a request, and returns what is stored.
	// Of a request that is there, only a higher Try and its TriedAt are taken.
	Ask(ctx context.Context, r PaymentRequest) (PaymentRequest, error)
	// Request returns the request of an action, and whether there is one.
	Request(ctx context.Context, actionID string) (PaymentRequest, bool, error)
	// Answered stores what the processor made of a request.
	Answered(ctx context.Context, actionID, objectID, url string) error
	// Paid stores that a payment of the request was booked; the first time
	// counts. An action without a request is no error.
	Paid(ctx context.Context, actionID string, at time.Time) error
}

// keyLife is how long an idempotency key of the processor is relied upon. It
// forgets keys after 24 hours; an answer may have taken some of them.
const keyLife = 20 * time.Hour

// window counts the lives of keys since a moment: a repeat in the first one,
// 0, may use the key of the first attempt. In a later one the key may be
// forgotten, so that it looks first what became of the attempts before.
func window(since, now time.Time) int { return max(0, int(now.Sub(since)/keyLife)) }
