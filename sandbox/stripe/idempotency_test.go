package stripe_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/stripe"
)

const path = "/v1/payment_intents"

// good is a call that works.
func good() []string { return []string{"amount=1200", "currency=usd"} }

func TestServer_Idempotency(t *testing.T) {
	t.Run("the same call again gets the same reply, and does nothing", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		first, second := a.post(path, "k", good()...), a.post(path, "k", good()...)
		if first.id() != second.id() || second.header.Get("Idempotent-Replayed") != "true" || a.count("payment_intents") != 2 {
			t.Errorf("got %v and %v", first.body, second.body)
		}
		if first.header.Get("Idempotent-Replayed") != "" || second.header.Get("Original-Request") != first.header.Get("Request-Id") {
			t.Errorf("headers are %v and %v", first.header, second.header)
		}
	})
	t.Run("other parameters under the key are refused", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		a.post(path, "k", good()...)
		r := a.post(path, "k", "amount=1300", "currency=usd")
		if r.status != 400 || r.failure()["type"] != "idempotency_error" {
			t.Errorf("got %d %v", r.status, r.body)
		}
	})
	t.Run("another endpoint under the key is refused", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		a.post(path, "k", good()...)
		r := a.post("/v1/customers", "k", good()...)
		if r.status != 400 || r.failure()["type"] != "idempotency_error" || !strings.Contains(r.failure()["message"].(string), "endpoint") {
			t.Errorf("got %d %v", r.status, r.body)
		}
	})
}

func TestServer_IdempotencyRemembers(t *testing.T) {
	t.Run("a decline is remembered", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		p := a.intent()
		first := a.post(path+"/"+p.id()+"/confirm", "c", "payment_method=pm_card_chargeDeclined")
		second := a.post(path+"/"+p.id()+"/confirm", "c", "payment_method=pm_card_chargeDeclined")
		if second.status != 402 || second.header.Get("Idempotent-Replayed") != "true" || first.failure()["charge"] != second.failure()["charge"] {
			t.Errorf("got %d %v", second.status, second.body)
		}
	})
}

func TestServer_IdempotencyForgets(t *testing.T) {
	t.Run("a bad parameter is not remembered", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		if r := a.post(path, "k", "amount=1", "currency=usd"); r.status != 400 {
			t.Fatalf("got %d", r.status)
		}
		if r := a.post(path, "k", good()...); r.status != 200 || r.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("got %d %v", r.status, r.body)
		}
	})
	t.Run("a missing object is remembered, since the work had begun", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		a.post(path+"/pi_none/confirm", "k")
		if r := a.post(path+"/pi_none/confirm", "k"); r.status != 404 || r.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("got %d %v", r.status, r.header)
		}
	})
	t.Run("neither a refused sign-in nor a rate limit is remembered", func(t *testing.T) {
		plane := control.New()
		a := newAccount(t, stripe.Options{Plane: plane})
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("amount=1200&currency=usd"))
		r.Header.Set("Authorization", "Bearer sk_test_wrong_key_here")
		r.Header.Set("Idempotency-Key", "k")
		if got := a.serve(r); got.status != 401 || strings.Contains(got.failure()["message"].(string), "wrong_key") {
			t.Errorf("got %d %v", got.status, got.body)
		}
		rules(t, plane, control.Rule{Match: control.Match{Times: 1}, Effect: control.Effect{Status: 429, RetryAfter: "2"}})
		if got := a.post(path, "k", good()...); got.status != 429 || got.failure()["code"] != "rate_limit" || got.header.Get("Retry-After") != "2" {
			t.Errorf("got %d %v", got.status, got.body)
		}
		if got := a.post(path, "k", good()...); got.status != 200 || got.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("got %d %v", got.status, got.body)
		}
	})
	t.Run("a failure during the work is remembered", func(t *testing.T) {
		plane := control.New()
		a := newAccount(t, stripe.Options{Plane: plane})
		rules(t, plane, control.Rule{Match: control.Match{Times: 1}, Effect: control.Effect{Status: 500, During: true}})
		a.post(path, "k", good()...)
		if r := a.post(path, "k", good()...); r.status != 500 || r.header.Get("Idempotent-Replayed") != "true" || r.failure()["type"] != "api_error" {
			t.Errorf("got %d %v", r.status, r.body)
		}
		if r := a.post(path, "k2", good()...); r.status != 200 || a.count("payment_intents") != 2 {
			t.Errorf("got %d %v", r.status, r.body)
		}
	})
}

func TestServer_IdempotencyTime(t *testing.T) {
	t.Run("while the first is running the second is told to wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			plane := control.New()
			a := newAccount(t, stripe.Options{Plane: plane})
			rules(t, plane, control.Rule{Match: control.Match{Times: 1}, Effect: control.Effect{DelayMs: 5000, During: true}})
			var first reply
			var wg sync.WaitGroup
			wg.Go(func() { first = a.post(path, "k", good()...) })
			synctest.Wait()
			if r := a.post(path, "k", good()...); r.status != 409 || r.failure()["code"] != "idempotency_key_in_use" {
				t.Errorf("got %d %v", r.status, r.body)
			}
			wg.Wait()
			if r := a.post(path, "k", good()...); r.id() != first.id() || first.id() == "" {
				t.Errorf("got %v, then %v", first.body, r.body)
			}
		})
	})
	t.Run("after a day the key is new again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newAccount(t, stripe.Options{})
			first := a.post(path, "k", good()...)
			<-time.After(24*time.Hour - time.Second)
			if r := a.post(path, "k", good()...); r.id() != first.id() {
				t.Error("forgotten too early")
			}
			<-time.After(time.Second)
			if r := a.post(path, "k", good()...); r.status != 200 || r.id() == first.id() {
				t.Error("remembered too long")
			}
		})
	})
	t.Run("a key has at most 255 characters", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		if r := a.post(path, strings.Repeat("k", 256), good()...); r.status != 400 {
			t.Errorf("got %d", r.status)
		}
	})
	t.Run("fifty at once have one effect", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { a.post(path, "k", good()...) })
		}
		wg.Wait()
		if n := a.count("payment_intents"); n != 2 {
			t.Errorf("there are %d intents", n)
		}
	})
}

func rules(t *testing.T, plane *control.Plane, r ...control.Rule) {
	t.Helper()
	if err := plane.SetRules(r); err != nil {
		t.Fatal(err)
	}
}
