package stripepay_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/stripepay"
)

// answering is a Stripe that gives one answer to everything.
func answering(t *testing.T, status int, body string, headers ...string) *stripepay.Client {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(web.Close)
	return newClient(t, stripepay.Options{Key: testKey, BaseURL: web.URL})
}

func spoken(kind, code, more string) string {
	return fmt.Sprintf(`{"error":{"type":%q,"code":%q,"message":"canary Jane Doe"%s}}`, kind, code, more)
}

type errorRow struct {
	name   string
	status int
	body   string
	want   action.Code
}

func errorRows() []errorRow {
	const card, invalid, api, idem = "card_error", "invalid_request_error", "api_error", "idempotency_error"
	return []errorRow{
		{"a page of a proxy", 502, "<html>canary</html>", action.StripeDown},
		{"a page with a good status", 200, "<html>canary</html>", action.StripeDown},
		{"an object that is not an intent", 200, `{}`, action.StripeDown},
		{"a redirect", 302, "", action.StripeDown},
		{"too much, without a word", 429, "", action.RateLimited},
		{"no access, without a word", 401, "", action.UpstreamLogin},
		{"JSON without an error", 500, `{"canary":1}`, action.StripeDown},
		{"a failure of Stripe's", 500, spoken(api, "", ""), action.StripeDown},
		{"not available", 503, spoken(api, "", ""), action.StripeDown},
		{"a key that is in use", 409, spoken(idem, "idempotency_key_in_use", ""), action.Busy},
		{"another 409", 409, spoken(invalid, "", ""), action.Busy},
		{"a lock", 429, spoken(invalid, "lock_timeout", ""), action.Busy},
		{"a rate", 429, spoken(invalid, "rate_limit", ""), action.RateLimited},
		{"another 429", 429, spoken(invalid, "", ""), action.RateLimited},
		{"a key with other parameters", 400, spoken(idem, "", ""), action.ContentChanged},
		{"the same with 409", 409, spoken(idem, "", ""), action.ContentChanged},
		{"a wrong API key", 401, spoken(invalid, "", ""), action.UpstreamLogin},
		{"an API key without the right", 403, spoken(invalid, "", ""), action.UpstreamLogin},
		{"an API key that has expired", 401, spoken(invalid, "api_key_expired", ""), action.UpstreamLogin},
		{"an API key of a platform that has expired", 401, spoken(invalid, "platform_api_key_expired", ""), action.UpstreamLogin},
		{"a key that is not secret", 401, spoken(invalid, "secret_key_required", ""), action.UpstreamLogin},
		{"an account that takes test charges alone", 403, spoken(invalid, "testmode_charges_only", ""), action.UpstreamLogin},
		{"a test key's object in live mode", 400, spoken(invalid, "livemode_mismatch", ""), action.UpstreamLogin},
		{"an unknown object", 404, spoken(invalid, "resource_missing", `,"param":"intent"`), action.UnknownPayment},
		{"an unknown address", 404, spoken(invalid, "", ""), action.UnknownPayment},
		{"an unknown payment method", 400, spoken(invalid, "resource_missing", `,"param":"payment_method"`), action.InvalidPayload},
		{"a decline", 402, spoken(card, "card_declined", `,"decline_code":"generic_decline"`), action.CardDeclined},
		{"a decline for a reason not known yet", 402, spoken(card, "new_reason", ""), action.CardDeclined},
		{"an expired card", 402, spoken(card, "expired_card", ""), action.CardDeclined},
		{"a wrong code", 402, spoken(card, "incorrect_cvc", ""), action.CardDeclined},
		{"a wrong number", 402, spoken(card, "incorrect_number", ""), action.CardDeclined},
		{"a bank that cannot be asked", 402, spoken(card, "processing_error", ""), action.CardDeclined},
		{"too many declines", 402, spoken(card, "card_decline_rate_limit_exceeded", ""), action.CardDeclined},
		{"a bank that wants a confirmation", 402, spoken(card, "authentication_required", ""), action.AuthenticationRequired},
		{"the same as a decline code", 402, spoken(card, "card_declined", `,"decline_code":"authentication_required"`), action.AuthenticationRequired},
		{"a confirmation that failed", 402, spoken(card, "payment_intent_authentication_failure", ""), action.AuthenticationRequired},
		{"a state that does not fit", 400, spoken(invalid, "payment_intent_unexpected_state", ""), action.PaymentMismatch},
		{"a charge that is captured", 400, spoken(invalid, "charge_already_captured", ""), action.PaymentMismatch},
		{"a charge that is refunded", 400, spoken(invalid, "charge_already_refunded", ""), action.PaymentMismatch},
		{"an invoice that is closed", 400, spoken(invalid, "invoice_not_editable", ""), action.PaymentMismatch},
		{"a method that does not fit", 400, spoken(invalid, "payment_intent_incompatible_payment_method", ""), action.PaymentIncomplete},
		{"a method in another state", 400, spoken(invalid, "payment_method_unexpected_state", ""), action.PaymentIncomplete},
		{"an attempt that failed", 402, spoken(invalid, "payment_intent_payment_attempt_failed", ""), action.PaymentIncomplete},
		{"an attempt that expired", 402, spoken(invalid, "payment_intent_payment_attempt_expired", ""), action.PaymentIncomplete},
		{"too little", 400, spoken(invalid, "amount_too_small", `,"param":"amount"`), action.InvalidPayload},
		{"too much money", 400, spoken(invalid, "amount_too_large", `,"param":"amount"`), action.InvalidPayload},
		{"a wrong parameter", 400, spoken(invalid, "parameter_invalid_integer", ""), action.InvalidPayload},
		{"an empty parameter", 400, spoken(invalid, "parameter_invalid_empty", ""), action.InvalidPayload},
		{"a missing parameter", 400, spoken(invalid, "parameter_missing", ""), action.InvalidPayload},
		{"an unknown parameter", 400, spoken(invalid, "parameter_unknown", ""), action.InvalidPayload},
		{"another wrong request", 400, spoken(invalid, "", ""), action.InvalidPayload},
	}
}

