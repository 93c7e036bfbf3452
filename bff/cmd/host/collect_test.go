package host_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/cmd/host"
)

// The cards that a customer types, and those that the sandbox has on file of
// acc-002, whose open invoice is inv-002.
const (
	goodCard      = "pm_card_visa"
	declinedCard  = "pm_card_chargeDeclinedInsufficientFunds"
	savedCard     = "pm_mock_002"
	savedDeclined = "pm_mock_003"
)

// collect sends a collect_payment of the whole balance of inv-002.
func (c *client) collect(id, how string) action.Outcome {
	c.t.Helper()
	var a synced
	c.call("POST", "/sync/actions", fmt.Sprintf(
		`{"actions":[{"id":%q,"type":"collect_payment","payload":{"invoiceId":"inv-002","amount":175000,"currency":"usd",%s}}]}`, id, how), http.StatusOK, &a)
	if len(a.Results) != 1 {
		c.t.Fatalf("%+v", a)
	}
	return a.Results[0]
}

// outcome asks what became of an action.
func (c *client) outcome(id string) action.Outcome {
	c.t.Helper()
	var a synced
	c.call("POST", "/sync/outcomes", fmt.Sprintf(`{"ids":[%q]}`, id), http.StatusOK, &a)
	if len(a.Results) != 1 {
		c.t.Fatalf("%+v", a)
	}
	return a.Results[0]
}

// invoiceOf reads inv-002 as the CRM has it.
func (c *client) invoiceOf() invoice {
	c.t.Helper()
	var all []invoice
	c.call("GET", "/salesforce/invoices?accountId=acc-002", "", http.StatusOK, &all)
	for _, inv := range all {
		if inv.ID == "inv-002" {
			return inv
		}
	}
	c.t.Fatal("inv-002 is gone")
	return invoice{}
}

// eventually waits for what an event brings about: it comes over the network.
func (c *client) eventually(what string, holds func() bool) {
	c.t.Helper()
	tick, enough := time.NewTicker(20*time.Millisecond), time.NewTimer(20*time.Second)
	defer tick.Stop()
	defer enough.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-enough.C:
			c.t.Fatalf("never: %s", what)
		}
	}
}

// pay is the customer at a page of the card processor's.
func (c *client) pay(page, card string) *http.Response {
	c.t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(page, url.Values{"payment_method": {card}})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		c.t.Error(err)
	}
	return res
}

func (c *client) wantPaid(paid int64) {
	c.t.Helper()
	if inv := c.invoiceOf(); inv.Paid != paid {
		c.t.Errorf("%d is booked, not %d: %+v", inv.Paid, paid, inv)
	}
}

func TestHost_PaymentLink(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	id := action.NewID()
	asked := c.collect(id, `"method":"payment_link"`)
	if asked.Status != action.StatusApplied || asked.Result != action.ResultRequested || asked.Link == "" {
		t.Fatalf("%+v", asked)
	}
	if again := c.collect(id, `"method":"payment_link"`); again.Link != asked.Link {
		t.Errorf("a repeat has the link %q and not %q", again.Link, asked.Link)
	}
	c.pay(asked.Link, declinedCard)
	if o := c.outcome(id); o.Result != action.ResultRequested {
		t.Errorf("after a decline %+v", o)
	}
	c.wantPaid(0)
	c.pay(asked.Link, goodCard)
	c.eventually("the link is paid", func() bool { return c.outcome(id).Result == action.ResultPaid })
	c.pay(asked.Link, goodCard)
	c.wantPaid(175000)
}

