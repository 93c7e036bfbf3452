// Package stripe is a Stripe account that behaves, as of API version 2023-10-16: customers, cards on file, payment
// intents with test cards and declines, charges, refunds, events and signed webhooks, with idempotency keys whose
// replies are kept and replayed.
//
// New builds a Server; control.Plane.Wrap adds fault injection. Each call is one transaction under one lock, and
// the reply kept under its idempotency key is part of it, so a crash leaves both or neither.
package stripe

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/kvlog"

	"github.com/rs/zerolog"
)

// Version is the API version of every answer and event.
const Version = "2023-10-16"

// Options configures a Server; the zero value is a complete one.
type Options struct {
	// Key is the secret key; "sk_test_sandbox" by default.
	Key string
	// DataFile keeps the account over restarts; empty keeps it in memory.
	DataFile string
	// WebhookURL and WebhookSecret register an endpoint for all events at the start; both or neither.
	WebhookURL, WebhookSecret string
	// Client delivers webhooks; one with a ten second time-out by default.
	Client *http.Client
	// Logger tells what the server does; the zero value is silent.
	Logger zerolog.Logger
	// Plane injects faults into webhooks; nil means none.
	Plane *control.Plane
}

// Server is one account.
type Server struct {
	opts    Options
	mux     *http.ServeMux
	courier *courier

	mu       sync.Mutex
	store    *store
	log      *kvlog.Log
	inFlight map[string]string // idempotency key, fingerprint
	pruned   time.Time
}

// New opens an account. Deliveries that were pending when it was last closed go on.
func New(opts Options) (*Server, error) {
	if (opts.WebhookURL == "") != (opts.WebhookSecret == "") {
		return nil, errors.New("stripe sandbox: WebhookURL and WebhookSecret go together")
	}
	opts.Key = cmp.Or(opts.Key, "sk_test_sandbox")
	if opts.Client == nil {
		opts.Client = &http.Client{Timeout: 10 * time.Second}
	}
	if opts.Plane == nil {
		opts.Plane = control.New()
	}
	s := &Server{opts: opts, mux: http.NewServeMux(), inFlight: map[string]string{}}
	s.courier = newCourier(opts, s.settle)
	s.routes()
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("opening the stripe sandbox: %w", err)
	}
	return s, nil
}

func (s *Server) open() error {
	log, values, err := s.openLog()
	if err != nil {
		return err
	}
	s.log, s.store = log, newStore()
	if err := s.store.load(values); err != nil {
		return err
	}
	x := s.store.begin()
	if len(values) == 0 {
		seed(x, time.Now())
	}
	s.configureWebhook(x)
	if failed := s.commit(x); failed != nil {
		return failed
	}
	for _, d := range s.store.deliveries.newest(func(d delivery) bool { return d.State == pending }) {
		// The endpoint may have moved or gone since.
		if w, ok := s.store.endpoints.get(d.Endpoint); ok {
			d.URL, d.Secret = w.URL, w.Secret
			s.courier.send(d)
		}
	}
	return nil
}

func (s *Server) openLog() (*kvlog.Log, map[string]json.RawMessage, error) {
	if s.opts.DataFile == "" {
		return nil, nil, nil
	}
	return kvlog.Open(s.opts.DataFile)
}

// seed is the payment behind the demo data's one paid invoice, and a customer of the demo data with saved cards: one that
// is good and one that is declined when it is charged.
func seed(x *tx, now time.Time) {
	seedCustomer(x, now)
	paid := time.Date(2024, 10, 16, 14, 0, 0, 0, time.UTC).Unix()
	metadata := map[string]string{"invoiceId": "inv-001"}
	visa, _ := cardNamed("pm_card_visa")
	method := PaymentMethod{ID: "pm_mock_001", Object: "payment_method", Created: paid, Type: "card", Card: visa.card(now.Year() + 4),
		BillingDetails: map[string]any{}, Metadata: map[string]string{}}
	charge := Charge{ID: "ch_mock_001", Object: "charge", Amount: 250000, AmountCaptured: 250000, Captured: true, Created: paid,
		Currency: "usd", Metadata: metadata, Outcome: approved(), Paid: true, PaymentIntent: optional("pi_mock_001"),
		PaymentMethod: &method.ID, Details: methodDetails{Type: "card", Card: method.Card}, Status: "succeeded"}
	put(x, x.methods, method.ID, method)
	put(x, x.charges, charge.ID, charge)
	put(x, x.intents, "pi_mock_001", PaymentIntent{ID: "pi_mock_001", Object: "payment_intent", Amount: 250000, AmountReceived: 250000,
		CaptureMethod: "automatic", ClientSecret: "pi_mock_001_secret_sandbox", ConfirmationMethod: "automatic", Created: paid,
		Currency: "usd", LatestCharge: &charge.ID, Metadata: metadata, PaymentMethod: &method.ID,
		PaymentMethodTypes: []string{"card"}, Status: statusSucceeded})
}