func TestClient_has_one_treatment_for_each_failure(t *testing.T) {
	reached := map[action.Code]bool{}
	for _, tt := range errorRows() {
		reached[tt.want] = true
		t.Run(tt.name, func(t *testing.T) {
			c := answering(t, tt.status, tt.body)
			_, err := c.Intent(t.Context(), "pi_1")
			wantCode(t, err, tt.want)
			if text := err.Error() + action.MessageOf(err); strings.Contains(text, "canary") || strings.Contains(text, testKey) {
				t.Errorf("the error tells too much: %s", text)
			}
		})
	}
	t.Run("every code that has a treatment is named here", func(t *testing.T) {
		for _, code := range stripepay.TreatedCodes() {
			if !slices.ContainsFunc(errorRows(), func(r errorRow) bool { return strings.Contains(r.body, `"code":"`+code+`"`) }) {
				t.Errorf("nobody tries %s", code)
			}
		}
	})
	t.Run("every code that the port promises is reached", func(t *testing.T) {
		for _, code := range []action.Code{
			action.UnknownPayment, action.CardDeclined, action.AuthenticationRequired, action.StripeDown, action.RateLimited,
			action.UpstreamLogin, action.Busy, action.ContentChanged, action.InvalidPayload, action.PaymentMismatch, action.PaymentIncomplete,
		} {
			if !reached[code] {
				t.Errorf("nothing leads to %s", code)
			}
		}
	})
	t.Run("nothing that passes is settled, and nothing that is settled passes", func(t *testing.T) {
		passing := []action.Code{action.StripeDown, action.RateLimited, action.UpstreamLogin, action.Busy}
		for code := range reached {
			if code.Class().Settles() == slices.Contains(passing, code) {
				t.Errorf("%s is of class %s", code, code.Class())
			}
		}
	})
}

func TestClient_asks_to_be_left_alone_as_long_as_Stripe_does(t *testing.T) {
	c := answering(t, 429, "", "Retry-After", "7")
	_, err := c.Intent(t.Context(), "pi_1")
	if e, ok := errors.AsType[*action.Error](err); !ok || e.RetryAfter != 7*time.Second {
		t.Errorf("%v", err)
	}
}

func TestClient_without_a_way_to_Stripe(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	web.Close()
	c := newClient(t, stripepay.Options{Key: testKey, BaseURL: web.URL})
	_, err := c.CreateIntent(t.Context(), bff.IntentRequest{Key: "k", InvoiceID: "inv-002", Amount: 100, Currency: "usd"})
	wantCode(t, err, action.StripeDown)
	if strings.Contains(err.Error(), "/v1/") {
		t.Errorf("the error has an address: %v", err)
	}
}

func TestNew_refuses(t *testing.T) {
	for name, o := range map[string]stripepay.Options{
		"no key":                     {Key: " "},
		"an address that is none":    {Key: "k", BaseURL: "stripe"},
		"an address of another kind": {Key: "k", BaseURL: "ftp://stripe"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := stripepay.New(o); err == nil {
				t.Error("it was taken")
			}
		})
	}
}
