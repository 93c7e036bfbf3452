package stripe_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/sandbox/stripe"
)

func checkoutForm(more ...string) []string {
	return append([]string{"mode=payment", "success_url=https://shop.example/done?s={CHECKOUT_SESSION_ID}", "cancel_url=https://shop.example/back",
		"line_items[0][quantity]=2", "line_items[0][price_data][currency]=usd", "line_items[0][price_data][unit_amount]=600",
		"line_items[0][price_data][product_data][name]=Invoice <7>", "payment_intent_data[metadata][action_id]=a1", "metadata[action_id]=a1"}, more...)
}

// link makes a payment link of 12.00 usd that one payment closes.
func (a *account) link() reply {
	a.t.Helper()
	price := a.post("/v1/prices", "", "currency=usd", "unit_amount=1200", "product_data[name]=Invoice 7")
	l := a.post("/v1/payment_links", "", "line_items[0][price]="+price.id(), "line_items[0][quantity]=1",
		"restrictions[completed_sessions][limit]=1", "payment_intent_data[metadata][action_id]=a1")
	if l.status != http.StatusOK {
		a.t.Fatalf("making a link: %d %v", l.status, l.body)
	}
	return l
}

// visit is a browser at an address of the account: a card means that the form is sent.
func (a *account) visit(address, card string) *httptest.ResponseRecorder {
	a.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		a.t.Fatal(err)
	}
	r := httptest.NewRequest("GET", u.RequestURI(), nil)
	if card != "" {
		r = httptest.NewRequest("POST", u.RequestURI(), strings.NewReader("payment_method="+card))
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	return w
}

func (a *account) effect(name string) int {
	a.t.Helper()
	n, _ := a.server.State()["effects"].(map[string]any)[name].(int)
	return n
}

func TestServer_Checkout(t *testing.T) {
	t.Run("a card that goes through completes the session and leads back", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		s := a.post("/v1/checkout/sessions", "", checkoutForm()...)
		if s.body["status"] != "open" || s.body["payment_status"] != "unpaid" || s.body["amount_total"] != 1200.0 || s.body["payment_intent"] != nil {
			t.Fatalf("%d %v", s.status, s.body)
		}
		address, _ := s.body["url"].(string)
		shown := a.visit(address, "")
		policy := shown.Header().Get("Content-Security-Policy")
		if !strings.Contains(shown.Body.String(), "Invoice &lt;7&gt;") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'self' https://shop.example") {
			t.Errorf("%s %s", policy, shown.Body)
		}
		if w := a.visit(address, "pm_card_visa"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://shop.example/done?s="+s.id() {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		done := a.get("/v1/checkout/sessions/" + s.id() + "?expand[]=payment_intent")
		p, _ := done.body["payment_intent"].(map[string]any)
		if done.body["status"] != "complete" || done.body["payment_status"] != "paid" || done.body["url"] != nil || p["status"] != "succeeded" || fmt.Sprint(p["metadata"]) != "map[action_id:a1]" {
			t.Errorf("%v", done.body)
		}
		a.visit(address, "pm_card_visa")
		if n := a.effect("chargesSucceeded"); n != 2 { // the seed's and ours
			t.Errorf("%d charges", n)
		}
		for _, kind := range []string{"checkout.session.completed", "payment_intent.succeeded"} {
			if events, _ := a.get("/v1/events?type=" + kind).body["data"].([]any); len(events) != 1 {
				t.Errorf("%d events %s", len(events), kind)
			}
		}
	})
	t.Run("a declined card leaves it open, and another may pay with the same intent", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		s := a.post("/v1/checkout/sessions", "", checkoutForm()...)
		address, _ := s.body["url"].(string)
		if w := a.visit(address, "pm_card_chargeDeclinedInsufficientFunds"); !strings.Contains(w.Body.String(), "insufficient funds") || !strings.Contains(w.Body.String(), "<form") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		before := a.get("/v1/checkout/sessions/" + s.id())
		a.visit(address, "pm_card_visa")
		after := a.get("/v1/checkout/sessions/" + s.id())
		if before.body["status"] != "open" || after.body["status"] != "complete" || before.body["payment_intent"] != after.body["payment_intent"] {
			t.Errorf("before %v, after %v", before.body, after.body)
		}
	})
	t.Run("a bank that asks completes it after the answer", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		s := a.post("/v1/checkout/sessions", "", checkoutForm()...)
		address, _ := s.body["url"].(string)
		bank := a.visit(address, "pm_card_authenticationRequired").Header().Get("Location")
		if a.get("/v1/checkout/sessions/" + s.id()).body["status"] != "open" {
			t.Error("complete before the bank has answered")
		}
		if w := a.visit(bank, ""); w.Header().Get("Location") != address || a.get("/v1/checkout/sessions/" + s.id()).body["status"] != "complete" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	})
	t.Run("its time runs out", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newAccount(t, stripe.Options{})
			s := a.post("/v1/checkout/sessions", "", checkoutForm(fmt.Sprintf("expires_at=%d", time.Now().Add(time.Hour).Unix()))...)
			address, _ := s.body["url"].(string)
			time.Sleep(time.Hour)
			if w := a.visit(address, "pm_card_visa"); strings.Contains(w.Body.String(), "<form") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if got := a.get("/v1/checkout/sessions/" + s.id()); got.body["status"] != "expired" || a.effect("chargesSucceeded") != 1 {
				t.Errorf("%v", got.body)
			}
		})
	})
}

