package bff

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/trace"

	"fieldpay/action"
	"fieldpay/api"
)

// Mode says whether an upstream is the sandbox or the real one.
type Mode string

// The modes.
const (
	Sandbox Mode = "sandbox"
	Live    Mode = "live"
)

// ServerOptions says what a [Server] works with.
type ServerOptions struct {
	Processor *Processor // required, and so are the ports
	Identity  *Identity
	Registry  *DeviceRegistry
	Rights    *Rights
	CRM       CRM
	Payments  Payments
	Devices   Devices
	Events    Events
	Telemetry Telemetry
	// Ledger and Retention are swept of what is old. Default: nothing is.
	Ledger    Ledger
	Retention Retention
	// AuditLife is how long the audit log is kept. Default [AuditLife].
	AuditLife time.Duration
	// Console serves the pages of the office below /console; nil: there are none.
	Console http.Handler
	// Office finishes what the console began; nil: nobody does.
	Office *Office
	// SignOn lets people sign in with Salesforce; nil: this server does not.
	SignOn *SignOn
	// Releases are the versions that devices may install. Default: none.
	Releases Releases
	// Ready reports whether the store takes work.
	Ready func(ctx context.Context) error
	// ProbeKey signs the answer to a probe: an Ed25519 seed of 32 bytes, the
	// same on all instances.
	ProbeKey []byte
	// HandOverKey opens the files in which devices leave unsent work, as
	// handover.NewIdentity makes it, the same on all instances. Default: none are
	// taken.
	HandOverKey string
	// Environment is told by /health. Default "development".
	Environment string
	// SalesforceMode and StripeMode default to Sandbox.
	SalesforceMode, StripeMode Mode
	Version                    string
	// PublicURL is where customers' browsers reach the server, without a slash
	// at the end: a checkout leads back to it.
	PublicURL string
	// StartDelay is up to how long devices wait before their first send after
	// an outage. Default 0.
	StartDelay time.Duration
	// TrustedProxies are believed about whom they ask for (X-Forwarded-For).
	TrustedProxies []netip.Prefix
	// Secure says that devices reach the server by TLS: it tells them to.
	Secure bool
	// Meter counts requests. Default: nothing is counted.
	Meter Meter
	// Tracer makes a span for each request. Default: none is made.
	Tracer trace.Tracer
	// DeviceRate and PersonRate limit the requests of one device and of one
	// person. Defaults: 200 a second and 1000 at once; 800 and 4000.
	DeviceRate, PersonRate Rate
	// MaxBody limits a request in bytes, as it arrives and unpacked; attachments
	// and hand-overs have limits of their own. Default 1 MiB.
	MaxBody int64
	// AllowLoopbackOrigins lets pages of this machine call the server.
	AllowLoopbackOrigins bool
	// Logger takes ids, codes and durations, never content. The zero value is silent.
	Logger zerolog.Logger
}

// Server is the HTTP face: the contract of package api over the rules of this
// package.
type Server struct {
	o         ServerOptions
	log       zerolog.Logger
	handler   http.Handler
	probeKey  ed25519.PrivateKey
	keyID     string
	upstreams *upstreams
	webhooks  *webhooks
	// devices and people limit the requests of each.
	devices, people *limiter
	// draining says that the server is about to end.
	draining atomic.Bool
}

var (
	_ api.Handler         = (*Server)(nil)
	_ api.SecurityHandler = (*Server)(nil)
)

// NewServer checks the options and builds the handler.
func NewServer(o ServerOptions) (*Server, error) {
	switch {
	case o.Processor == nil, o.Identity == nil, o.Registry == nil, o.Rights == nil, o.CRM == nil, o.Payments == nil, o.Devices == nil, o.Events == nil, o.Telemetry == nil, o.Ready == nil:
		return nil, errors.New("a server needs every one of its ports")
	case len(o.ProbeKey) != ed25519.SeedSize:
		return nil, errors.New("the probe key must be an Ed25519 seed")
	}
	if o.Environment == "" {
		o.Environment = "development"
	}
	if o.SalesforceMode == "" {
		o.SalesforceMode = Sandbox
	}
	if o.StripeMode == "" {
		o.StripeMode = Sandbox
	}
	o.MaxBody = cmp.Or(o.MaxBody, maxBody)
	if o.Meter == nil {
		o.Meter = noMeter{}
	}
	if o.Releases == nil {
		o.Releases = noReleases{}
	}
	s := &Server{o: o, log: o.Logger, devices: newLimiter(o.DeviceRate.or(deviceRate())), people: newLimiter(o.PersonRate.or(personRate())), probeKey: ed25519.NewKeyFromSeed(o.ProbeKey)}
	// The id is the key itself: a device that pins it can check the signature.
	s.keyID = base64.RawURLEncoding.EncodeToString(s.ProbeKey())
	s.upstreams = newUpstreams(map[string]pinger{"salesforce": o.CRM, "stripe": o.Payments}, s.log)
	s.webhooks = newWebhooks(o, s.log)
	generated, err := api.NewServer(s, s,
		api.WithErrorHandler(s.handleError), api.WithNotFound(s.notFound), api.WithMiddleware(keepRawBody),
		api.WithMethodNotAllowed(func(w http.ResponseWriter, r *http.Request, _ string) { s.notFound(w, r) }),
	)
	if err != nil {
		return nil, err
	}
	pack, err := packing()
	if err != nil {
		return nil, err
	}
	s.handler = s.outermost(pack(s.crossOrigin(s.limitBody(s.checkSignature(s.unpack(s.console(s.payPages(generated))))))))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run does the server's work between requests until ctx ends: it resumes
// actions and webhook events, and watches the upstreams.
func (s *Server) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { s.upstreams.run(ctx) })
	work.Go(func() { s.webhooks.run(ctx) })
	if s.o.Retention != nil && s.o.Ledger != nil {
		sweep := sweeper{ledger: s.o.Ledger, rest: s.o.Retention, audit: cmp.Or(s.o.AuditLife, AuditLife), rand: rand.Float64, log: s.log}
		work.Go(func() { sweep.run(ctx) })
	}
	if s.o.Office != nil {
		work.Go(func() { s.o.Office.run(ctx) })
	}
	err := s.o.Processor.Run(ctx)
	work.Wait()
	return err
}

