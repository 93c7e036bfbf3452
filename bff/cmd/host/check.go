package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/stripepay"
)

// checkTimeout limits one call of a check.
const checkTimeout = 15 * time.Second

// CheckConfig says in plain words what is right and wrong with a configuration.
// It asks the upstreams that are not inside. The error says that something is
// wrong.
func CheckConfig(ctx context.Context, c Config, w io.Writer) error {
	c, err := c.withDefaults()
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	kept := "data in " + c.DataDir
	if !c.needsFolder() {
		kept = "all data in PostgreSQL"
	}
	if _, err := fmt.Fprintf(w, "settings are complete (Salesforce %s, Stripe %s, %s)\n", c.salesforceMode(), c.stripeMode(), kept); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return errors.Join(c.checkSalesforce(ctx, w), c.checkStripe(ctx, w))
}

func (c Config) checkSalesforce(ctx context.Context, w io.Writer) error {
	if c.SalesforceLoginURL == "" {
		return say(w, "Salesforce", "is the sandbox inside", nil)
	}
	crm, err := c.crm(nil, zerolog.Nop())
	if err != nil {
		return err
	}
	if err := say(w, "Salesforce", "answers", ping(ctx, crm)); err != nil {
		return err
	}
	return checkOrg(ctx, crm, w)
}

func (c Config) checkStripe(ctx context.Context, w io.Writer) error {
	if c.stripeMode() == bff.Sandbox && c.StripeAPIBase == "" {
		return say(w, "Stripe", "is the sandbox inside", nil)
	}
	payments, err := stripepay.New(stripepay.Options{Key: c.StripeSecretKey, BaseURL: c.StripeAPIBase})
	if err != nil {
		return err
	}
	return say(w, "Stripe", "answers", ping(ctx, payments))
}

func ping(ctx context.Context, upstream interface{ Ping(context.Context) error }) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return upstream.Ping(ctx)
}

func say(w io.Writer, what, good string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %s (%w)", what, action.MessageOf(err), err)
	}
	if _, err := fmt.Fprintf(w, "%s %s\n", what, good); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
