package stripe_test

import (
	"strings"
	"testing"

	"fieldpay/sandbox/stripe"
)

func TestServer_Declines(t *testing.T) {
	for card, want := range map[string]struct{ code, decline string }{
		"pm_card_chargeDeclined":                  {"card_declined", "generic_decline"},
		"pm_card_chargeDeclinedInsufficientFunds": {"card_declined", "insufficient_funds"},
		"pm_card_visa_chargeDeclinedLostCard":     {"card_declined", "lost_card"},
		"pm_card_chargeDeclinedExpiredCard":       {"expired_card", ""},
		"pm_card_chargeDeclinedProcessingError":   {"processing_error", ""},
	} {
		t.Run(card, func(t *testing.T) {
			a := newAccount(t, stripe.Options{})
			p := a.intent()
			r := a.post("/v1/payment_intents/"+p.id()+"/confirm", "", "payment_method="+card)
			e := r.failure()
			decline, _ := e["decline_code"].(string)
			if r.status != 402 || e["type"] != "card_error" || e["code"] != want.code || decline != want.decline {
				t.Fatalf("got %d %v", r.status, r.body)
			}
			inside := e["payment_intent"].(map[string]any)
			last := inside["last_payment_error"].(map[string]any)
			if inside["status"] != "requires_payment_method" || inside["payment_method"] != nil || last["code"] != want.code || e["charge"] != inside["latest_charge"] {
				t.Errorf("the intent is %v", inside)
			}
			if r := a.post("/v1/payment_intents/"+p.id()+"/confirm", "", "payment_method=pm_card_visa"); r.body["status"] != "succeeded" {
				t.Errorf("another card answered %d %v", r.status, r.body)
			}
		})
	}
	t.Run("a card that wants its owner asks for them, and refuses when they are away", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		away := a.post("/v1/payment_intents", "", "amount=1200", "currency=usd", "confirm=true", "off_session=true", "payment_method=pm_card_authenticationRequired")
		if e := away.failure(); away.status != 402 || e["code"] != "authentication_required" || e["decline_code"] != "authentication_required" {
			t.Errorf("away: %d %v", away.status, away.body)
		}
		there := a.intent("confirm=true", "payment_method=pm_card_authenticationRequired")
		if there.body["status"] != "requires_action" {
			t.Fatalf("there: %v", there.body)
		}
		link := there.body["next_action"].(map[string]any)["redirect_to_url"].(map[string]any)["url"].(string)
		path := link[strings.Index(link, "/authenticate"):]
		w := page(a, path)
		if got := a.get("/v1/payment_intents/" + there.id()); w != 200 || got.body["status"] != "succeeded" {
			t.Errorf("after the page (%d): %v", w, got.body)
		}
		if w := page(a, path); w != 404 {
			t.Errorf("the page answers %d twice", w)
		}
	})
	t.Run("some cards cannot even be saved", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		c := a.post("/v1/customers", "", "email=a@example.com")
		if r := a.post("/v1/payment_methods/pm_card_chargeDeclined/attach", "", "customer="+c.id()); r.status != 402 {
			t.Errorf("got %d %v", r.status, r.body)
		}
		if r := a.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", "", "customer="+c.id()); r.status != 200 {
			t.Errorf("got %d %v", r.status, r.body)
		}
	})
}

func TestServer_Amounts(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	tests := []struct {
		name, amount, currency string
		status                 int
		code, param            string
	}{
		{"the least dollar amount is 50 cents", "50", "usd", 200, "", ""},
		{"and not 49", "49", "usd", 400, "amount_too_small", "amount"},
		{"pounds may be less", "30", "gbp", 200, "", ""},
		{"eight digits are the most", "99999999", "usd", 200, "", ""},
		{"and not nine", "100000000", "usd", 400, "amount_too_large", "amount"},
		{"nothing is not an amount", "0", "usd", 400, "parameter_invalid_integer", "amount"},
		{"nor is less", "-5", "usd", 400, "parameter_invalid_integer", "amount"},
		{"nor a fraction", "10.5", "usd", 400, "parameter_invalid_integer", "amount"},
		{"nor a word", "ten", "usd", 400, "parameter_invalid_integer", "amount"},
		{"dinars end in zero", "12345", "kwd", 400, "parameter_invalid_integer", "amount"},
		{"these do", "12340", "kwd", 200, "", ""},
		{"krónur are sent with two zeros", "150", "isk", 400, "parameter_invalid_integer", "amount"},
		{"yen have no decimals", "50", "jpy", 200, "", ""},
		{"a currency is known", "500", "xyz", 400, "", "currency"},
		{"and given", "500", "", 400, "parameter_missing", "currency"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := a.post("/v1/payment_intents", "", "amount="+tt.amount, "currency="+tt.currency)
			code, _ := r.failure()["code"].(string)
			param, _ := r.failure()["param"].(string)
			if r.status != tt.status || code != tt.code || param != tt.param {
				t.Errorf("got %d %v", r.status, r.body)
			}
		})
	}
}

func TestServer_Refusals(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	p := a.intent()
	tests := []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"an unknown parameter", "POST", "/v1/payment_intents", "amount=500&currency=usd&colour=red", 400, "parameter_unknown"},
		{"an unknown route", "GET", "/v1/planets", "", 404, ""},
		{"an unknown intent", "GET", "/v1/payment_intents/pi_none", "", 404, "resource_missing"},
		{"an unknown customer", "POST", "/v1/payment_intents", "amount=500&currency=usd&customer=cus_none", 400, "resource_missing"},
		{"an unknown card", "POST", "/v1/payment_intents/" + p.id() + "/confirm", "payment_method=pm_none", 400, "resource_missing"},
		{"confirming without a card", "POST", "/v1/payment_intents/" + p.id() + "/confirm", "", 400, "payment_intent_unexpected_state"},
		{"capturing what was not held", "POST", "/v1/payment_intents/" + p.id() + "/capture", "", 400, "payment_intent_unexpected_state"},
		{"off_session without confirm", "POST", "/v1/payment_intents", "amount=500&currency=usd&off_session=true", 400, ""},
		{"a card number", "POST", "/v1/payment_methods", "type=card&card[number]=4242424242424242", 402, ""},
		{"metadata with brackets", "POST", "/v1/customers", "metadata[a[b]]=c", 400, "parameter_invalid_empty"},
		{"metadata that is too long", "POST", "/v1/customers", "metadata[a]=" + strings.Repeat("x", 501), 400, ""},
		{"a page of none", "GET", "/v1/payment_intents?limit=0", "", 400, "parameter_invalid_integer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := a.send(tt.method, tt.path, "", tt.body)
			if code, _ := r.failure()["code"].(string); r.status != tt.status || code != tt.code || r.failure()["type"] != "invalid_request_error" {
				t.Errorf("got %d %v", r.status, r.body)
			}
		})
	}
}
