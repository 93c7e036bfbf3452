package stripe_test

import (
	"net/http/httptest"
	"testing"

	"fieldpay/sandbox/stripe"
)

// page visits a page as a browser would and returns its status.
func page(a *account, path string) int {
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code
}

func TestServer_Capture(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	held := func() reply {
		return a.intent("capture_method=manual", "confirm=true", "payment_method=pm_card_visa")
	}
	t.Run("money is held, then part of it taken", func(t *testing.T) {
		p := held()
		if p.body["status"] != "requires_capture" || p.body["amount_capturable"] != 1200.0 || p.body["amount_received"] != 0.0 {
			t.Fatalf("held %v", p.body)
		}
		if r := a.post("/v1/payment_intents/"+p.id()+"/capture", "", "amount_to_capture=1201"); r.status != 400 {
			t.Errorf("too much: %d", r.status)
		}
		r := a.post("/v1/payment_intents/"+p.id()+"/capture", "", "amount_to_capture=700")
		if r.body["status"] != "succeeded" || r.body["amount_received"] != 700.0 {
			t.Errorf("captured %v", r.body)
		}
	})
	t.Run("or let go", func(t *testing.T) {
		p := held()
		r := a.post("/v1/payment_intents/"+p.id()+"/cancel", "", "cancellation_reason=abandoned")
		if r.body["status"] != "canceled" || r.body["cancellation_reason"] != "abandoned" {
			t.Errorf("canceled %v", r.body)
		}
		if r := a.post("/v1/payment_intents/"+p.id()+"/cancel", ""); r.failure()["code"] != "payment_intent_unexpected_state" {
			t.Errorf("twice: %v", r.body)
		}
	})
}

func TestServer_Refund(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	p := a.intent("confirm=true", "payment_method=pm_card_visa")
	refund := func(pairs ...string) reply {
		return a.post("/v1/refunds", "", append(pairs, "payment_intent="+p.id())...)
	}
	if r := refund("amount=200"); r.status != 200 || r.body["status"] != "succeeded" {
		t.Fatalf("part: %d %v", r.status, r.body)
	}
	if r := refund("amount=1001"); r.status != 400 {
		t.Errorf("more than is left: %d", r.status)
	}
	if r := refund(); r.body["amount"] != 1000.0 {
		t.Errorf("the rest: %v", r.body)
	}
	if r := refund(); r.failure()["code"] != "charge_already_refunded" {
		t.Errorf("once more: %v", r.body)
	}
}

func TestServer_CardOnFile(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	c := a.post("/v1/customers", "", "email=alice@example.com", "metadata[account]=acc-001")
	m := a.post("/v1/payment_methods", "", "type=card", "card[token]=tok_visa")
	if r := a.post("/v1/payment_methods/"+m.id()+"/attach", "", "customer="+c.id()); r.body["customer"] != c.id() {
		t.Fatalf("attached %v", r.body)
	}
	t.Run("it is listed with its customer", func(t *testing.T) {
		for _, path := range []string{"/v1/payment_methods?type=card&customer=" + c.id(), "/v1/customers/" + c.id() + "/payment_methods"} {
			if data := a.get(path).body["data"].([]any); len(data) != 1 || data[0].(map[string]any)["id"] != m.id() {
				t.Errorf("%s gave %v", path, data)
			}
		}
	})
	t.Run("it can be charged for its customer only", func(t *testing.T) {
		if r := a.post("/v1/payment_intents", "", "amount=500", "currency=usd", "payment_method="+m.id()); r.status != 400 {
			t.Errorf("without the customer: %d", r.status)
		}
		r := a.post("/v1/payment_intents", "", "amount=500", "currency=usd", "customer="+c.id(), "payment_method="+m.id(), "confirm=true", "off_session=true", "expand[]=customer")
		if r.body["status"] != "succeeded" || r.body["customer"].(map[string]any)["email"] != "alice@example.com" {
			t.Errorf("charged %v", r.body)
		}
	})
	t.Run("a customer can be found by address and deleted", func(t *testing.T) {
		if data := a.get("/v1/customers?email=alice@example.com").body["data"].([]any); len(data) != 1 {
			t.Errorf("found %v", data)
		}
		if r := a.send("DELETE", "/v1/customers/"+c.id(), "", ""); r.body["deleted"] != true {
			t.Errorf("deleted %v", r.body)
		}
		if r := a.get("/v1/customers/" + c.id()); r.status != 404 {
			t.Errorf("still there: %v", r.body)
		}
	})
}

func TestServer_List(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	var ids []string
	for range 5 {
		ids = append(ids, a.intent().id())
	}
	first := a.get("/v1/payment_intents?limit=2")
	data := first.body["data"].([]any)
	if first.body["has_more"] != true || len(data) != 2 || data[0].(map[string]any)["id"] != ids[4] {
		t.Fatalf("first page %v", first.body)
	}
	next := a.get("/v1/payment_intents?limit=2&starting_after=" + ids[3]).body["data"].([]any)
	if next[0].(map[string]any)["id"] != ids[2] {
		t.Errorf("next page %v", next)
	}
	back := a.get("/v1/payment_intents?limit=2&ending_before=" + ids[1]).body["data"].([]any)
	if back[0].(map[string]any)["id"] != ids[3] || back[1].(map[string]any)["id"] != ids[2] {
		t.Errorf("page before %v", back)
	}
	if recent := a.get("/v1/payment_intents?created[gte]=1735689600").body["data"].([]any); len(recent) != 5 {
		t.Errorf("since 2025 there are %d", len(recent)) // the seed is older
	}
}
