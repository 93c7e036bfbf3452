// Command fieldpay-sandbox serves a Salesforce and a Stripe that behave; see package sandbox.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fieldpay/sandbox"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// version is set by the build.
var version = "dev"

type cli struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Serve   serve            `cmd:"" help:"Serve until told to stop."`
}

type serve struct {
	SalesforceListen string `help:"Address of the Salesforce." default:"127.0.0.1:0" env:"FIELDPAY_SANDBOX_SALESFORCE_LISTEN"`
	StripeListen     string `help:"Address of the Stripe." default:"127.0.0.1:0" env:"FIELDPAY_SANDBOX_STRIPE_LISTEN"`
	DataDir          string `help:"Keep the state in this folder; without it, in memory." type:"path"`
	DailyCalls       int    `help:"The Salesforce's API calls in 24 hours." name:"salesforce-daily-calls" default:"100000"`
	ClientID         string `help:"Id of the app that may sign in to the Salesforce." name:"salesforce-client-id" default:"fieldpay-sandbox" env:"FIELDPAY_SANDBOX_SALESFORCE_CLIENT_ID"`
	ClientSecret     string `help:"Its secret." name:"salesforce-client-secret" default:"sandbox-secret" env:"FIELDPAY_SANDBOX_SALESFORCE_CLIENT_SECRET"`
	StripeKey        string `help:"Secret key of the Stripe." default:"sk_test_sandbox" env:"FIELDPAY_SANDBOX_STRIPE_KEY"`
	WebhookURL       string `help:"Send Stripe's webhooks here."`
	WebhookSecret    string `help:"Sign them with this secret." env:"FIELDPAY_SANDBOX_WEBHOOK_SECRET"`
}

// Run serves the sandbox until the context ends.
func (s *serve) Run(ctx context.Context, log zerolog.Logger) error {
	box, err := sandbox.Start(ctx, sandbox.Options{SalesforceListen: s.SalesforceListen, StripeListen: s.StripeListen,
		DataDir: s.DataDir, SalesforceDailyCalls: s.DailyCalls, ClientID: s.ClientID, ClientSecret: s.ClientSecret, StripeKey: s.StripeKey, WebhookURL: s.WebhookURL, WebhookSecret: s.WebhookSecret, Logger: log})
	if err != nil {
		return err
	}
	log.Info().Str("salesforce", box.SalesforceURL()).Str("stripe", box.StripeURL()).Msg("ready")
	<-ctx.Done()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return box.Close(drain)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := zerolog.New(os.Stderr).With().Timestamp().Logger()
	var c cli
	k := kong.Parse(&c, kong.Description("A Salesforce and a Stripe that behave, for trying FieldPay without either."), kong.Vars{"version": version})
	k.BindTo(ctx, (*context.Context)(nil))
	k.FatalIfErrorf(k.Run(log))
}
