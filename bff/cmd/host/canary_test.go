package host_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
)

const hookSecret = "whsec_of_the_test"

// notice is an event on its way to the server.
type notice struct {
	id, intent string
	// amount is what the event says; Stripe itself may say otherwise.
	amount  int64
	secret  string
	at      time.Time
	version string
	// change is done to the body after it was signed.
	change func([]byte) []byte
	// bare leaves the signature out.
	bare bool
}

// tell sends an event as Stripe does, and returns the status of the answer.
func (c *client) tell(n notice) int {
	c.t.Helper()
	if n.secret == "" {
		n.secret = hookSecret
	}
	if n.version == "" {
		n.version = stripe.APIVersion
	}
	if n.at.IsZero() {
		n.at = time.Now()
	}
	body, err := json.Marshal(map[string]any{
		"id": n.id, "object": "event", "api_version": n.version, "created": n.at.Unix(), "type": "payment_intent.succeeded",
		"data": map[string]any{"object": map[string]any{
			"id": n.intent, "object": "payment_intent", "status": "succeeded", "amount": n.amount, "amount_received": n.amount, "currency": "usd",
			"metadata": map[string]any{"invoice_id": "inv-002"},
		}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: n.secret, Timestamp: n.at})
	if n.change != nil {
		body = n.change(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/stripe/webhook", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if !n.bare {
		req.Header.Set("Stripe-Signature", signed.Header)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		c.t.Error(err)
	}
	return res.StatusCode
}

// atStripe calls Stripe with the server's key, behind the server's back.
func atStripe(t *testing.T, h *host.Host, path string, form url.Values) (id string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.Sandbox().StripeURL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("sk_test_sandbox", "")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", path, res.Status, body, err)
	}
	var made struct{ ID string }
	if err := json.Unmarshal(body, &made); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// foreignIntent is one that somebody else made in the account, and that was paid.
// It says that it is what a request of ours asked for.
func foreignIntent(t *testing.T, h *host.Host, request, invoice string, amount int, currency string) string {
	t.Helper()
	return atStripe(t, h, "/v1/payment_intents", url.Values{
		"amount": {fmt.Sprint(amount)}, "currency": {currency}, "payment_method_types[]": {"card"}, "payment_method": {goodCard},
		"confirm": {"true"}, "metadata[invoice_id]": {invoice}, "metadata[action_id]": {request},
	})
}

// requestOf is the request that an intent says it is for.
func requestOf(t *testing.T, h *host.Host, intent string) string {
	t.Helper()
	var state struct {
		Objects struct {
			Intents []struct {
				ID       string
				Metadata map[string]string
			} `json:"payment_intents"`
		}
	}
	control(t, "GET", h.Sandbox().StripeURL()+"/__control/state", "", &state)
	for _, in := range state.Objects.Intents {
		if in.ID == intent && in.Metadata["action_id"] != "" {
			return in.Metadata["action_id"]
		}
	}
	t.Fatalf("%s does not say what asked for it", intent)
	return ""
}

// asked is the intent of an invoice as a client gets it, paid where that is said.
func (c *client) asked(h *host.Host, invoice string, amount int, paid bool) string {
	c.t.Helper()
	var in struct{ PaymentIntentID string }
	c.call("POST", "/stripe/payment-intent", fmt.Sprintf(`{"invoiceId":%q,"amount":%d,"currency":"usd"}`, invoice, amount), http.StatusOK, &in)
	if paid {
		atStripe(c.t, h, "/v1/payment_intents/"+in.PaymentIntentID+"/confirm", url.Values{"payment_method": {goodCard}})
	}
	return in.PaymentIntentID
}

func TestHost_WebhookCanaries(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir(), StripeWebhookSecret: hookSecret})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	const balance = 175000
	unpaid := c.asked(h, "inv-002", balance, false)
	request := requestOf(t, h, unpaid)
	before := len(recordsOf(t, h, "Payment__c"))

	for name, tt := range map[string]struct {
		notice
		status int
	}{
		"forged: signed by somebody else": {notice{intent: unpaid, secret: "whsec_guessed"}, 400},
		"forged: not signed at all":       {notice{intent: unpaid, bare: true}, 400},
		"forged: changed after it was signed": {notice{intent: unpaid, change: func(b []byte) []byte {
			return bytes.Replace(b, []byte("175000"), []byte("175001"), 1)
		}}, 400},
		"of another version of the API":             {notice{intent: unpaid, version: "2099-01-01"}, 400},
		"late: signed six minutes ago":              {notice{intent: unpaid, at: time.Now().Add(-6 * time.Minute)}, 400},
		"from the future: signed in six minutes":    {notice{intent: unpaid, at: time.Now().Add(6 * time.Minute)}, 400},
		"about a payment that was not made":         {notice{intent: unpaid}, 200},
		"about a payment that does not exist":       {notice{intent: "pi_404"}, 200},
		"of a wrong amount: less than is asked for": {notice{intent: foreignIntent(t, h, request, "inv-002", 100, "usd")}, 200},
		"of a wrong amount: more than is asked for": {notice{intent: foreignIntent(t, h, request, "inv-002", balance+1, "usd")}, 200},
		"of a wrong currency":                       {notice{intent: foreignIntent(t, h, request, "inv-002", balance, "eur")}, 200},
		"of another invoice":                        {notice{intent: foreignIntent(t, h, request, "inv-003", balance, "usd")}, 200},
		"of an invoice that does not exist":         {notice{intent: foreignIntent(t, h, request, "inv-404", balance, "usd")}, 200},
		"of money that is nobody's":                 {notice{intent: foreignIntent(t, h, request, "", balance, "usd")}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			tt.id, tt.amount = "evt_"+strings.ReplaceAll(action.NewID(), "-", ""), balance
			if got := c.tell(tt.notice); got != tt.status {
				t.Errorf("%d, want %d", got, tt.status)
			}
		})
	}

	c.untilLookedAt(h)
	c.wantPaid(0)
	if n := len(recordsOf(t, h, "Payment__c")); n != before+1 {
		t.Errorf("%d payments more", n-before)
	}

	atStripe(t, h, "/v1/payment_intents/"+unpaid+"/confirm", url.Values{"payment_method": {goodCard}})
	genuine := notice{id: "evt_genuine", intent: unpaid, amount: 999999999, at: time.Now()}
	for range 3 { // replayed, to the byte
		if got := c.tell(genuine); got != http.StatusOK {
			t.Errorf("%d", got)
		}
	}
	for i := range 3 { // and duplicated, under ids of their own
		genuine.id = fmt.Sprint("evt_again", i)
		c.tell(genuine)
	}
	c.untilLookedAt(h)
	c.wantPaid(balance)
	if n := len(recordsOf(t, h, "Payment__c")); n != before+3 {
		t.Errorf("%d payments more", n-before)
	}
}

// untilLookedAt waits until every event so far was looked at: one that comes
// behind them is booked, because they are taken in their order.
func (c *client) untilLookedAt(h *host.Host) {
	c.t.Helper()
	id := action.NewID()
	c.call("POST", "/sync/actions", fmt.Sprintf(
		`{"actions":[{"id":%q,"type":"create_invoice","payload":{"accountId":"acc-001","amount":5000,"currency":"usd"}}]}`, id), http.StatusOK, nil)
	in := c.asked(h, id, 5000, true)
	c.tell(notice{id: "evt_behind_" + in, intent: in, amount: 5000})
	booked := func() bool {
		for _, p := range recordsOf(c.t, h, "Payment__c") {
			if p["Stripe_Payment_Intent_Id__c"] == in {
				return true
			}
		}
		return false
	}
	c.eventually("the event that comes behind is booked", booked)
}
