package stripepay

import (
	"context"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/bff"
)

// Events implements bff.Payments. Stripe keeps events for 30 days.
func (c *Client) Events(ctx context.Context, since time.Time) ([]bff.Event, error) {
	var found []bff.Event
	err := c.do(ctx, "listing events", func(ctx context.Context) error {
		params := &stripe.EventListParams{
			CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}, Types: stripe.StringSlice(events()),
		}
		params.Context, params.Limit = ctx, stripe.Int64(100)
		all := c.events.List(params)
		for all.Next() {
			e := all.Event()
			if !isID(e.ID) || e.Data == nil {
				continue
			}
			intent, err := intentIDOf(e.Data.Raw)
			if err != nil {
				continue // an object that a webhook would not have brought in either
			}
			found = append(found, bff.Event{ID: e.ID, Type: string(e.Type), IntentID: intent, CreatedAt: time.Unix(e.Created, 0).UTC()})
		}
		return all.Err()
	})
	slices.Reverse(found)
	return found, err
}
