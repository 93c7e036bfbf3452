package stripepay

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
	"fieldpay/bff"
)

// CreateRefund implements bff.Payments.
func (c *Client) CreateRefund(ctx context.Context, r bff.RefundRequest) (bff.Refund, error) {
	amount, err := action.StripeUnits(action.Money{Minor: r.Amount, Currency: r.Currency})
	if err != nil {
		return bff.Refund{}, err
	}
	var made *stripe.Refund
	err = c.do(ctx, "giving money back", func(ctx context.Context) (err error) {
		params := &stripe.RefundParams{
			PaymentIntent: stripe.String(r.IntentID), Amount: stripe.Int64(amount),
			Reason: stripe.String(string(stripe.RefundReasonRequestedByCustomer)),
		}
		params.Context = ctx
		params.SetIdempotencyKey(r.Key)
		params.AddMetadata(metaAction, r.ActionID)
		made, err = c.refunds.New(params)
		return err
	})
	if err != nil {
		return bff.Refund{}, err
	}
	return refundOf(made), nil
}

// RefundsOf implements bff.Payments.
func (c *Client) RefundsOf(ctx context.Context, intentID string) ([]bff.Refund, error) {
	var all []bff.Refund
	err := c.do(ctx, "listing refunds", func(ctx context.Context) error {
		params := &stripe.RefundListParams{PaymentIntent: stripe.String(intentID)}
		params.Context, params.Limit = ctx, stripe.Int64(100)
		list := c.refunds.List(params)
		for list.Next() {
			all = append(all, refundOf(list.Refund()))
		}
		return list.Err()
	})
	return all, err
}

func refundOf(r *stripe.Refund) bff.Refund {
	currency := action.Currency(r.Currency).Normal()
	refund := bff.Refund{
		ID: r.ID, Status: string(r.Status), Amount: action.FromStripe(r.Amount, currency).Minor, Currency: currency,
		CreatedAt: time.Unix(r.Created, 0).UTC(), ActionID: r.Metadata[metaAction],
	}
	if r.PaymentIntent != nil {
		refund.IntentID = r.PaymentIntent.ID
	}
	return refund
}
