package stripepay_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

const (
	goodCard     = "pm_card_visa"
	declinedCard = "pm_card_chargeDeclinedInsufficientFunds"
)

func pageRequest() bff.PageRequest {
	return bff.PageRequest{
		Key: actionID + ":page", ActionID: actionID, InvoiceID: "inv-002", Title: "Invoice INV-002", Amount: 175000, Currency: "USD",
		DoneURL: "http://127.0.0.1:1/pay/done", CancelledURL: "http://127.0.0.1:1/pay/cancelled", ExpiresAt: time.Now().Add(time.Hour),
	}
}

// pay is the customer at a page, and answers the status of what the browser got.
func (a *account) pay(address, card string) int {
	a.t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(address, url.Values{"payment_method": {card}})
	if err != nil {
		a.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		a.t.Error(err)
	}
	return resp.StatusCode
}

// succeeded finds the one intent that an event says was paid since the test began.
func (a *account) succeeded() bff.Intent {
	a.t.Helper()
	events, err := a.Client.Events(a.t.Context(), time.Now().Add(-time.Hour))
	if err != nil {
		a.t.Fatal(err)
	}
	var paid []string
	for _, e := range events {
		if e.Type == "payment_intent.succeeded" {
			paid = append(paid, e.IntentID)
		}
	}
	if len(paid) != 1 {
		a.t.Fatalf("paid are %v", paid)
	}
	in, err := a.Client.Intent(a.t.Context(), paid[0])
	if err != nil {
		a.t.Fatal(err)
	}
	return in
}

func TestClient_CreateLink(t *testing.T) {
	t.Run("makes one link, whatever answer is lost, that is paid once and says what it pays", func(t *testing.T) {
		a := newAccount(t)
		request := pageRequest()
		for _, path := range []string{"/v1/prices", "/v1/payment_links"} {
			a.fail(control.Rule{Match: control.Match{Method: "POST", Path: path, Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
			if _, err := a.Client.CreateLink(t.Context(), request); err != nil { // the transport may have asked again by itself
				wantCode(t, err, action.StripeDown)
			}
		}
		link, err := a.Client.CreateLink(t.Context(), request)
		if err != nil || !strings.HasPrefix(link.URL, a.url) || link.Status != bff.PageOpen || a.count("payment_links") != 1 {
			t.Fatalf("%+v %v, %d links", link, err, a.count("payment_links"))
		}
		for range 2 {
			a.pay(link.URL, goodCard)
		}
		in := a.succeeded()
		if in.InvoiceID != "inv-002" || in.ActionID != actionID || in.AmountReceived != 175000 || in.Currency != "usd" {
			t.Errorf("%+v", in)
		}
	})
	t.Run("keeps the minor units of a currency", func(t *testing.T) {
		a := newAccount(t)
		request := pageRequest()
		request.Amount, request.Currency = 500, "jpy"
		link, err := a.Client.CreateLink(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		a.pay(link.URL, goodCard)
		if in := a.succeeded(); in.AmountReceived != 500 || in.Currency != "jpy" {
			t.Errorf("%+v", in)
		}
	})
	t.Run("an amount that Stripe refuses is the form's fault", func(t *testing.T) {
		a := newAccount(t)
		request := pageRequest()
		request.Amount = 1
		if link, err := a.Client.CreateLink(t.Context(), request); err == nil {
			t.Errorf("%+v", link)
		}
	})
}

func TestClient_Checkout(t *testing.T) {
	t.Run("is open, stays open through a decline, and is paid with its intent", func(t *testing.T) {
		a := newAccount(t)
		page, err := a.Client.CreateCheckout(t.Context(), pageRequest())
		if err != nil || page.Status != bff.PageOpen || page.URL == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		a.pay(page.URL, declinedCard)
		if read, err := a.Client.Checkout(t.Context(), page.ID); err != nil || read.Status != bff.PageOpen {
			t.Errorf("after a decline %+v, %v", read, err)
		}
		if got := a.pay(page.URL, goodCard); got != http.StatusSeeOther {
			t.Errorf("the browser got %d", got)
		}
		read, err := a.Client.Checkout(t.Context(), page.ID)
		if in := a.succeeded(); err != nil || read.Status != bff.PagePaid || read.IntentID != in.ID || in.ActionID != actionID || in.InvoiceID != "inv-002" {
			t.Errorf("%+v %v, intent %+v", read, err, in)
		}
	})
	t.Run("one that nobody made is not a payment", func(t *testing.T) {
		a := newAccount(t)
		_, err := a.Client.Checkout(t.Context(), "cs_test_404")
		wantCode(t, err, action.UnknownPayment)
	})
	t.Run("saves the card when the customer agreed", func(t *testing.T) {
		a := newAccount(t)
		request := pageRequest()
		var err error
		if request.CustomerID, err = a.Client.Customer(t.Context(), "acc-001"); err != nil {
			t.Fatal(err)
		}
		page, err := a.Client.CreateCheckout(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		a.pay(page.URL, goodCard)
		cards, err := a.Client.Cards(t.Context(), "acc-001")
		if err != nil || len(cards) != 1 || cards[0].Last4 != "4242" || cards[0].CustomerID != request.CustomerID {
			t.Errorf("%+v, %v", cards, err)
		}
	})
}
