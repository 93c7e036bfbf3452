// Package host puts the server together and runs it: what the program
// fieldpay-bff does, startable from a test.
//
//	h, err := host.Start(ctx, host.Config{Listen: "127.0.0.1:0", DataDir: folder}, logger)
//	defer h.Close(ctx)
//	… h.URL() …
//
// On its defaults everything is inside: SQLite in the data folder, a Salesforce
// and a Stripe that behave, a person who may sign in, and nothing to configure.
// Given a PostgreSQL database and the real upstreams it keeps nothing of its own,
// and any number of hosts may run side by side.
package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/rs/zerolog"

	"fieldpay/bff"
	"fieldpay/bff/stripepay"
	"fieldpay/internal/buildinfo"
	"fieldpay/sandbox"
)

const (
	// drain is how long requests that are under way may go on at the end.
	drain = 15 * time.Second
	// sandboxInstance is what the reference calls the org.
	sandboxInstance = "https://mock.salesforce.example.com"
	webhookPath     = "/stripe/webhook"
	// maxConnections stays well below the 25 long calls at a time that
	// Salesforce allows an org.
	maxConnections = 16
	callTimeout    = 30 * time.Second
)

// Host is a running server.
type Host struct {
	config   Config
	log      zerolog.Logger
	lock     *flock.Flock
	sandbox  *sandbox.Sandbox
	stores   bff.Stores
	owner    string
	server   *bff.Server
	payments *stripepay.Client
	outbound *http.Transport
	http     *http.Server
	metrics  *metrics
	tracing  tracing
	// metricsServer serves them, when it is told to.
	metricsServer *http.Server
	metricsURL    string
	url           string

	stop    context.CancelFunc
	served  chan error
	ran     chan error
	started bool
}

// Run serves until ctx ends, then drains.
func Run(ctx context.Context, c Config, log zerolog.Logger) error {
	h, err := Start(ctx, c, log)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err = <-h.served:
		h.served <- http.ErrServerClosed
		err = fmt.Errorf("serving: %w", err)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*drain+h.config.DrainDelay)
	defer cancel()
	return errors.Join(err, h.Close(end))
}

// Start starts a server; it serves when Start returns.
func Start(ctx context.Context, c Config, log zerolog.Logger) (*Host, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("checking the configuration: %w", err)
	}
	h := &Host{config: c, log: log, metrics: newMetrics(), served: make(chan error, 1), ran: make(chan error, 1)}
	if err := h.start(ctx); err != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		return nil, errors.Join(err, h.Close(end))
	}
	return h, nil
}