// HandleBearer implements api.SecurityHandler.
func (s *Server) HandleBearer(ctx context.Context, _ api.OperationName, t api.Bearer) (context.Context, error) {
	p, err := s.o.Identity.Principal(ctx, t.Token)
	if err != nil {
		return ctx, err
	}
	c := callOf(ctx)
	if c == nil {
		return ctx, errors.New("a request without its call")
	}
	enrolled, err := s.o.Registry.holds(ctx, p.User.Role, p.DeviceID, c.device)
	if err != nil {
		return ctx, err
	}
	p.Enrolled = enrolled
	c.principal = p
	return ctx, s.limit(p)
}

// limit refuses the requests of a device or a person that sends too many.
func (s *Server) limit(p Principal) error {
	now := time.Now()
	for _, by := range []struct {
		name, key string
		limiter   *limiter
	}{{"device", p.SessionID, s.devices}, {"person", p.User.ID, s.people}} {
		if wait := by.limiter.take(by.key, now); wait > 0 {
			s.o.Meter.Throttled(by.name)
			return &action.Error{Code: action.RateLimited, RetryAfter: wait}
		}
	}
	return nil
}

// principal is who makes the request. Operations without security have nobody.
func principal(ctx context.Context) Principal {
	if c := callOf(ctx); c != nil {
		return c.principal
	}
	return Principal{}
}

// Login implements api.Handler.
func (s *Server) Login(ctx context.Context, req *api.LoginRequest) (*api.LoginResponse, error) {
	user, err := s.o.Identity.Check(ctx, req.Username, req.Password, remoteOf(ctx))
	if action.CodeOf(err) == action.RateLimited {
		s.o.Meter.Throttled("sign-in")
	}
	if err != nil {
		return nil, err
	}
	if err := s.o.Registry.admit(ctx, user, req.DeviceId.Or(""), deviceOf(ctx)); err != nil {
		return nil, err
	}
	tokens, err := s.o.Identity.Begin(ctx, user, req.DeviceId.Or(""))
	if err != nil {
		return nil, err
	}
	return &api.LoginResponse{Tokens: wireTokens(tokens), User: wireUser(user)}, nil
}

func wireUser(u User) api.User {
	return api.User{ID: u.ID, Name: u.Name, Email: u.Email, Role: api.NewOptString(string(u.Role))}
}

// Refresh implements api.Handler.
func (s *Server) Refresh(ctx context.Context, req *api.RefreshRequest) (*api.Tokens, error) {
	device := req.DeviceId.Or("")
	user, err := s.o.Identity.holder(ctx, req.RefreshToken, device)
	if err != nil {
		return nil, err
	}
	if _, err := s.o.Registry.holds(ctx, user.Role, device, deviceOf(ctx)); err != nil {
		return nil, err
	}
	tokens, err := s.o.Identity.Refresh(ctx, req.RefreshToken, device)
	if err != nil {
		return nil, err
	}
	wire := wireTokens(tokens)
	return &wire, nil
}

// Logout implements api.Handler.
func (s *Server) Logout(ctx context.Context) error {
	c := callOf(ctx)
	if c == nil || c.bearer == "" {
		return nil
	}
	return s.o.Identity.SignOut(ctx, c.bearer)
}

func deviceOf(ctx context.Context) *signedBy {
	if c := callOf(ctx); c != nil {
		return c.device
	}
	return nil
}

func wireTokens(t Tokens) api.Tokens {
	return api.Tokens{
		AccessToken: t.Access, RefreshToken: t.Refresh, InstanceUrl: t.InstanceURL, ExpiresAt: t.ExpiresAt.UnixMilli(),
	}
}

func remoteOf(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.remote
	}
	return ""
}

// outcomeError is an outcome that is no success, as the error of a call.
func outcomeError(o action.Outcome) error {
	return &action.Error{
		Code: o.Code, Message: o.Error, Fields: o.Fields, RetryAfter: time.Duration(o.RetryAfterMs) * time.Millisecond,
	}
}
