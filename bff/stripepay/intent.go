package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
	"fieldpay/bff"
)

// The metadata that ties an intent to what it pays. The names with a capital
// are the reference's and are only read.
const (
	metaInvoice    = "invoice_id"
	metaAction     = "action_id"
	metaInvoiceOld = "invoiceId"
	metaActionOld  = "actionId"
)

// CreateIntent implements bff.Payments. The intent takes cards only, and is
// not confirmed: no money moves.
func (c *Client) CreateIntent(ctx context.Context, r bff.IntentRequest) (bff.Intent, error) {
	const op = "creating the intent"
	amount, err := action.Money{Minor: r.Amount, Currency: r.Currency}.ToStripe()
	if err != nil {
		return bff.Intent{}, err
	}
	create := func(key string) (bff.Intent, error) {
		var made *stripe.PaymentIntent
		err := c.do(ctx, op, func(ctx context.Context) (err error) {
			params := &stripe.PaymentIntentParams{
				Amount: stripe.Int64(amount), Currency: stripe.String(string(r.Currency.Normal())),
				PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
			}
			params.Context = ctx
			params.SetIdempotencyKey(key)
			params.AddMetadata(metaInvoice, r.InvoiceID)
			if r.ActionID != "" {
				params.AddMetadata(metaAction, r.ActionID)
			}
			if r.CustomerID != "" {
				params.Customer = stripe.String(r.CustomerID)
			}
			made, err = c.intents.New(params)
			return err
		})
		return intentOf(made, err)
	}
	made, err := create(r.Key)
	if isFiled(err) {
		// An intent that nobody knows the id of is never confirmed, so a second
		// one is harmless.
		return create(rescue(r.Key))
	}
	return made, err
}

// Intent implements bff.Payments.
func (c *Client) Intent(ctx context.Context, id string) (bff.Intent, error) {
	var read *stripe.PaymentIntent
	err := c.do(ctx, "reading the intent", func(ctx context.Context) (err error) {
		params := &stripe.PaymentIntentParams{}
		params.Context = ctx
		read, err = c.intents.Get(id, params)
		return err
	})
	return intentOf(read, err)
}

// FindIntent implements bff.Payments. It reads the list and not the search: only
// the list has everything that was made up to now.
func (c *Client) FindIntent(ctx context.Context, actionID string, since time.Time) (bff.Intent, error) {
	var found *stripe.PaymentIntent
	err := c.do(ctx, "looking for the intent", func(ctx context.Context) error {
		params := &stripe.PaymentIntentListParams{
			// Stripe's clock may be behind.
			CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Add(-tolerance).Unix()},
		}
		params.Context, params.Limit = ctx, stripe.Int64(100)
		all := c.intents.List(params)
		for found == nil && all.Next() {
			if pi := all.PaymentIntent(); strings.EqualFold(first(pi.Metadata, metaAction, metaActionOld), actionID) {
				found = pi
			}
		}
		return all.Err()
	})
	if err != nil || found == nil {
		return bff.Intent{}, err
	}
	return intentOf(found, nil)
}

// Confirm implements bff.Payments. It answers the intent as it is afterwards,
// which may also be processing or requires_action: the caller reads Status.
//
// An intent that was confirmed before, under whatever key, is answered as it
// stands: it can succeed only once, so there is nothing to be afraid of.
func (c *Client) Confirm(ctx context.Context, r bff.ConfirmRequest) (bff.Intent, error) {
	confirmed, err := c.confirm(ctx, r, r.Key)
	if isUnexpectedState(err) {
		return c.Intent(ctx, r.IntentID)
	}
	if !isFiled(err) {
		return confirmed, err
	}
	// Stripe failed and will say so under this key for a day. What became of
	// the intent is the answer, and only one that is still open is tried again.
	read, readErr := c.Intent(ctx, r.IntentID)
	switch {
	case readErr != nil || !unconfirmed(read):
		return read, readErr
	case read.Declined != "":
		// The card was tried; a repeat would try it again.
		return read, &action.Error{Code: read.Declined, Message: read.DeclineSentence, Op: "confirming the intent"}
	}
	return c.confirm(ctx, r, rescue(r.Key))
}

func unconfirmed(i bff.Intent) bool {
	return i.Status == bff.IntentNeedsMethod || i.Status == bff.IntentNeedsConfirm
}

func (c *Client) confirm(ctx context.Context, r bff.ConfirmRequest, key string) (bff.Intent, error) {
	var confirmed *stripe.PaymentIntent
	err := c.do(ctx, "confirming the intent", func(ctx context.Context) (err error) {
		params := &stripe.PaymentIntentConfirmParams{}
		if r.CardID != "" {
			params.PaymentMethod = stripe.String(r.CardID)
		}
		if r.OffSession {
			params.OffSession = stripe.Bool(true)
		}
		params.Context = ctx
		params.SetIdempotencyKey(key)
		confirmed, err = c.intents.Confirm(r.IntentID, params)
		return err
	})
	return intentOf(confirmed, err)
}

// rescue is the key for another attempt after a failure that is filed under
// key. It is another one each hour, so that a failure filed under it as well
// does not last, and the same within the hour, so that two servers make one.
func rescue(key string) string { return fmt.Sprintf("%s:%d", key, time.Now().Unix()/3600) }

// isFiled reports a failure of Stripe's own that every repeat of the key gets.
func isFiled(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.replayed && f.status >= http.StatusInternalServerError
}

func isUnexpectedState(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.code == string(stripe.ErrorCodePaymentIntentUnexpectedState)
}

func intentOf(pi *stripe.PaymentIntent, err error) (bff.Intent, error) {
	if err != nil {
		return bff.Intent{}, err
	}
	if pi == nil || pi.ID == "" {
		return bff.Intent{}, &action.Error{Code: action.StripeDown, Cause: errors.New("the answer is not an intent")}
	}
	currency := action.Currency(pi.Currency).Normal()
	i := bff.Intent{
		ID: pi.ID, ClientSecret: pi.ClientSecret, Status: string(pi.Status), Currency: currency,
		InvoiceID: first(pi.Metadata, metaInvoice, metaInvoiceOld), ActionID: first(pi.Metadata, metaAction, metaActionOld),
		Amount: action.FromStripe(pi.Amount, currency).Minor, AmountReceived: action.FromStripe(pi.AmountReceived, currency).Minor,
	}
	if pi.LatestCharge != nil {
		i.ChargeID = pi.LatestCharge.ID
	}
	if e := pi.LastPaymentError; e != nil {
		f := &failure{status: http.StatusPaymentRequired, kind: string(e.Type), code: string(e.Code), decline: string(e.DeclineCode)}
		i.Declined = f.treatment()
		i.DeclineSentence = i.Declined.Message()
		if i.Declined == action.CardDeclined {
			i.DeclineSentence = sentence(f)
		}
	}
	return i, nil
}

func first(metadata map[string]string, names ...string) string {
	for _, name := range names {
		if v := metadata[name]; v != "" {
			return v
		}
	}
	return ""
}