func (h *Host) start(ctx context.Context) error {
	if err := h.lockFolder(); err != nil {
		return err
	}
	opened, err := h.config.openStore(ctx)
	if err != nil {
		return err
	}
	h.stores, h.owner = opened.stores, opened.owner
	if h.tracing, err = h.config.newTracing(ctx, h.log); err != nil {
		return err
	}
	if err := h.startSandbox(ctx); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.config.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", h.config.Listen, err)
	}
	h.url = localURL(listener.Addr().String())
	if err := h.build(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	h.http = &http.Server{
		Handler: h.server, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	if h.config.TLSCert != "" {
		own, err := loadCertificate(h.config.TLSCert, h.config.TLSKey, h.log)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		h.http.TLSConfig = own.config()
		h.url = strings.Replace(h.url, "http:", "https:", 1)
	}
	if err := h.serveMetrics(ctx); err != nil {
		return errors.Join(fmt.Errorf("listening on %s: %w", h.config.MetricsListen, err), listener.Close())
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop, h.started = stop, true
	go func() { h.served <- h.serve(listener) }()
	go func() { h.ran <- h.work(work) }()
	ready := h.log.Info().Str("address", listener.Addr().String()).Str("url", h.url).Str("version", buildinfo.Version())
	if h.sandbox != nil {
		ready = ready.Str("salesforce", h.sandbox.SalesforceURL()).Str("stripe", h.sandbox.StripeURL())
	}
	ready.Msg("ready")
	return nil
}

// serve serves on the listener, by TLS when there is a certificate.
func (h *Host) serve(listener net.Listener) error {
	if h.http.TLSConfig != nil {
		return h.http.ServeTLS(listener, "", "")
	}
	return h.http.Serve(listener)
}

// work is what goes on between requests.
func (h *Host) work(ctx context.Context) error {
	registered := make(chan struct{})
	go func() {
		defer close(registered)
		h.registerWebhook(ctx)
	}()
	err := h.server.Run(ctx)
	<-registered
	return err
}

// registerWebhook tells the sandbox where events go, as soon as it listens.
func (h *Host) registerWebhook(ctx context.Context) {
	if h.config.stripeMode() == bff.Live || h.config.StripeWebhookSecret != "" {
		return
	}
	for {
		err := h.payments.EnsureWebhook(ctx, h.url+webhookPath, func(endpointID, fresh string) (string, error) {
			kept, err := h.stores.Keys.Key(ctx, "stripe-webhook:"+endpointID, []byte(fresh))
			return string(kept), err
		})
		if err == nil || ctx.Err() != nil {
			return
		}
		h.log.Warn().Err(err).Msg("registering the webhook")
		select {
		case <-time.After(5 * time.Second):
		case <-ctx.Done():
			return
		}
	}
}

func (h *Host) startSandbox(ctx context.Context) error {
	if !h.config.needsSandbox() {
		return nil
	}
	box, err := sandbox.Start(ctx, sandbox.Options{
		SalesforceListen: h.config.SandboxSalesforceListen, StripeListen: h.config.SandboxStripeListen,
		DataDir: filepath.Join(h.config.DataDir, "sandbox"), Logger: h.log.With().Str("part", "sandbox").Logger().Level(zerolog.WarnLevel),
	})
	if err != nil {
		return err
	}
	h.sandbox = box
	if h.config.salesforceMode() == bff.Sandbox {
		setDefault(&h.config.SalesforceLoginURL, box.SalesforceURL())
	}
	if h.config.stripeMode() == bff.Sandbox {
		setDefault(&h.config.StripeAPIBase, box.StripeURL())
	}
	return nil
}

// build makes the adapters and the server over them.
func (h *Host) build(ctx context.Context) error {
	h.outbound = &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: maxConnections, MaxIdleConnsPerHost: maxConnections,
		IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
	}
	crm, err := h.config.crm(h.calls("salesforce"), h.log)
	if err != nil {
		return err
	}
	if err := h.makePayments(); err != nil {
		return err
	}
	keys, err := h.keys(ctx)
	if err != nil {
		return err
	}
	rights, err := bff.NewRights(bff.RightsOptions{Users: h.stores.Users, CRM: crm})
	if err != nil {
		return err
	}
	registry, err := h.config.registry(h.stores)
	if err != nil {
		return err
	}
	processor, err := bff.NewProcessor(bff.ProcessorOptions{
		Ledger: h.stores.Ledger, CRM: crm, Payments: h.payments, Requests: h.stores.PaymentRequests, Rights: rights, Audit: h.stores.Audit, Meter: h.metrics, Tracer: h.tracing.tracer, Owner: h.owner, Logger: h.log,
		Lease: h.config.TakeOver, CallTimeout: h.config.TakeOver / 2,
	})
	if err != nil {
		return err
	}
	identity, err := bff.NewIdentity(bff.IdentityOptions{
		Users: h.stores.Users, Sessions: h.stores.Sessions, Keys: keys.tokens, InstanceURL: h.instanceURL(),
	})
	if err != nil {
		return err
	}
	signOn, err := h.signOn(h.calls("salesforce"), identity, keys.signOn)
	if err != nil {
		return err
	}
	proxies, err := h.config.proxies()
	if err != nil {
		return err
	}
	office, pages, err := h.office(processor, identity, registry, keys.console)
	if err != nil {
		return err
	}
	h.server, err = bff.NewServer(bff.ServerOptions{
		Office: office, Console: pages,
		Processor: processor, Identity: identity, SignOn: signOn, Registry: registry, Rights: rights, CRM: crm, Payments: h.payments, Devices: h.stores.Devices, Events: h.stores.Events, Telemetry: h.stores.Telemetry, Ledger: h.stores.Ledger, Retention: h.stores.Retention, AuditLife: h.config.KeepAudit, DeviceRate: rate(h.config.DeviceRate), PersonRate: rate(h.config.PersonRate), MaxBody: h.config.MaxBody,
		Releases: releaseFolder(h.config.Releases), TrustedProxies: proxies, Secure: h.config.TLSCert != "", Meter: h.metrics, Tracer: h.tracing.tracer,
		Ready: h.stores.Ping, ProbeKey: keys.probe, HandOverKey: keys.handOver, Environment: h.config.Environment, Version: buildinfo.Version(), PublicURL: cmp.Or(strings.TrimSuffix(h.config.PublicURL, "/"), h.url),
		SalesforceMode: h.config.salesforceMode(), StripeMode: h.config.stripeMode(), StartDelay: h.config.StartDelay,
		AllowLoopbackOrigins: !h.config.live() && h.config.Environment != "production", Logger: h.log,
	})
	return err
}

// makePayments makes the adapter to the card processor.
func (h *Host) makePayments() (err error) {
	var secrets []string
	if h.config.StripeWebhookSecret != "" {
		secrets = []string{h.config.StripeWebhookSecret}
	}
	h.payments, err = stripepay.New(stripepay.Options{
		HTTP: h.calls("stripe"), Key: h.config.StripeSecretKey, BaseURL: h.config.StripeAPIBase, WebhookSecrets: secrets, Logger: h.log,
	})
	return err
}

// calls is the client of one provider.
func (h *Host) calls(name string) *http.Client {
	return &http.Client{Transport: &upstream{name: name, next: h.outbound, m: h.metrics, tracer: h.tracing.tracer}, Timeout: callTimeout}
}

func (h *Host) instanceURL() string {
	if h.config.salesforceMode() == bff.Sandbox {
		return sandboxInstance
	}
	return h.config.SalesforceLoginURL
}

// URL is where the server is reached from this machine.
func (h *Host) URL() string { return h.url }

// Stores is everything that the server keeps, for what runs beside it.
func (h *Host) Stores() bff.Stores { return h.stores }

// Sandbox is the sandbox inside, or nil.
func (h *Host) Sandbox() *sandbox.Sandbox { return h.sandbox }

// Close stops taking requests, lets what is under way end until ctx does, and
// closes everything.
func (h *Host) Close(ctx context.Context) error {
	var errs []error
	if h.started {
		h.server.Drain()
		select {
		case <-time.After(h.config.DrainDelay):
		case <-ctx.Done():
		}
		until, cancel := context.WithTimeout(ctx, drain)
		defer cancel()
		if err := h.http.Shutdown(until); err != nil {
			errs = append(errs, fmt.Errorf("draining: %w", err), h.http.Close())
		}
		h.stop()
		errs = append(errs, <-h.ran)
		if err := <-h.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, fmt.Errorf("serving: %w", err))
		}
		h.started = false
	}
	h.tracing.close(ctx, h.log)
	if h.metricsServer != nil {
		errs = append(errs, h.metricsServer.Close())
	}
	if h.outbound != nil {
		// The sandbox would wait for connections that were never used.
		h.outbound.CloseIdleConnections()
	}
	if h.sandbox != nil {
		errs = append(errs, h.sandbox.Close(ctx))
	}
	if h.stores.Close != nil {
		errs = append(errs, h.stores.Close())
	}
	if h.lock != nil {
		errs = append(errs, h.lock.Close())
	}
	return errors.Join(errs...)
}
