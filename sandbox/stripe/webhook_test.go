package stripe_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/stripe"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"
)

// receiver takes webhooks in memory.
type receiver struct {
	secret string

	mu       sync.Mutex
	refuse   int // how many calls to refuse first
	accepted []stripego.Event
	errs     []error
}

// RoundTrip implements http.RoundTripper in place of a network.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := httptest.NewRecorder()
	if r.refuse > 0 {
		r.refuse--
		w.WriteHeader(http.StatusServiceUnavailable)
		return w.Result(), nil
	}
	e, err := webhook.ConstructEvent(body, req.Header.Get("Stripe-Signature"), r.secret)
	if err != nil {
		r.errs = append(r.errs, err)
		w.WriteHeader(http.StatusBadRequest)
		return w.Result(), nil
	}
	r.accepted = append(r.accepted, e)
	return w.Result(), nil
}

func (r *receiver) kinds() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, e := range r.accepted {
		out = append(out, string(e.Type))
	}
	return out
}

const secret = "whsec_of_the_test"

func listening(t *testing.T, r *receiver, plane *control.Plane, file string) *account {
	t.Helper()
	r.secret = secret
	return newAccount(t, stripe.Options{WebhookURL: "http://receiver/stripe/webhook", WebhookSecret: secret,
		Client: &http.Client{Transport: r, Timeout: 10 * time.Second}, Plane: plane, DataFile: file})
}

// paying makes an intent that succeeds at once.
func paying() []string {
	return []string{"confirm=true", "payment_method=pm_card_visa", "metadata[action_id]=a-1"}
}

func TestServer_Webhooks(t *testing.T) {
	t.Run("a payment is told in events that stripe-go believes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var r receiver
			a := listening(t, &r, nil, "")
			p := a.intent(paying()...)
			synctest.Wait()
			kinds := r.kinds()
			slices.Sort(kinds)
			if !slices.Equal(kinds, []string{"charge.succeeded", "payment_intent.created", "payment_intent.succeeded"}) || len(r.errs) > 0 {
				t.Fatalf("got %v and %v", kinds, r.errs)
			}
			e := r.accepted[slices.IndexFunc(r.accepted, func(e stripego.Event) bool { return e.Type == "payment_intent.succeeded" })]
			var about stripego.PaymentIntent
			if err := json.Unmarshal(e.Data.Raw, &about); err != nil || about.ID != p.id() || about.Metadata["action_id"] != "a-1" {
				t.Errorf("it is about %v, %v", about.ID, err)
			}
			if got := a.get("/v1/events/" + e.ID); got.body["pending_webhooks"] != 0.0 {
				t.Errorf("the event is %v", got.body)
			}
		})
	})
	t.Run("an endpoint that is down is tried again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := receiver{refuse: 3}
			a := listening(t, &r, nil, "")
			a.intent()
			<-time.After(time.Minute)
			if kinds := r.kinds(); !slices.Equal(kinds, []string{"payment_intent.created"}) {
				t.Errorf("got %v", kinds)
			}
			d := a.server.State()["webhooks"].(map[string]any)
			if d["attempts"] != 4 {
				t.Errorf("state is %v", d)
			}
		})
	})
}

func TestServer_WebhookFaults(t *testing.T) {
	t.Run("duplicates carry the same id", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var r receiver
			plane := control.New()
			rules(t, plane, control.Rule{Match: control.Match{Event: "payment_intent.created", Times: 1}, Effect: control.Effect{DuplicateWebhook: 2}})
			a := listening(t, &r, plane, "")
			a.intent()
			synctest.Wait()
			if len(r.accepted) != 3 || r.accepted[0].ID != r.accepted[2].ID {
				t.Errorf("got %v", r.kinds())
			}
		})
	})
	t.Run("events can come in the wrong order, and late", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var r receiver
			plane := control.New()
			rules(t, plane, control.Rule{Effect: control.Effect{ReorderWebhooks: 3}})
			a := listening(t, &r, plane, "")
			a.intent(paying()...)
			synctest.Wait()
			if kinds := r.kinds(); !slices.Equal(kinds, []string{"payment_intent.succeeded", "charge.succeeded", "payment_intent.created"}) {
				t.Errorf("got %v", kinds)
			}
			rules(t, plane, control.Rule{Effect: control.Effect{DelayWebhookMs: 30_000}})
			a.intent()
			<-time.After(29 * time.Second)
			early := len(r.kinds())
			<-time.After(2 * time.Second)
			if early != 3 || len(r.kinds()) != 4 {
				t.Errorf("got %d, then %d", early, len(r.kinds()))
			}
		})
	})
	t.Run("fewer events than are to be reordered come in the end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var r receiver
			plane := control.New()
			rules(t, plane, control.Rule{Effect: control.Effect{ReorderWebhooks: 9}})
			a := listening(t, &r, plane, "")
			a.intent()
			<-time.After(6 * time.Second)
			if len(r.kinds()) != 1 {
				t.Errorf("got %v", r.kinds())
			}
		})
	})
}

func TestServer_WebhookEndpoints(t *testing.T) {
	t.Run("what was not delivered goes on after a restart", func(t *testing.T) {
		file := t.TempDir() + "/stripe.log"
		synctest.Test(t, func(t *testing.T) {
			down := receiver{refuse: 1 << 30}
			a := listening(t, &down, nil, file)
			a.intent()
			<-time.After(time.Minute)
			if err := a.server.Close(); err != nil {
				t.Fatal(err)
			}
			var up receiver
			listening(t, &up, nil, file)
			synctest.Wait()
			if !slices.Equal(up.kinds(), []string{"payment_intent.created"}) {
				t.Errorf("got %v", up.kinds())
			}
		})
	})
	t.Run("the end of an endpoint ends its retries", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := receiver{refuse: 5}
			a := listening(t, &r, nil, "")
			a.intent()
			synctest.Wait()
			a.send("DELETE", "/v1/webhook_endpoints/we_configured", "", "")
			<-time.After(time.Hour)
			if d := a.server.State()["webhooks"].(map[string]any); d["attempts"] != 2 || len(r.kinds()) != 0 {
				t.Errorf("state is %v", d)
			}
		})
	})
	t.Run("an endpoint gets what it asked for, and its secret is told once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var r receiver
			a := newAccount(t, stripe.Options{Client: &http.Client{Transport: &r}})
			made := a.post("/v1/webhook_endpoints", "", "url=https://receiver/hook", "enabled_events[]=payment_intent.succeeded", "api_version=2023-10-16")
			r.secret, _ = made.body["secret"].(string)
			if got := a.get("/v1/webhook_endpoints").body["data"].([]any)[0].(map[string]any); got["secret"] != nil {
				t.Errorf("listed %v", got)
			}
			a.intent(paying()...)
			synctest.Wait()
			if !slices.Equal(r.kinds(), []string{"payment_intent.succeeded"}) || len(r.errs) > 0 {
				t.Errorf("got %v and %v", r.kinds(), r.errs)
			}
			a.send("DELETE", "/v1/webhook_endpoints/"+made.id(), "", "")
			a.intent(paying()...)
			synctest.Wait()
			if len(r.kinds()) != 1 {
				t.Errorf("got %v after the end", r.kinds())
			}
		})
	})
}
