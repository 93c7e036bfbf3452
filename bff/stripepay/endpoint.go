package stripepay

import (
	"context"
	"fmt"
	"slices"

	"github.com/stripe/stripe-go/v76"
)

// WebhookFaults says, one sentence each, what is wrong with the registration of
// a webhook at Stripe: none there, switched off, another version of the API, or
// events that are not sent. It changes nothing.
func (c *Client) WebhookFaults(ctx context.Context, url string) ([]string, error) {
	var found *stripe.WebhookEndpoint
	err := c.do(ctx, "looking at the webhook", func(ctx context.Context) error {
		params := &stripe.WebhookEndpointListParams{}
		params.Context, params.Limit = ctx, stripe.Int64(100)
		all := c.endpoints.List(params)
		for all.Next() {
			// Of several the one that works counts.
			if e := all.WebhookEndpoint(); e.URL == url && (found == nil || found.Status != enabled) {
				found = e
			}
		}
		return all.Err()
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return []string{fmt.Sprintf("no webhook is registered for %s: add one for the events %v", url, events())}, nil
	}
	var faults []string
	if found.Status != enabled {
		faults = append(faults, "the webhook is switched off: enable it")
	}
	if found.APIVersion != "" && found.APIVersion != stripe.APIVersion {
		faults = append(faults, fmt.Sprintf("the webhook sends version %s of the API: register it for %s", found.APIVersion, stripe.APIVersion))
	}
	for _, event := range events() {
		if !slices.Contains(found.EnabledEvents, event) && !slices.Contains(found.EnabledEvents, "*") {
			faults = append(faults, fmt.Sprintf("the webhook is not told of %s: add that event", event))
		}
	}
	return faults, nil
}

// enabled is the status of a webhook that is used.
const enabled = "enabled"
