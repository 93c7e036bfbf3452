package bffclient_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// moneyCall is one request about money as it arrived.
type moneyCall struct {
	path, key string
	body      map[string]any
}

// money answers every call under path with body, and notes the calls.
func (s *server) money(path string, body map[string]any) *[]moneyCall {
	calls := &[]moneyCall{}
	s.on(path, func(w http.ResponseWriter, r *http.Request) {
		call := moneyCall{path: r.URL.Path, key: r.Header.Get("Idempotency-Key")}
		_ = json.Unmarshal(plainBody(r), &call.body) // a question has none
		*calls = append(*calls, call)
		if s.signedIn(w, r) {
			answer(w, http.StatusOK, body)
		}
	})
	return calls
}

func asked() bffclient.PaymentAsked {
	return bffclient.PaymentAsked{ID: action.NewID(), InvoiceID: "inv-002", Amount: 175000, Currency: "usd"}
}

func TestClient_BeginCheckout(t *testing.T) {
	t.Run("it goes under the id of the caller, after a renewal too", func(t *testing.T) {
		s := newServer(t)
		p := asked()
		calls := s.money("/stripe/checkout", map[string]any{"id": p.ID, "status": "open", "url": "https://pay.example/cs_1", "booked": false})
		s.access = "access-9" // the token of the wallet has ended
		got, err := newClient(t, s.URL, newWallet()).BeginCheckout(t.Context(), p, false)
		if err != nil || got != (bffclient.Checkout{ID: p.ID, Status: bffclient.CheckoutOpen, URL: "https://pay.example/cs_1"}) {
			t.Fatalf("got %+v, %v", got, err)
		}
		if len(*calls) != 2 || (*calls)[0].key != p.ID || (*calls)[1].key != p.ID {
			t.Errorf("asked %v", *calls)
		}
		if _, said := (*calls)[1].body["saveCard"]; said {
			t.Error("nobody agreed to have the card saved")
		}
	})
	t.Run("a part of the balance, and a card to be saved, are said", func(t *testing.T) {
		s := newServer(t)
		p := asked()
		p.Partial = true
		calls := s.money("/stripe/checkout", map[string]any{"id": p.ID, "status": "paid", "booked": true})
		got, err := newClient(t, s.URL, newWallet()).BeginCheckout(t.Context(), p, true)
		if err != nil || got.Status != bffclient.CheckoutPaid || !got.Booked {
			t.Fatalf("got %+v, %v", got, err)
		}
		if body := (*calls)[0].body; body["partial"] != true || body["saveCard"] != true || body["amount"] != 175000.0 {
			t.Errorf("sent %v", body)
		}
	})
	t.Run("a lost answer may have made the page", func(t *testing.T) {
		s := newServer(t)
		s.on("/stripe/checkout", writeRaw("HTTP/1.1 200 OK\r\n"))
		_, err := newClient(t, s.URL, newWallet()).BeginCheckout(t.Context(), asked(), false)
		wantCode(t, err, action.AnswerLost)
	})
	t.Run("what is paid already is told", func(t *testing.T) {
		s := newServer(t)
		s.on("/stripe/checkout", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusConflict, action.InvoicePaid, nil)
		})
		_, err := newClient(t, s.URL, newWallet()).BeginCheckout(t.Context(), asked(), false)
		wantCode(t, err, action.InvoicePaid)
	})
}

func TestClient_Checkout(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s.URL, newWallet())
	t.Run("a checkout is asked for by its id", func(t *testing.T) {
		calls := s.money("/stripe/checkout/one", map[string]any{"id": "one", "status": "expired", "booked": false})
		got, err := c.Checkout(t.Context(), "one")
		if err != nil || got.Status != bffclient.CheckoutExpired || got.URL != "" || (*calls)[0].key != "" {
			t.Errorf("got %+v, %v, asked %v", got, err, *calls)
		}
	})
	t.Run("one that the server does not know", func(t *testing.T) {
		s.on("/stripe/checkout/gone", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusNotFound, action.UnknownPayment, nil)
		})
		_, err := c.Checkout(t.Context(), "gone")
		wantCode(t, err, action.UnknownPayment)
	})
	for what, body := range map[string]map[string]any{
		"another checkout":            {"id": "other", "status": "paid", "booked": true},
		"a page without TLS":          {"id": "one", "status": "open", "booked": false, "url": "http://pay.example/cs_1"},
		"an address that runs code":   {"id": "one", "status": "open", "booked": false, "url": "javascript:alert(1)"},
		"an address of a file":        {"id": "one", "status": "open", "booked": false, "url": "file:///etc/passwd"},
		"an address with a password":  {"id": "one", "status": "open", "booked": false, "url": "https://a:b@pay.example/"},
		"a page that has no address ": {"id": "one", "status": "open", "booked": false, "url": "/cs_1"},
	} {
		t.Run("not believed: "+what, func(t *testing.T) {
			s.money("/stripe/checkout/one", body)
			got, err := c.Checkout(t.Context(), "one")
			wantCode(t, err, action.Busy)
			if got != (bffclient.Checkout{}) {
				t.Errorf("got %+v", got)
			}
		})
	}
	t.Run("the page of a sandbox on this machine may be plain", func(t *testing.T) {
		s.money("/stripe/checkout/one", map[string]any{"id": "one", "status": "open", "booked": false, "url": "http://127.0.0.1:4242/pay/cs_1"})
		if got, err := c.Checkout(t.Context(), "one"); err != nil || got.URL == "" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestClient_CreatePaymentLink(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s.URL, newWallet())
	p := asked()
	t.Run("a link is requested money", func(t *testing.T) {
		calls := s.money("/stripe/payment-link", map[string]any{"id": p.ID, "url": "https://pay.example/plink_1", "result": "requested"})
		got, err := c.CreatePaymentLink(t.Context(), p)
		if err != nil || got != (bffclient.PaymentLink{ID: p.ID, URL: "https://pay.example/plink_1", Result: action.ResultRequested}) {
			t.Errorf("got %+v, %v", got, err)
		}
		if (*calls)[0].key != p.ID {
			t.Errorf("asked %v", *calls)
		}
	})
	t.Run("a link without an address is none", func(t *testing.T) {
		s.money("/stripe/payment-link", map[string]any{"id": p.ID, "url": "", "result": "requested"})
		_, err := c.CreatePaymentLink(t.Context(), p)
		wantCode(t, err, action.Busy)
	})
}

func TestClient_Refund(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s.URL, newWallet())
	r := bffclient.RefundAsked{ID: action.NewID(), InvoiceID: "inv-002", Amount: 5000, Currency: "usd"}
	t.Run("only what Stripe calls succeeded has left", func(t *testing.T) {
		for status, done := range map[string]bool{"succeeded": true, "pending": false, "requires_action": false, "failed": false} {
			s.money("/stripe/refund", map[string]any{"id": "re_1", "amount": 5000, "currency": "usd", "status": status})
			got, err := c.Refund(t.Context(), r)
			if err != nil || got.Done() != done || got.Amount != 5000 {
				t.Errorf("%s: got %+v, %v", status, got, err)
			}
		}
	})
	t.Run("a representative gives nothing back", func(t *testing.T) {
		s.on("/stripe/refund", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusForbidden, action.NotAllowed, nil)
		})
		_, err := c.Refund(t.Context(), r)
		wantCode(t, err, action.NotAllowed)
	})
}
