package stripepay

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/event"
	"github.com/stripe/stripe-go/v76/paymentintent"
	"github.com/stripe/stripe-go/v76/paymentlink"
	"github.com/stripe/stripe-go/v76/paymentmethod"
	"github.com/stripe/stripe-go/v76/price"
	"github.com/stripe/stripe-go/v76/refund"
	"github.com/stripe/stripe-go/v76/webhookendpoint"

	"fieldpay/bff"
)

const (
	// callTimeout is for one call. A confirmation asks the card's bank, which
	// takes seconds and not minutes.
	callTimeout = 30 * time.Second
	// pingFresh is how long a good answer stands for a ping.
	pingFresh = 30 * time.Second
)

// Options configures a Client. Key is required.
type Options struct {
	// Key is the secret (or restricted) API key.
	Key string
	// BaseURL is Stripe's own host by default.
	BaseURL string
	// WebhookSecrets are the signing secrets of the endpoint: one, or two while
	// they are rolled. EnsureWebhook adds one.
	WebhookSecrets []string
	// HTTP is by default a client with a 30 s time-out. Redirects are never
	// followed, whatever it says.
	HTTP *http.Client
	// Logger tells of calls (debug). The zero value is silent.
	Logger zerolog.Logger
}

// Client is one Stripe account. It is safe for concurrent use.
type Client struct {
	intents   paymentintent.Client
	customers customer.Client
	methods   paymentmethod.Client
	prices    price.Client
	links     paymentlink.Client
	checkouts session.Client
	refunds   refund.Client
	events    event.Client
	endpoints webhookendpoint.Client
	log       zerolog.Logger
	lastOK    atomic.Int64 // Unix nanoseconds of the last good answer

	mu      sync.Mutex
	secrets []string
}

var (
	_ bff.Payments         = (*Client)(nil)
	_ bff.WebhookRegistrar = (*Client)(nil)
)

// New returns a Client for o. It makes no call.
func New(o Options) (*Client, error) {
	if strings.TrimSpace(o.Key) == "" {
		return nil, errors.New("stripepay: the secret key is required")
	}
	base := cmp.Or(o.BaseURL, stripe.APIURL)
	if u, err := url.Parse(base); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("stripepay: the base address must be an http(s) URL")
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(base), HTTPClient: watched(o.HTTP), MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry: stripe.Bool(false),
		// The library's own log has whole answers in it.
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return &Client{
		intents:   paymentintent.Client{B: backend, Key: o.Key},
		customers: customer.Client{B: backend, Key: o.Key},
		methods:   paymentmethod.Client{B: backend, Key: o.Key},
		prices:    price.Client{B: backend, Key: o.Key},
		links:     paymentlink.Client{B: backend, Key: o.Key},
		checkouts: session.Client{B: backend, Key: o.Key},
		refunds:   refund.Client{B: backend, Key: o.Key},
		events:    event.Client{B: backend, Key: o.Key},
		endpoints: webhookendpoint.Client{B: backend, Key: o.Key},
		log:       o.Logger, secrets: append([]string(nil), o.WebhookSecrets...),
	}, nil
}

// Ping implements bff.Payments. An answer of the last half minute will do.
func (c *Client) Ping(ctx context.Context) error {
	if time.Since(time.Unix(0, c.lastOK.Load())) < pingFresh {
		return nil
	}
	return c.do(ctx, "pinging", func(ctx context.Context) error {
		params := &stripe.PaymentIntentListParams{}
		params.Context, params.Limit, params.Single = ctx, stripe.Int64(1), true
		return c.intents.List(params).Err()
	})
}

// do makes one call of the library and turns its error into ours.
func (c *Client) do(ctx context.Context, op string, call func(context.Context) error) error {
	seen := &sighting{}
	began := time.Now()
	err := call(withSighting(ctx, seen))
	c.log.Debug().Str("op", op).Int("status", seen.status).Dur("took", time.Since(began)).
		Str("stripeRequestId", seen.requestID).Msg("stripe call")
	if err == nil {
		c.lastOK.Store(time.Now().UnixNano())
		return nil
	}
	return failed(op, err, seen)
}
