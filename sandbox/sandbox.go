// Package sandbox runs a Salesforce and a Stripe that behave, each as an HTTP server on its own listener: state,
// uniqueness, roll-back, idempotency, declines, signed webhooks, and faults on demand (package control). It knows
// nothing of FieldPay: what works against it works because the providers' own rules were kept.
//
// Start serves both and is what the BFF does by default; New builds the same two handlers without a network, for
// tests that call them in memory or under virtual time.
package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/salesforce"
	"fieldpay/sandbox/stripe"

	"github.com/rs/zerolog"
)

// Options configures a Sandbox; the zero value is a complete one, in memory and on free loopback ports.
type Options struct {
	// SalesforceListen and StripeListen are addresses; "127.0.0.1:0" by default.
	SalesforceListen, StripeListen string
	// DataDir keeps the state over restarts; empty keeps it in memory.
	DataDir string
	// WebhookURL and WebhookSecret register a webhook endpoint for all events from the start.
	WebhookURL, WebhookSecret string
	// WebhookClient delivers webhooks; a client with a ten second time-out by default.
	WebhookClient *http.Client
	// ClientID and ClientSecret sign in to Salesforce; "fieldpay-sandbox" and "sandbox-secret" by default.
	ClientID, ClientSecret string
	// SalesforceDailyCalls is the org's API limit in 24 hours; 100,000 by default.
	SalesforceDailyCalls int
	// StripeKey is the secret key; "sk_test_sandbox" by default.
	StripeKey string
	// Logger tells what the sandbox does; the zero value is silent.
	Logger zerolog.Logger
}

// Sandbox is a Salesforce and a Stripe.
type Sandbox struct {
	salesforce, stripe               *http.Server
	salesforceURL, stripeURL         string
	salesforceHandler, stripeHandler http.Handler
	org                              *salesforce.Server
	payments                         *stripe.Server
	served                           chan error
	serving                          int
}

// New builds both handlers without listening. Close releases what they hold.
func New(opts Options) (*Sandbox, error) {
	var salesforceFile, stripeFile string
	if opts.DataDir != "" {
		if err := os.MkdirAll(opts.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("making the sandbox's data folder: %w", err)
		}
		salesforceFile, stripeFile = filepath.Join(opts.DataDir, "salesforce.log"), filepath.Join(opts.DataDir, "stripe.log")
	}
	orgPlane, paymentsPlane := control.New(), control.New()
	org, err := salesforce.New(salesforce.Options{ClientID: opts.ClientID, ClientSecret: opts.ClientSecret,
		DataFile: salesforceFile, DailyCalls: opts.SalesforceDailyCalls, Logger: opts.Logger, Plane: orgPlane})
	if err != nil {
		return nil, err
	}
	payments, err := stripe.New(stripe.Options{Key: opts.StripeKey, DataFile: stripeFile, WebhookURL: opts.WebhookURL,
		WebhookSecret: opts.WebhookSecret, Client: opts.WebhookClient, Logger: opts.Logger, Plane: paymentsPlane})
	if err != nil {
		return nil, errors.Join(err, org.Close())
	}
	return &Sandbox{org: org, payments: payments, salesforceHandler: orgPlane.Wrap(org),
		stripeHandler: paymentsPlane.Wrap(payments), served: make(chan error, 2)}, nil
}

// Start builds a sandbox and serves it until Close. The context only bounds the start.
func Start(ctx context.Context, opts Options) (*Sandbox, error) {
	s, err := New(opts)
	if err != nil {
		return nil, err
	}
	if s.salesforce, s.salesforceURL, err = s.listen(ctx, opts.SalesforceListen, s.salesforceHandler); err == nil {
		s.stripe, s.stripeURL, err = s.listen(ctx, opts.StripeListen, s.stripeHandler)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the sandbox: %w", err), s.Close(ctx))
	}
	return s, nil
}

func (s *Sandbox) listen(ctx context.Context, address string, h http.Handler) (*http.Server, string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(address, "127.0.0.1:0"))
	if err != nil {
		return nil, "", fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.serving++
	go func() { s.served <- server.Serve(l) }()
	return server, "http://" + l.Addr().String(), nil
}

// SalesforceURL is the base address of the org, which also is its sign-in address.
func (s *Sandbox) SalesforceURL() string { return s.salesforceURL }

// StripeURL is the base address of the payment provider.
func (s *Sandbox) StripeURL() string { return s.stripeURL }

// SalesforceHandler serves the org in memory.
func (s *Sandbox) SalesforceHandler() http.Handler { return s.salesforceHandler }

// StripeHandler serves the payment provider in memory.
func (s *Sandbox) StripeHandler() http.Handler { return s.stripeHandler }

// Close lets running calls end until ctx is done, then stops everything and waits for it.
func (s *Sandbox) Close(ctx context.Context) error {
	var errs []error
	for _, server := range []*http.Server{s.salesforce, s.stripe} {
		if server == nil {
			continue
		}
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("draining the sandbox: %w", err), server.Close())
		}
	}
	for range s.serving {
		if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, fmt.Errorf("serving the sandbox: %w", err))
		}
	}
	s.serving = 0
	return errors.Join(append(errs, s.payments.Close(), s.org.Close())...)
}