func seedCustomer(x *tx, now time.Time) {
	owner := Customer{ID: "cus_mock_002", Object: "customer", Created: now.Unix(), Metadata: map[string]string{"account_id": "acc-002"}}
	put(x, x.customers, owner.ID, owner)
	for _, saved := range []struct{ id, token string }{{"pm_mock_003", "pm_card_chargeCustomerFail"}, {"pm_mock_002", "pm_card_visa"}} {
		card, _ := cardNamed(saved.token)
		put(x, x.methods, saved.id, PaymentMethod{ID: saved.id, Object: "payment_method", Created: now.Unix(), Type: "card", Card: card.card(now.Year() + 4),
			Customer: &owner.ID, BillingDetails: map[string]any{}, Metadata: map[string]string{}})
	}
}

// configureWebhook puts the endpoint of the options in place.
func (s *Server) configureWebhook(x *tx) {
	if s.opts.WebhookURL == "" {
		return
	}
	const id = "we_configured"
	put(x, x.endpoints, id, WebhookEndpoint{ID: id, Object: "webhook_endpoint", APIVersion: optional(Version), Created: time.Now().Unix(),
		EnabledEvents: []string{"*"}, Metadata: map[string]string{}, Secret: s.opts.WebhookSecret, Status: "enabled", URL: s.opts.WebhookURL})
}

// Close stops the deliveries, waits for them, and closes the data file.
func (s *Server) Close() error {
	s.courier.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Close()
}

// commit makes a transaction durable and starts its deliveries; if that fails it is taken back.
func (s *Server) commit(x *tx) *apiError {
	values, err := x.changes()
	if err == nil {
		err = s.log.Append(values)
	}
	if err != nil {
		x.rollback()
		s.opts.Logger.Error().Err(err).Msg("stripe sandbox: commit failed")
		return internal()
	}
	for _, d := range x.queued {
		s.courier.send(d)
	}
	return nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) routes() {
	for pattern, h := range map[string]handler{
		"POST /v1/customers":                     createCustomer,
		"GET /v1/customers":                      listCustomers,
		"GET /v1/customers/search":               searchCustomers,
		"GET /v1/customers/{id}":                 getCustomer,
		"POST /v1/customers/{id}":                updateCustomer,
		"DELETE /v1/customers/{id}":              deleteCustomer,
		"GET /v1/customers/{id}/payment_methods": listCustomerMethods,
		"POST /v1/payment_methods":               createMethod,
		"GET /v1/payment_methods":                listMethods,
		"GET /v1/payment_methods/{id}":           getMethod,
		"POST /v1/payment_methods/{id}/attach":   attachMethod,
		"POST /v1/payment_methods/{id}/detach":   detachMethod,
		"POST /v1/payment_intents":               createIntent,
		"GET /v1/payment_intents":                listIntents,
		"GET /v1/payment_intents/{id}":           getIntent,
		"POST /v1/payment_intents/{id}":          updateIntent,
		"POST /v1/payment_intents/{id}/confirm":  confirmIntent,
		"POST /v1/payment_intents/{id}/cancel":   cancelIntent,
		"POST /v1/payment_intents/{id}/capture":  captureIntent,
		"GET /v1/charges":                        listCharges,
		"GET /v1/charges/{id}":                   getCharge,
		"POST /v1/refunds":                       createRefund,
		"GET /v1/refunds":                        listRefunds,
		"GET /v1/refunds/{id}":                   getRefund,
		"POST /v1/prices":                        createPrice,
		"GET /v1/prices/{id}":                    getPrice,
		"POST /v1/payment_links":                 createLink,
		"GET /v1/payment_links/{id}":             getLink,
		"POST /v1/checkout/sessions":             createCheckout,
		"GET /v1/checkout/sessions/{id}":         getCheckout,
		"GET /v1/events":                         listEvents,
		"GET /v1/events/{id}":                    getEvent,
		"POST /v1/webhook_endpoints":             createEndpoint,
		"GET /v1/webhook_endpoints":              listEndpoints,
		"GET /v1/webhook_endpoints/{id}":         getEndpoint,
		"DELETE /v1/webhook_endpoints/{id}":      deleteEndpoint,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, h) })
	}
	s.mux.HandleFunc("GET /authenticate/{id}", s.authenticate)
	s.mux.HandleFunc("GET "+pagePath+"{id}", s.host)
	s.mux.HandleFunc("POST "+pagePath+"{id}", s.host)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		e := invalid("", "", "Unrecognized request URL (%s: %s). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.", r.Method, r.URL.Path)
		e.status = http.StatusNotFound
		writeJSON(w, e.status, e.body())
	})
}
