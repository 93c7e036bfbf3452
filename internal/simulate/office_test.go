package simulate_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"fieldpay/bff"
	"fieldpay/bff/salesforce"
	"fieldpay/bff/stripepay"
)

const (
	officeURL     = "http://127.0.0.1:3001"
	salesforceURL = "http://salesforce.example.com"
	stripeURL     = "http://stripe.example.com"
	webhookURL    = "http://office.example.com/stripe/webhook"
	webhookSecret = "whsec_simulated"
	password      = "field"
	// accessLife is shorter than the hour of production, so that a schedule of
	// minutes crosses it. A device renews five minutes ahead.
	accessLife = 6 * time.Minute
	// refreshLife is shorter than the longest night.
	refreshLife = 48 * time.Hour
)

// office is one place where a server runs, one after another.
type office struct {
	w     *world
	name  string
	index int
	lives int
	now   atomic.Pointer[server]
	// closed: it is night, and nobody starts a server.
	closed atomic.Bool
}

// server is one process of the server.
type server struct {
	*bff.Server
	office *office
	owner  string
	dead   atomic.Bool
	stop   context.CancelFunc
}

func (s *server) gone() bool { return s.dead.Load() }

// open starts a server over the store that all of them share.
func (o *office) open() error {
	o.lives++
	// Two servers never tick at the same moment.
	pause(context.Background(), o.w.die.span(time.Millisecond, 300*time.Millisecond, o.lives, o.name, "starts"))
	if o.w.life.Err() != nil {
		return nil // the world has ended meanwhile, and nobody would stop this one
	}
	s := &server{office: o, owner: fmt.Sprintf("%s-%d", o.name, o.lives)}
	if o.w.plan.sameOwner {
		s.owner = o.name
	}
	if err := s.build(); err != nil {
		return fmt.Errorf("opening an office: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	o.w.work.Go(func() {
		if err := s.Run(ctx); err != nil {
			o.w.fail("%s ended: %v", s.owner, err)
		}
	})
	o.w.trace.add("%s opens", s.owner)
	o.now.Store(s)
	return nil
}

func (s *server) build() error {
	w := s.office.w
	client := func(h hop, handler http.Handler, served func(*http.Request, []byte, *answer)) *http.Client {
		to := &receiver{Handler: handler, name: "sandbox", gone: func() bool { return false }, served: served}
		return &http.Client{Timeout: 30 * time.Second, Transport: &wire{
			w: w, hop: h, from: s.office.name, gone: s.gone, reach: func(string, int) *receiver { return to }, replied: s.answered,
		}}
	}
	crm, err := salesforce.New(salesforce.Options{
		HTTP: client(toSalesforce, w.box.SalesforceHandler(), w.effects.observe), BaseURL: salesforceURL,
		ClientID: "fieldpay-sandbox", ClientSecret: "sandbox-secret",
	})
	if err != nil {
		return err
	}
	payments, err := stripepay.New(stripepay.Options{
		HTTP: client(toStripe, w.box.StripeHandler(), w.paid), BaseURL: stripeURL, Key: "sk_test_sandbox", WebhookSecrets: []string{webhookSecret},
	})
	if err != nil {
		return err
	}
	stores := s.stores()
	rights, err := bff.NewRights(bff.RightsOptions{Users: stores.Users, CRM: crm})
	if err != nil {
		return err
	}
	o := bff.ProcessorOptions{
		Ledger: stores.Ledger, CRM: crm, Payments: payments, Requests: stores.PaymentRequests, Owner: s.owner, Rand: w.die.jitter(s.office.name),
		// Which lane gets one of a few slots is not the seed's to say.
		Concurrency: 1000, Apart: !w.plan.gathers, Linger: time.Microsecond,
	}
	if w.plan.rights {
		o.Rights, o.Audit = rights, stores.Audit
	}
	processor, err := bff.NewProcessor(o)
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	identity, err := bff.NewIdentity(bff.IdentityOptions{
		Users: stores.Users, Sessions: stores.Sessions, Secret: secret, AccessLife: accessLife, RefreshLife: refreshLife,
	})
	if err != nil {
		return err
	}
	registry, err := bff.NewDeviceRegistry(bff.DeviceRegistryOptions{Enrolments: stores.Enrolments, Audit: stores.Audit, Policy: bff.EnrolAtSignIn})
	if err != nil {
		return err
	}
	s.Server, err = bff.NewServer(bff.ServerOptions{
		Processor: processor, Identity: identity, Registry: registry, Rights: rights, CRM: crm, Payments: payments, Devices: stores.Devices, Events: stores.Events, Telemetry: stores.Telemetry,
		Ready: stores.Ping, ProbeKey: secret, StartDelay: w.plan.startDelay,
	})
	return err
}

// crash ends a server between two instructions: nothing of it reaches the store
// or a provider any more, and somebody starts another.
func (s *server) crash(where string) {
	if s.dead.Swap(true) {
		return
	}
	o := s.office
	o.w.trace.add("%s crashes %s", s.owner, where)
	o.now.CompareAndSwap(s, nil)
	s.stop()
	o.w.work.Go(func() {
		down := o.w.die.span(time.Second, 80*time.Second, o.lives, o.name, "down for")
		if !pause(o.w.life, down) || o.now.Load() != nil || o.closed.Load() {
			return
		}
		if err := o.open(); err != nil {
			o.w.fail("%v", err)
		}
	})
	// Virtual time goes on when all else rests: the rest of the process has
	// stopped before the call that it died in comes back. Else it would be
	// chance whether a lane is woken once more.
	pause(context.Background(), time.Microsecond)
}

// mayCrash crashes the server at a place, now and then.
func (s *server) mayCrash(where, id string, rare sometimes) bool {
	w := s.office.w
	id = w.trace.rename(id)
	if s.gone() || !w.raining.Load() || s.office.lives > 4 {
		return s.gone()
	}
	n := w.count(s.office.name + where + id)
	if w.die.share(n, s.office.name, where, id) >= w.plan.crashes {
		return false
	}
	w.trace.saw(rare)
	s.crash(where + " " + id)
	return true
}

// answered sees an answer of a provider: the server may die before it can note
// what it says.
func (s *server) answered(r *http.Request) {
	if r.Method != http.MethodGet {
		s.mayCrash("after an answer to", r.URL.Path, crashBeforeRecord)
	}
}

// choose is the balancer: any of the servers that run.
func (w *world) choose(key string, n int) *receiver {
	first := int(w.die.of(n, key, "office"))
	for i := range w.offices {
		o := w.offices[(uint(first)+uint(i))%uint(len(w.offices))]
		if s := o.now.Load(); s != nil && !s.gone() {
			return &receiver{Handler: s, name: s.owner, gone: s.gone}
		}
	}
	return nil
}

// errGone is what a dead process gets; nobody reads it.
var errGone = errors.New("this process is dead")

// cheapHash is a password hash that costs nothing, so that people can sign in
// often.
func cheapHash() string {
	salt, b64 := []byte("simulated"), base64.RawStdEncoding
	key := argon2.IDKey([]byte(password), salt, 1, 8, 1, 16)
	return fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, b64.EncodeToString(salt), b64.EncodeToString(key))
}
