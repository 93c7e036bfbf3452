package stripe_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/stripe"
)

// account is a Stripe under test.
type account struct {
	t       *testing.T
	handler http.Handler
	server  *stripe.Server
}

func newAccount(t *testing.T, opts stripe.Options) *account {
	t.Helper()
	if opts.Plane == nil {
		opts.Plane = control.New()
	}
	s, err := stripe.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &account{t: t, handler: opts.Plane.Wrap(s), server: s}
}

// reply is an answer with its body decoded.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// failure is the error object of a reply.
func (r reply) failure() map[string]any {
	e, _ := r.body["error"].(map[string]any)
	return e
}

func (r reply) id() string {
	id, _ := r.body["id"].(string)
	return id
}

// post sends a form, given as name=value pairs, under an idempotency key ("" for none).
func (a *account) post(path, key string, pairs ...string) reply {
	a.t.Helper()
	form := url.Values{}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		form.Add(name, value)
	}
	return a.send("POST", path, key, form.Encode())
}

func (a *account) get(path string) reply { a.t.Helper(); return a.send("GET", path, "", "") }

func (a *account) send(method, path, key, body string) reply {
	a.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer sk_test_sandbox")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return a.serve(r)
}

func (a *account) serve(r *http.Request) reply {
	a.t.Helper()
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	out := reply{status: w.Code, header: w.Header()}
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out.body); err != nil {
		a.t.Fatalf("%v in %s", err, raw)
	}
	return out
}

// intent makes a payment intent of 12.00 usd.
func (a *account) intent(pairs ...string) reply {
	a.t.Helper()
	r := a.post("/v1/payment_intents", "", append([]string{"amount=1200", "currency=usd"}, pairs...)...)
	if r.status != 200 {
		a.t.Fatalf("creating an intent: %d %v", r.status, r.body)
	}
	return r
}

func (a *account) count(kind string) int {
	a.t.Helper()
	return a.server.State()["counts"].(map[string]int)[kind]
}

func TestServer_PaymentIntent(t *testing.T) {
	t.Run("create, then confirm, moves the money once", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		p := a.intent("metadata[action_id]=a1")
		if p.body["status"] != "requires_payment_method" || !strings.HasPrefix(p.body["client_secret"].(string), p.id()+"_secret_") {
			t.Fatalf("created %v", p.body)
		}
		c := a.post("/v1/payment_intents/"+p.id()+"/confirm", "", "payment_method=pm_card_visa", "expand[]=latest_charge")
		if c.body["status"] != "succeeded" || c.body["amount_received"] != 1200.0 {
			t.Fatalf("confirmed %v", c.body)
		}
		if charge := c.body["latest_charge"].(map[string]any); charge["paid"] != true || charge["amount"] != 1200.0 {
			t.Errorf("the charge is %v", charge)
		}
		again := a.post("/v1/payment_intents/"+p.id()+"/confirm", "", "payment_method=pm_card_visa")
		if again.status != 400 || again.failure()["code"] != "payment_intent_unexpected_state" {
			t.Errorf("second confirm answered %d %v", again.status, again.body)
		}
		if n := a.count("charges"); n != 2 { // the seed's and ours
			t.Errorf("there are %d charges", n)
		}
	})
}
