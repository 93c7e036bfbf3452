package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/postgres"
	"fieldpay/bff/salesforce"
	"fieldpay/bff/sqlite"
	"fieldpay/bff/stripepay"
)

const (
	// checkTimeout limits one call of a check.
	checkTimeout = 15 * time.Second
	// maxTerritories limits the calls that territories cost.
	maxTerritories = 50
)

// CheckConfig says in plain words what is right and wrong with a configuration:
// with the settings, the store, the people, the org and the account. It asks the
// upstreams that are not inside, and changes nothing. The error says that
// something is wrong, all of it.
func CheckConfig(ctx context.Context, c Config, w io.Writer) error {
	c, err := c.withDefaults()
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	r := &report{w: w}
	r.say("settings are complete (Salesforce %s, Stripe %s)", c.salesforceMode(), c.stripeMode())
	people := c.checkStoreInUse(ctx, r)
	c.checkSalesforce(ctx, r, people)
	c.checkStripe(ctx, r)
	return errors.Join(r.errs...)
}

// report writes what is found, and keeps what is wrong.
type report struct {
	w    io.Writer
	errs []error
}

func (r *report) say(format string, args ...any) {
	if _, err := fmt.Fprintf(r.w, format+"\n", args...); err != nil {
		r.errs = append(r.errs, fmt.Errorf("writing: %w", err))
	}
}