func TestHost_Checkout(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	c.key = action.NewID()
	type checkout struct {
		ID, Status, URL string
		Booked          bool
	}
	const body = `{"invoiceId":"inv-002","amount":175000,"currency":"usd","saveCard":true}`
	var opened, again, read checkout
	c.call("POST", "/stripe/checkout", body, http.StatusOK, &opened)
	c.call("POST", "/stripe/checkout", body, http.StatusOK, &again)
	if opened.Status != "open" || opened.URL == "" || again != opened {
		t.Fatalf("%+v, again %+v", opened, again)
	}
	back := c.pay(opened.URL, goodCard)
	if !strings.HasPrefix(back.Header.Get("Location"), h.URL()+"/pay/done") {
		t.Errorf("the browser is sent to %q", back.Header.Get("Location"))
	}
	c.eventually("the event books it, without anybody asking for the checkout", func() bool { return c.invoiceOf().Paid == 175000 })
	c.eventually("the checkout is booked", func() bool {
		c.call("GET", "/stripe/checkout/"+c.key, "", http.StatusOK, &read)
		return read.Booked
	})
	if read.Status != "paid" || read.URL != "" {
		t.Errorf("%+v", read)
	}
	var cards []struct{ ID, Last4 string }
	c.call("GET", "/stripe/accounts/acc-002/cards", "", http.StatusOK, &cards)
	if len(cards) != 3 { // those on file and the one that was saved
		t.Errorf("%+v", cards)
	}
	c.wantPaid(175000)
}

func TestHost_CardOnFile(t *testing.T) {
	const password = "correct horse battery"
	folder := t.TempDir()
	err := openOffice(t, folder).AddUser(t.Context(), host.NewUser{
		Login: "pat@example.com", Role: bff.RoleOffice, Territories: []string{bff.EveryTerritory},
	}, strings.NewReader(password+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, host.Config{DataDir: folder})
	defer closeHost(t, h)
	c := signedInAs(t, h.URL(), "pat@example.com", password)
	declined := c.collect(action.NewID(), `"method":"card_on_file","cardId":"`+savedDeclined+`"`)
	if declined.Code != action.CardDeclined || declined.Error == "" {
		t.Errorf("%+v", declined)
	}
	c.wantPaid(0)
	charged := c.collect(action.NewID(), `"method":"card_on_file","cardId":"`+savedCard+`"`)
	if charged.Status != action.StatusApplied || charged.Result != action.ResultPaid {
		t.Fatalf("%+v", charged)
	}
	c.wantPaid(175000)
	type refund struct {
		ID, Status string
		Amount     int64
	}
	var made, again refund
	c.key = action.NewID()
	for _, into := range []*refund{&made, &again} {
		c.call("POST", "/stripe/refund", `{"invoiceId":"inv-002","amount":50000,"currency":"usd"}`, http.StatusOK, into)
	}
	if made.Status != "succeeded" || made.Amount != 50000 || made != again {
		t.Errorf("%+v, again %+v", made, again)
	}
	c.eventually("the office reads of it in Salesforce", func() bool {
		return strings.Contains(cardNote(t, h), "Given back at Stripe: 500.00 USD of 1750.00 USD")
	})
	c.key = action.NewID()
	c.call("POST", "/stripe/refund", `{"invoiceId":"inv-002","amount":125001,"currency":"usd"}`, http.StatusUnprocessableEntity, nil)
	c.call("POST", "/stripe/refund", `{"invoiceId":"inv-002","amount":125000,"currency":"usd"}`, http.StatusOK, nil)
	c.eventually("and of the rest", func() bool { return strings.Contains(cardNote(t, h), "1750.00 USD of 1750.00 USD") })
	if n := strings.Count(cardNote(t, h), "500.00 USD of"); n != 1 {
		t.Errorf("noted %d times: %q", n, cardNote(t, h))
	}
	c.wantPaid(175000) // what was received stays received; what went back is the office's to book
}

// cardNote is what stands on the card payment of inv-002 in Salesforce.
func cardNote(t *testing.T, h *host.Host) string {
	t.Helper()
	for _, p := range recordsOf(t, h, "Payment__c") {
		if note, there := p["Note__c"].(string); there && p["Stripe_Payment_Intent_Id__c"] != "pi_mock_001" {
			return note
		}
	}
	return ""
}

// recordsOf are the records of an object in Salesforce.
func recordsOf(t *testing.T, h *host.Host, object string) []map[string]any {
	t.Helper()
	var state struct{ Objects map[string][]map[string]any }
	control(t, "GET", h.Sandbox().SalesforceURL()+"/__control/state", "", &state)
	return state.Objects[object]
}