func TestServer_Checkout_refuses(t *testing.T) {
	for name, change := range map[string]string{
		"another mode":          "mode=subscription",
		"an address of no web":  "success_url=javascript:1",
		"a time of ten minutes": fmt.Sprintf("expires_at=%d", time.Now().Add(10*time.Minute).Unix()),
		"nobody's customer":     "customer=cus_404",
		"no quantity":           "line_items[0][quantity]=0",
		"a made-up currency":    "line_items[0][price_data][currency]=zzz",
		"too little":            "line_items[0][price_data][unit_amount]=1",
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, stripe.Options{})
			field, _, _ := strings.Cut(change, "=")
			form := []string{change}
			for _, pair := range checkoutForm() {
				if !strings.HasPrefix(pair, field+"=") {
					form = append(form, pair)
				}
			}
			if r := a.post("/v1/checkout/sessions", "", form...); r.status != http.StatusBadRequest || a.count("checkout_sessions") != 0 {
				t.Errorf("%d %v", r.status, r.body)
			}
		})
	}
}

func TestServer_PaymentLink(t *testing.T) {
	t.Run("is paid once, and says so to whoever comes next", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		l := a.link()
		address, _ := l.body["url"].(string)
		if w := a.visit(address, ""); !strings.Contains(w.Body.String(), "12.00 USD") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		for range 2 {
			a.visit(address, "pm_card_visa")
		}
		if w := a.visit(address, ""); !strings.Contains(w.Body.String(), "has been paid") || strings.Contains(w.Body.String(), "<form") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if n := a.effect("chargesSucceeded"); n != 2 || a.get("/v1/payment_links/" + l.id()).body["active"] != false { // the seed's and ours
			t.Errorf("%d charges", n)
		}
	})
	t.Run("a repeat under its key is the same link", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		price := a.post("/v1/prices", "k1", "currency=usd", "unit_amount=1200", "product_data[name]=A")
		form := []string{"line_items[0][price]=" + price.id(), "line_items[0][quantity]=1"}
		one, two := a.post("/v1/payment_links", "k2", form...), a.post("/v1/payment_links", "k2", form...)
		if one.id() == "" || one.id() != two.id() || a.count("payment_links") != 1 || a.get("/v1/prices/" + price.id()).body["unit_amount"] != 1200.0 {
			t.Errorf("%v and %v", one.body, two.body)
		}
	})
	t.Run("an address that is none has nothing to pay", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		if w := a.visit("/pay/plink_404", "pm_card_visa"); w.Code != http.StatusNotFound {
			t.Errorf("%d", w.Code)
		}
	})
	t.Run("what is no card is refused and leaves nothing behind", func(t *testing.T) {
		a := newAccount(t, stripe.Options{})
		before := a.count("payment_intents")
		if w := a.visit(a.link().body["url"].(string), "pm_404"); w.Code != http.StatusBadRequest || a.count("payment_intents") != before {
			t.Errorf("%d, %d intents", w.Code, a.count("payment_intents"))
		}
	})
}

func TestServer_SearchCustomers(t *testing.T) {
	a := newAccount(t, stripe.Options{})
	made := a.post("/v1/customers", "", "metadata[account_id]=acc-001")
	for query, want := range map[string]string{
		"metadata['account_id']:'acc-001'": made.id(), "metadata['account_id']:'acc-002'": "cus_mock_002", "metadata['account_id']:'acc-003'": "",
	} {
		r := a.get("/v1/customers/search?query=" + url.QueryEscape(query))
		data, _ := r.body["data"].([]any)
		got := ""
		if len(data) > 0 {
			got, _ = data[0].(map[string]any)["id"].(string)
		}
		if r.status != http.StatusOK || got != want || len(data) > 1 {
			t.Errorf("%s: %d %v", query, r.status, r.body)
		}
	}
	for _, query := range []string{"", "email:'a'", "metadata['a']:'b' OR metadata['c']:'d'"} {
		if r := a.get("/v1/customers/search?query=" + url.QueryEscape(query)); r.status != http.StatusBadRequest {
			t.Errorf("%q answered %d", query, r.status)
		}
	}
}