// wrong is something that must be mended.
func (r *report) wrong(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// failed is a call that was not answered as it should.
func (r *report) failed(what string, err error) {
	r.wrong("%s: %s (%w)", what, action.MessageOf(err), err)
}

// checkStoreInUse looks at the store without changing it, and returns the people
// in it.
func (c Config) checkStoreInUse(ctx context.Context, r *report) []bff.User {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found, known, err := c.schema(ctx)
	switch {
	case err != nil:
		r.wrong("the store: %w", err)
		return nil
	case found > known:
		r.wrong("the store was written by a newer version (schema %d, this build knows %d): install that version", found, known)
		return nil
	case found == 0:
		r.say("the store is empty and will be made at the first start")
		return nil
	case found < known:
		r.say("the store has schema %d of %d: the next start, or fieldpay-bff migrate, brings it up to date; copy it before", found, known)
		return nil
	}
	opened, err := c.openStore(ctx)
	if err != nil {
		r.wrong("the store: %w", err)
		return nil
	}
	users, err := opened.stores.Users.UserList(ctx)
	if err := errors.Join(err, opened.stores.Ping(ctx), opened.stores.Close()); err != nil {
		r.wrong("the store: %w", err)
		return nil
	}
	r.say("the store %s is up to date (schema %d)", opened.name, known)
	c.checkPeople(r, users)
	return users
}

// schema is the number of the store's schema and of this build's.
func (c Config) schema(ctx context.Context) (found, known int, err error) {
	if postgres.IsURL(c.Store) {
		return postgres.Schema(ctx, postgres.Options{URL: c.Store})
	}
	return sqlite.Schema(ctx, sqlite.Options{Path: filepath.Join(c.DataDir, "bff.db")})
}

func (c Config) checkPeople(r *report, users []bff.User) {
	var working, office int
	for _, u := range users {
		if u.Disabled {
			continue
		}
		working++
		if u.Role == bff.RoleOffice || u.Role == bff.RoleAdmin {
			office++
		} else if len(u.Territories) == 0 {
			r.say("note: %s has no territory and reaches no customer: fieldpay-bff user territory", u.Login)
		}
		if c.live() && u.Login == demoLogin {
			r.wrong("the demo sign-in %s works, and everybody knows its password: fieldpay-bff user disable %s", demoLogin, demoLogin)
		}
	}
	r.say("%d people may sign in, %d of them of the office", working, office)
	if working == 0 && c.live() && c.SalesforceClientSecret == "" {
		r.wrong("nobody may sign in: fieldpay-bff user add")
	}
}

func (c Config) checkSalesforce(ctx context.Context, r *report, people []bff.User) {
	if c.SalesforceLoginURL == "" {
		r.say("Salesforce is the sandbox inside")
		return
	}
	crm, err := c.crm(nil, zerolog.Nop())
	if err != nil {
		r.wrong("Salesforce: %w", err)
		return
	}
	if err := ping(ctx, crm); err != nil {
		r.failed("Salesforce", err)
		return
	}
	r.say("Salesforce answers, and takes the server's sign-in")
	if c.checkOrg(ctx, r, crm) {
		c.checkMasterData(ctx, r, crm, people)
	}
}

// checkMasterData says what people would miss on their devices.
func (c Config) checkMasterData(ctx context.Context, r *report, crm *salesforce.Client, people []bff.User) {
	ctx, cancel := context.WithTimeout(ctx, 4*checkTimeout)
	defer cancel()
	accounts, err := crm.Accounts(ctx, bff.AccountQuery{Limit: 1})
	if err != nil {
		r.failed("Salesforce: reading customers", err)
		return
	}
	if len(accounts) == 0 {
		r.wrong("Salesforce: the server's user sees no customer: are there any, and is their sharing open to it?")
		return
	}
	r.say("Salesforce has customers that the server's user sees")
	for _, name := range territories(people) {
		some, err := crm.Accounts(ctx, bff.AccountQuery{Territories: []string{name}, Limit: 1})
		switch {
		case err != nil:
			r.failed("Salesforce: reading customers", err)
			return
		case len(some) == 0:
			r.say("note: no customer is of the territory %q, which somebody works in", name)
		}
	}
	prices, err := crm.Prices(ctx)
	switch {
	case err != nil:
		r.failed("Salesforce: reading prices", err)
	case len(prices) == 0:
		r.say("note: there is no price: the price book has no active entry that the server's user sees")
	default:
		r.say("Salesforce has %d prices", len(prices))
	}
}

// territories are those that people work in, by name.
func territories(people []bff.User) []string {
	var names []string
	for _, u := range people {
		if !u.Disabled && !u.Everywhere() {
			names = append(names, u.Territories...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), maxTerritories)]
}

func (c Config) checkStripe(ctx context.Context, r *report) {
	if c.stripeMode() == bff.Sandbox && c.StripeAPIBase == "" {
		r.say("Stripe is the sandbox inside")
		return
	}
	payments, err := stripepay.New(stripepay.Options{Key: c.StripeSecretKey, BaseURL: c.StripeAPIBase})
	if err != nil {
		r.wrong("Stripe: %w", err)
		return
	}
	if err := ping(ctx, payments); err != nil {
		r.failed("Stripe", err)
		return
	}
	r.say("Stripe answers, and takes the key")
	if c.stripeMode() == bff.Live {
		c.checkAccount(ctx, r, payments)
	}
}

// checkAccount looks at what only a live account has to have.
func (c Config) checkAccount(ctx context.Context, r *report, payments *stripepay.Client) {
	if strings.Contains(c.StripeSecretKey, "_test_") {
		r.say("note: STRIPE_SECRET_KEY is one of Stripe's test mode: no money moves")
	}
	if c.PublicURL == "" {
		r.say("note: without FIELDPAY_BFF_PUBLIC_URL the webhook at Stripe cannot be looked for, and a checkout leads nowhere")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	faults, err := payments.WebhookFaults(ctx, strings.TrimSuffix(c.PublicURL, "/")+webhookPath)
	switch {
	case action.CodeOf(err) == action.UpstreamLogin || action.CodeOf(err) == action.UpstreamRefused:
		r.say("note: the key of Stripe may not look at webhooks: see there whether one is registered")
	case err != nil:
		r.failed("Stripe: looking at the webhook", err)
	case len(faults) == 0:
		r.say("Stripe has the webhook, with every event that is used")
	}
	for _, fault := range faults {
		r.wrong("Stripe: %s", fault)
	}
}

func ping(ctx context.Context, upstream interface{ Ping(context.Context) error }) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return upstream.Ping(ctx)
}
