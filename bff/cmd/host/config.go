package host

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fieldpay/bff"
	"fieldpay/bff/postgres"
)

// The credentials of the sandbox. They are public, so live mode refuses them.
const (
	sandboxClientID     = "fieldpay-sandbox"
	sandboxClientSecret = "sandbox-secret"
	sandboxStripeKey    = "sk_test_sandbox"
	minSecret           = 32
	minTakeOver         = 2 * time.Second
	maxDrainDelay       = time.Minute
	minMaxBody          = 64 << 10
	maxMaxBody          = 16 << 20
	minKeepAudit        = 400 * 24 * time.Hour
)

// Config says what to serve and with what. The tags are read by the command
// line; a zero field takes its default there and in [Start].
type Config struct {
	Listen         string        `help:"Address to listen on." default:"127.0.0.1:3001" env:"FIELDPAY_BFF_LISTEN"`
	DataDir        string        `help:"Folder of the store (default: the system's place for data of this user)." type:"path" env:"FIELDPAY_BFF_DATA_DIR"`
	Store          string        `help:"Where everything is kept: sqlite, or a PostgreSQL database that many servers may share, as postgres://user:password@host:5432/name." default:"sqlite" env:"FIELDPAY_BFF_STORE"`
	TakeOver       time.Duration `help:"Servers that share a store take over what one that died was working on after this long." default:"60s" env:"FIELDPAY_BFF_TAKE_OVER"`
	Environment    string        `help:"Told by /health; production lets no web page in." default:"development" env:"FIELDPAY_BFF_ENVIRONMENT"`
	StartDelay     time.Duration `help:"Spread the first send of devices after an outage over this long." env:"FIELDPAY_BFF_START_DELAY"`
	DrainDelay     time.Duration `help:"Before it ends, the server says for this long that it is not ready, so that a balancer sends nobody any more." env:"FIELDPAY_BFF_DRAIN_DELAY"`
	TLSCert        string        `name:"tls-cert" help:"File of the certificate chain (PEM); without it the server speaks plain HTTP." type:"path" env:"FIELDPAY_BFF_TLS_CERT"`
	TLSKey         string        `name:"tls-key" help:"File of its key (PEM). Both are read again when they change." type:"path" env:"FIELDPAY_BFF_TLS_KEY"`
	TrustedProxies string        `help:"Addresses or networks of proxies that are believed about whom they ask for, separated by commas." env:"FIELDPAY_BFF_TRUSTED_PROXIES"`
	MetricsListen  string        `help:"Address to serve metrics for Prometheus on, e.g. 127.0.0.1:9464 (default: none)." env:"FIELDPAY_BFF_METRICS_LISTEN"`
	DeviceRate     float64       `help:"Requests a second that one device may make, with five times as many at once." default:"200" env:"FIELDPAY_BFF_DEVICE_RATE"`
	PersonRate     float64       `help:"Requests a second that one person may make on all devices together, with five times as many at once." default:"800" env:"FIELDPAY_BFF_PERSON_RATE"`
	MaxBody        int64         `help:"Bytes that a request may have, as it arrives and unpacked." default:"1048576" env:"FIELDPAY_BFF_MAX_BODY"`
	KeepAudit      time.Duration `help:"How long the audit log, and what was asked of Stripe, are kept; at least 400 days." default:"87600h" env:"FIELDPAY_BFF_KEEP_AUDIT"`
	TraceEndpoint  string        `name:"otlp-endpoint" help:"Collector that takes OpenTelemetry traces by HTTP, e.g. http://127.0.0.1:4318 (default: none are made)." env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	TraceShare     float64       `help:"Share of the traces that are kept, above 0 and up to 1." default:"1" env:"FIELDPAY_BFF_TRACE_SHARE"`
	Enrolment      string        `help:"How devices become known: by a code of the office (code, always so in live mode), or with their first sign-in (sign-in)." enum:",code,sign-in" default:"" env:"FIELDPAY_BFF_ENROLMENT"`
	Releases       string        `help:"Folder of the versions that devices may install (default: releases in the data folder). Servers that share a store share it too." type:"path" env:"FIELDPAY_BFF_RELEASES"`
	JWTSecret      string        `name:"jwt-secret" help:"Secret of access tokens (default: made once and kept in the store)." env:"JWT_SECRET"`
	JWTSecretAlso  string        `name:"jwt-secret-also" help:"Another secret whose tokens are accepted, while JWT_SECRET is changed." env:"JWT_SECRET_ALSO"`

	SalesforceMode         string `help:"sandbox (or mock) or live." enum:"sandbox,mock,live" default:"sandbox" env:"SALESFORCE_MODE"`
	SalesforceLoginURL     string `name:"salesforce-login-url" help:"Address of the org (default: the sandbox inside)." env:"SALESFORCE_LOGIN_URL"`
	SalesforceClientID     string `name:"salesforce-client-id" help:"The server's own app in the org." env:"SALESFORCE_CLIENT_ID"`
	SalesforceClientSecret string `help:"Its secret." env:"SALESFORCE_CLIENT_SECRET"`
	SalesforceAPIVersion   string `name:"salesforce-api-version" help:"Version of the org's API, e.g. v63.0." env:"SALESFORCE_API_VERSION"`

	SalesforceUsername string `help:"The integration user, for the sign-in by key in place of the secret." env:"SALESFORCE_USERNAME"`
	SalesforceKeyFile  string `help:"File of the RSA key (PEM) of that sign-in." type:"path" env:"SALESFORCE_KEY_FILE"`
	SalesforceAudience string `help:"Whom that sign-in addresses (default: https://login.salesforce.com)." env:"SALESFORCE_AUDIENCE"`
	SalesforceMapping  string `help:"File that says what objects and fields are called in the org (default: as in the package)." type:"path" env:"SALESFORCE_MAPPING"`
	PublicURL          string `name:"public-url" help:"Where browsers reach this server, for the sign-in at Salesforce and after a checkout at Stripe (default: where it listens)." env:"FIELDPAY_BFF_PUBLIC_URL"`

	StripeMode          string `help:"sandbox (or mock) or live." enum:"sandbox,mock,live" default:"sandbox" env:"STRIPE_MODE"`
	StripeAPIBase       string `name:"stripe-api-base" help:"Address of Stripe (default: the sandbox inside, or Stripe's own in live mode)." env:"STRIPE_API_BASE"`
	StripeSecretKey     string `help:"Secret key of the account." env:"STRIPE_SECRET_KEY"`
	StripeWebhookSecret string `help:"Signing secret of the webhook." env:"STRIPE_WEBHOOK_SECRET"`

	SandboxSalesforceListen string `help:"Address of the Salesforce of the sandbox inside." default:"127.0.0.1:0" env:"FIELDPAY_SANDBOX_SALESFORCE_LISTEN"`
	SandboxStripeListen     string `help:"Address of the Stripe of the sandbox inside." default:"127.0.0.1:0" env:"FIELDPAY_SANDBOX_STRIPE_LISTEN"`
}

// burst is how many times the requests of a second may come at once.
const burst = 5

// rate is a limit of so many requests a second; none is the default's.
func rate(perSecond float64) bff.Rate {
	return bff.Rate{PerSecond: perSecond, Burst: burst * perSecond}
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() (Config, error) {
	if c.TakeOver == 0 {
		c.TakeOver = time.Minute
	}
	for field, fallback := range map[*string]string{
		&c.Listen: "127.0.0.1:3001", &c.Store: inFile, &c.SalesforceMode: "sandbox", &c.StripeMode: "sandbox",
		&c.Environment: "development", &c.SandboxSalesforceListen: "127.0.0.1:0", &c.SandboxStripeListen: "127.0.0.1:0",
	} {
		if *field == "" {
			*field = fallback
		}
	}
	if c.salesforceMode() == bff.Sandbox {
		setDefault(&c.SalesforceClientID, sandboxClientID)
		setDefault(&c.SalesforceClientSecret, sandboxClientSecret)
	}
	if c.stripeMode() == bff.Sandbox {
		setDefault(&c.StripeSecretKey, sandboxStripeKey)
	}
	if c.DataDir == "" {
		folder, err := dataFolder()
		if err != nil {
			return Config{}, fmt.Errorf("finding a data folder (give --data-dir): %w", err)
		}
		c.DataDir = folder
	}
	setDefault(&c.Releases, filepath.Join(c.DataDir, "releases"))
	return c, nil
}

func setDefault(field *string, fallback string) {
	if *field == "" {
		*field = fallback
	}
}

func (c Config) salesforceMode() bff.Mode { return mode(c.SalesforceMode) }
func (c Config) stripeMode() bff.Mode     { return mode(c.StripeMode) }
func (c Config) live() bool               { return c.salesforceMode() == bff.Live || c.stripeMode() == bff.Live }

// enrolment is the policy: live mode knows one alone.
func (c Config) enrolment() bff.EnrolmentPolicy {
	if c.live() || c.Enrolment == string(bff.EnrolByCode) {
		return bff.EnrolByCode
	}
	return bff.EnrolAtSignIn
}

func (c Config) registry(stores bff.Stores) (*bff.DeviceRegistry, error) {
	return bff.NewDeviceRegistry(bff.DeviceRegistryOptions{Enrolments: stores.Enrolments, Audit: stores.Audit, Policy: c.enrolment()})
}

func mode(text string) bff.Mode {
	if text == "live" {
		return bff.Live
	}
	return bff.Sandbox
}

// needsSandbox reports whether an upstream is served from inside.
func (c Config) needsSandbox() bool {
	return c.salesforceMode() == bff.Sandbox && c.SalesforceLoginURL == "" || c.stripeMode() == bff.Sandbox && c.StripeAPIBase == ""
}

// Check returns everything that is wrong with the configuration, one sentence
// each, as far as can be told without a call.
func (c Config) Check() error {
	var wrong []error
	complain := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	if err := c.checkStore(); err != nil {
		wrong = append(wrong, err)
	}
	complain(c.TakeOver < minTakeOver, "FIELDPAY_BFF_TAKE_OVER must be at least %v: half of it is the time that an upstream has to answer", minTakeOver)
	complain(c.SalesforceMode != "live" && c.SalesforceMode != "mock" && c.SalesforceMode != "sandbox", "SALESFORCE_MODE must be sandbox or live")
	complain(c.StripeMode != "live" && c.StripeMode != "mock" && c.StripeMode != "sandbox", "STRIPE_MODE must be sandbox or live")
	complain(c.KeepAudit != 0 && c.KeepAudit < minKeepAudit, "FIELDPAY_BFF_KEEP_AUDIT must be at least %v: 400 days", minKeepAudit)
	complain(c.DeviceRate < 0 || c.PersonRate < 0, "FIELDPAY_BFF_DEVICE_RATE and FIELDPAY_BFF_PERSON_RATE must be above 0")
	complain(c.MaxBody != 0 && (c.MaxBody < minMaxBody || c.MaxBody > maxMaxBody), "FIELDPAY_BFF_MAX_BODY must be between %d and %d", minMaxBody, maxMaxBody)
	complain(c.DrainDelay < 0 || c.DrainDelay > maxDrainDelay, "FIELDPAY_BFF_DRAIN_DELAY must be between 0 and %v", maxDrainDelay)
	complain((c.TLSCert == "") != (c.TLSKey == ""), "FIELDPAY_BFF_TLS_CERT and FIELDPAY_BFF_TLS_KEY belong together")
	if _, err := c.proxies(); err != nil {
		wrong = append(wrong, err)
	}
	complain(c.live() && c.Enrolment == string(bff.EnrolAtSignIn), "FIELDPAY_BFF_ENROLMENT must be code in live mode: a password alone enrols no device there")
	complain(!isURL(c.SalesforceLoginURL), "SALESFORCE_LOGIN_URL is not an http(s) address")
	complain(!isURL(c.PublicURL), "FIELDPAY_BFF_PUBLIC_URL is not an http(s) address")
	complain(c.SalesforceKeyFile != "" && c.SalesforceUsername == "", "SALESFORCE_KEY_FILE needs SALESFORCE_USERNAME: the integration user")
	complain(!isURL(c.TraceEndpoint), "OTEL_EXPORTER_OTLP_ENDPOINT is not an http(s) address")
	complain(c.TraceShare < 0 || c.TraceShare > 1, "FIELDPAY_BFF_TRACE_SHARE must be above 0 and up to 1")
	complain(!isURL(c.StripeAPIBase), "STRIPE_API_BASE is not an http(s) address")
	if c.salesforceMode() == bff.Live {
		complain(c.SalesforceLoginURL == "", "live Salesforce needs SALESFORCE_LOGIN_URL: the org's My Domain address")
		complain(c.SalesforceClientID == "", "live Salesforce needs SALESFORCE_CLIENT_ID")
		complain(c.SalesforceClientSecret == "" && c.SalesforceKeyFile == "", "live Salesforce needs SALESFORCE_CLIENT_SECRET, or SALESFORCE_KEY_FILE and SALESFORCE_USERNAME")
		complain(c.SalesforceClientSecret == sandboxClientSecret, "SALESFORCE_CLIENT_SECRET is the sandbox's, which everybody knows")
	}
	if c.stripeMode() == bff.Live {
		complain(c.StripeSecretKey == "", "live Stripe needs STRIPE_SECRET_KEY")
		complain(c.StripeSecretKey == sandboxStripeKey, "STRIPE_SECRET_KEY is the sandbox's, which everybody knows")
		complain(c.StripeWebhookSecret == "", "live Stripe needs STRIPE_WEBHOOK_SECRET: without it no payment is ever booked")
	}
	complain(c.live() && c.JWTSecret != "" && len(c.JWTSecret) < minSecret, "JWT_SECRET must have at least %d characters in live mode", minSecret)
	complain(c.JWTSecretAlso != "" && c.JWTSecret == "", "JWT_SECRET_ALSO needs JWT_SECRET")
	complain(c.live() && c.JWTSecretAlso != "" && len(c.JWTSecretAlso) < minSecret, "JWT_SECRET_ALSO must have at least %d characters in live mode", minSecret)
	return errors.Join(wrong...)
}

func (c Config) checkStore() error {
	if c.Store == inFile || postgres.IsURL(c.Store) {
		return nil
	}
	return errors.New("FIELDPAY_BFF_STORE must be sqlite or postgres://user:password@host:5432/name")
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// tokenKeys are the keys of access tokens: those of the store, unless they are
// given.
func (c Config) tokenKeys(store bff.Keys) (*bff.TokenKeys, error) {
	o := bff.TokenKeysOptions{Store: store}
	if c.JWTSecret != "" {
		o.Secret = stretch(c.JWTSecret)
	}
	if c.JWTSecretAlso != "" {
		o.Also = [][]byte{stretch(c.JWTSecretAlso)}
	}
	return bff.NewTokenKeys(o)
}

// stretch makes a secret as long as tokens need it.
func stretch(secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("fieldpay access tokens"))
	return mac.Sum(nil)
}

// dataFolder is where data of this user belongs on this system.
func dataFolder() (string, error) {
	if folder := os.Getenv("XDG_DATA_HOME"); folder != "" && filepath.IsAbs(folder) {
		return filepath.Join(folder, "fieldpay-bff"), nil
	}
	if runtime.GOOS != "linux" {
		folder, err := os.UserConfigDir()
		return filepath.Join(folder, "fieldpay-bff"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "fieldpay-bff"), err
}

// localURL is how a program on this machine reaches an address that is listened
// on.
func localURL(address string) string {
	address = strings.Replace(address, "[::]", "127.0.0.1", 1)
	return "http://" + strings.Replace(address, "0.0.0.0", "127.0.0.1", 1)
}
