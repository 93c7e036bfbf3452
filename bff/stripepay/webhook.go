package stripepay

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"fieldpay/action"
	"fieldpay/bff"
)

// tolerance is how far the signature of an event may be from now, before or
// after: the library checks the age alone.
const tolerance = webhook.DefaultTolerance

// maxSecrets is how many signing secrets are tried: the current ones and those
// of an endpoint that was registered again.
const maxSecrets = 4

// ParseEvent implements bff.Payments. The payload is the body as it came.
func (c *Client) ParseEvent(payload []byte, signature string, now time.Time) (bff.Event, error) {
	event, err := c.verified(payload, signature)
	if err != nil {
		return bff.Event{}, refused(err)
	}
	signed, ok := signedAt(signature)
	if age := now.Sub(signed); !ok || age > tolerance || age < -tolerance {
		return bff.Event{}, refused(errors.New("signed too long ago or in the future"))
	}
	if !isID(event.ID) || !plainWord(string(event.Type)) || event.Data == nil {
		return bff.Event{}, refused(errors.New("not an event"))
	}
	intent, err := intentIDOf(event.Data.Raw)
	if err != nil {
		return bff.Event{}, refused(err)
	}
	return bff.Event{ID: event.ID, Type: string(event.Type), IntentID: intent, CreatedAt: time.Unix(event.Created, 0).UTC()}, nil
}

// verified returns the event when one of the secrets signed it.
func (c *Client) verified(payload []byte, signature string) (stripe.Event, error) {
	c.mu.Lock()
	secrets := slices.Clone(c.secrets)
	c.mu.Unlock()
	err := errors.New("no signing secret is known")
	for _, secret := range secrets {
		// The age is checked against the caller's clock, on both sides.
		var event stripe.Event
		event, err = webhook.ConstructEventWithOptions(payload, signature, secret, webhook.ConstructEventOptions{IgnoreTolerance: true})
		if err == nil {
			return event, nil
		}
		if !errors.Is(err, webhook.ErrNoValidSignature) {
			break
		}
	}
	return stripe.Event{}, plainReason(err)
}

// plainReason keeps what a forger wrote out of the error.
func plainReason(err error) error {
	for _, known := range []error{webhook.ErrInvalidHeader, webhook.ErrNoValidSignature, webhook.ErrNotSigned} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errors.New("not an event of API version " + stripe.APIVersion)
}

// signedAt reads the time that the signature is over: the last one of the
// header, which is the one that the library has checked.
func signedAt(signature string) (at time.Time, ok bool) {
	for part := range strings.SplitSeq(signature, ",") {
		name, value, _ := strings.Cut(part, "=")
		if name != "t" {
			continue
		}
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds < 0 || seconds > 1<<40 {
			return time.Time{}, false
		}
		at, ok = time.Unix(seconds, 0), true
	}
	return at, ok
}

// letters are what ids and names of Stripe are made of.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."

func isID(s string) bool { return s != "" && len(s) <= 255 && strings.Trim(s, letters) == "" }

// intentIDOf finds the intent that an event's object is, or points to; empty
// for an object that has nothing to do with one.
func intentIDOf(raw []byte) (string, error) {
	var object struct {
		ID      string          `json:"id"`
		Object  string          `json:"object"`
		Pointer json.RawMessage `json:"payment_intent"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return "", errors.New("the event has no object")
	}
	id := object.ID
	if object.Object != "payment_intent" {
		id = pointedTo(object.Pointer)
	}
	if id != "" && !isID(id) {
		return "", errors.New("the id of the intent is not one")
	}
	return id, nil
}

// pointedTo reads an id, or the id of an object that was expanded in its place.
func pointedTo(raw json.RawMessage) string {
	var id string
	if json.Unmarshal(raw, &id) == nil {
		return id
	}
	var expanded struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &expanded) == nil {
		return expanded.ID
	}
	return ""
}

func refused(cause error) error {
	return &action.Error{Code: action.BadRequest, Op: "checking the webhook", Cause: cause}
}

// events are those that change what is known about money.
func events() []string {
	return []string{
		"payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.processing",
		"payment_intent.requires_action", "payment_intent.canceled", "charge.refunded",
		"charge.dispute.created", "charge.dispute.closed",
	}
}

// EnsureWebhook implements bff.WebhookRegistrar. Stripe tells the signing secret
// only once: an endpoint whose secret is not remembered is replaced. Events are
// verified with the new secret from now on, and with the old ones as long as
// this Client lives.
func (c *Client) EnsureWebhook(ctx context.Context, url string, remember func(endpointID, fresh string) (string, error)) error {
	old, err := c.endpointsOf(ctx, url)
	if err != nil {
		return err
	}
	for _, id := range old {
		secret, err := remember(id, "")
		if err != nil {
			return fmt.Errorf("recalling the secret of the webhook: %w", err)
		}
		if secret != "" {
			c.trust(secret)
			return nil
		}
	}
	made, err := c.register(ctx, url)
	if err != nil {
		return err
	}
	if _, err := remember(made.ID, made.Secret); err != nil {
		return fmt.Errorf("remembering the secret of the webhook: %w", err)
	}
	c.trust(made.Secret)
	for _, id := range old {
		if err := c.unregister(ctx, id); err != nil {
			return fmt.Errorf("replacing the webhook: %w", err)
		}
	}
	return nil
}

// trust has events verified with another secret as well.
func (c *Client) trust(secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.secrets, secret) {
		c.secrets = append([]string{secret}, c.secrets[:min(len(c.secrets), maxSecrets-1)]...)
	}
}

func (c *Client) register(ctx context.Context, url string) (*stripe.WebhookEndpoint, error) {
	const op = "registering the webhook"
	var made *stripe.WebhookEndpoint
	err := c.do(ctx, op, func(ctx context.Context) (err error) {
		params := &stripe.WebhookEndpointParams{
			URL: stripe.String(url), APIVersion: stripe.String(stripe.APIVersion), EnabledEvents: stripe.StringSlice(events()),
		}
		params.Context = ctx
		// A key that could be used again would answer the secret of an endpoint
		// that is gone.
		params.SetIdempotencyKey("webhook-" + rand.Text())
		made, err = c.endpoints.New(params)
		return err
	})
	if err != nil {
		return nil, err
	}
	if made.Secret == "" {
		return nil, &action.Error{Code: action.StripeDown, Op: op, Cause: errors.New("no signing secret was told")}
	}
	return made, nil
}

func (c *Client) endpointsOf(ctx context.Context, url string) ([]string, error) {
	var ids []string
	err := c.do(ctx, "listing webhooks", func(ctx context.Context) error {
		params := &stripe.WebhookEndpointListParams{}
		params.Context, params.Limit = ctx, stripe.Int64(100)
		all := c.endpoints.List(params)
		for all.Next() {
			if e := all.WebhookEndpoint(); e.URL == url {
				ids = append(ids, e.ID)
			}
		}
		return all.Err()
	})
	return ids, err
}

func (c *Client) unregister(ctx context.Context, id string) error {
	return c.do(ctx, "unregistering a webhook", func(ctx context.Context) error {
		params := &stripe.WebhookEndpointParams{}
		params.Context = ctx
		_, err := c.endpoints.Del(id, params)
		return err
	})
}
