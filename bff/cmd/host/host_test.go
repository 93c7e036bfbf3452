package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
)

// client is a reference client: plain HTTP and JSON.
type client struct {
	t     *testing.T
	url   string
	token string
	key   string // the Idempotency-Key of what needs one
}

func start(t *testing.T, c host.Config) *host.Host {
	t.Helper()
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	h, err := host.Start(t.Context(), c, zerolog.Nop())
	if err != nil {
		t.Fatalf("starting: %v", err)
	}
	return h
}

func closeHost(t *testing.T, h *host.Host) {
	t.Helper()
	if err := h.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("closing: %v", err)
	}
}

func signedIn(t *testing.T, url string) *client {
	t.Helper()
	return signedInAs(t, url, "demo@fieldpay.com", "demo123")
}

func signedInAs(t *testing.T, url, login, password string) *client {
	t.Helper()
	c := &client{t: t, url: url}
	var res struct {
		Tokens struct{ AccessToken string }
	}
	c.call("POST", "/auth/login", fmt.Sprintf(`{"username":%q,"password":%q}`, login, password), http.StatusOK, &res)
	c.token = res.Tokens.AccessToken
	return c
}

func (c *client) call(method, path, body string, status int, into any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		c.t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

type synced struct {
	Succeeded []string
	Failed    []struct{ ID, Error string }
	Results   []action.Outcome
}

type invoice struct {
	ID, Currency, Status, StripePaymentIntentID string
	Amount, Paid, Balance                       int64
}

func mainJob(yen, dollars, cash string) string {
	return fmt.Sprintf(`{"actions":[
		{"id":%[1]q,"type":"create_invoice","payload":{"accountId":"acc-001","currency":"jpy","lines":[
			{"description":"Travel","quantity":"1","unitPrice":3000},{"description":"Work","quantity":"2.5","unitPrice":4000,"taxRate":"10"},
			{"description":"Parts","quantity":"3","unitPrice":333,"discount":99}]}},
		{"id":%[2]q,"type":"create_invoice","payload":{"accountId":"acc-002","amount":125050,"currency":"usd"}},
		{"id":%[3]q,"type":"record_payment","after":%[1]q,"payload":{"invoiceId":%[1]q,"amount":5000,"currency":"jpy","method":"cash","tendered":10000,"change":5000}}
	]}`, yen, dollars, cash)
}

func TestHost_MainJob(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	yen, dollars, cash := action.NewID(), action.NewID(), action.NewID()
	var work sync.WaitGroup
	answers := make([]synced, 5)
	for i := range answers {
		work.Go(func() { c.call("POST", "/sync/actions", mainJob(yen, dollars, cash), http.StatusOK, &answers[i]) })
	}
	work.Wait()
	for _, a := range answers {
		if len(a.Succeeded) != 3 || len(a.Failed) != 0 || a.Results[0].ServerID != answers[0].Results[0].ServerID {
			t.Errorf("answer %+v", a)
		}
	}
	var invoices []invoice
	c.call("GET", "/salesforce/invoices", "", http.StatusOK, &invoices)
	seen := map[string]invoice{}
	for _, inv := range invoices {
		if _, twice := seen[inv.ID]; twice {
			t.Errorf("%s is there twice", inv.ID)
		}
		seen[inv.ID] = inv
	}
	if got := seen[yen]; got.Amount != 14900 || got.Currency != "jpy" || got.Paid != 5000 || got.Balance != 9900 || got.Status != "pending" {
		t.Errorf("the yen invoice: %+v", got)
	}
	if got := seen[dollars]; got.Amount != 125050 || got.Status != "draft" || len(seen) != 5 {
		t.Errorf("the dollar invoice: %+v among %d", got, len(seen))
	}
}

func TestHost_Failures(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	for name, tt := range map[string]struct{ kind, payload, status, code string }{
		"an empty payload":    {"create_invoice", `{}`, "failed", "invalid_payload"},
		"an unknown account":  {"create_invoice", `{"accountId":"acc-404","amount":1,"currency":"usd"}`, "failed", "unknown_account"},
		"a negative amount":   {"create_invoice", `{"accountId":"acc-001","amount":-1,"currency":"usd"}`, "failed", "invalid_payload"},
		"an unknown currency": {"create_invoice", `{"accountId":"acc-001","amount":1,"currency":"zzz"}`, "failed", "invalid_payload"},
		"an unknown invoice":  {"record_payment", `{"invoiceId":"inv-404","amount":1,"currency":"usd","method":"cash"}`, "failed", "unknown_invoice"},
		"an unknown payment":  {"sync_payment", `{"invoiceId":"inv-002","paymentIntentId":"pi_404","chargeId":"ch_1"}`, "failed", "unknown_payment"},
		"an unknown type":     {"teleport", `{}`, "waiting", "unknown_type"},
		"too much money":      {"record_payment", `{"invoiceId":"inv-001","amount":1,"currency":"usd","method":"cash"}`, "review", "overpaid"},
		"a changed invoice":   {"update_invoice", `{"invoiceId":"inv-003","baseVersion":99,"description":"x"}`, "review", "version_conflict"},
	} {
		var a synced
		c.call("POST", "/sync/actions", fmt.Sprintf(`{"actions":[{"id":%q,"type":%q,"payload":%s}]}`, action.NewID(), tt.kind, tt.payload), http.StatusOK, &a)
		if o := a.Results[0]; string(o.Status) != tt.status || string(o.Code) != tt.code || o.Error == "" {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestHost_Restart(t *testing.T) {
	folder := t.TempDir()
	first := start(t, host.Config{DataDir: folder})
	c := signedIn(t, first.URL())
	id := action.NewID()
	batch := fmt.Sprintf(`{"actions":[{"id":%q,"type":"log_visit","payload":{"accountId":"acc-001","note":"n","outcome":"met"}}]}`, id)
	var before, after synced
	c.call("POST", "/sync/actions", batch, http.StatusOK, &before)
	if _, err := host.Start(t.Context(), host.Config{DataDir: folder, Listen: "127.0.0.1:0"}, zerolog.Nop()); err == nil {
		t.Error("two servers share a data folder")
	}
	closeHost(t, first)
	second := start(t, host.Config{DataDir: folder})
	defer closeHost(t, second)
	c.url = second.URL()
	c.call("POST", "/sync/actions", batch, http.StatusOK, &after)
	if o := after.Results[0]; !o.Replayed || o.ServerID == "" || o.ServerID != before.Results[0].ServerID {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestHost_CardPayment(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	var intent struct{ PaymentIntentID, ClientSecret string }
	c.call("POST", "/stripe/payment-intent", `{"invoiceId":"inv-002","amount":175000,"currency":"usd"}`, http.StatusOK, &intent)
	var ack struct {
		Received bool
		Status   string
	}
	body := fmt.Sprintf(`{"paymentIntentId":%q,"invoiceId":"inv-002","accountId":"acc-002"}`, intent.PaymentIntentID)
	for range 2 {
		c.call("POST", "/stripe/webhook", body, http.StatusOK, &ack)
	}
	var invoices []invoice
	c.call("GET", "/salesforce/invoices?accountId=acc-002", "", http.StatusOK, &invoices)
	if !ack.Received || ack.Status != "succeeded" || invoices[0].Status != "paid" || invoices[0].Paid != 175000 {
		t.Errorf("ack %+v, invoice %+v", ack, invoices[0])
	}
}

func TestConfig_Check(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*host.Config)
		want   string
	}{
		"the defaults are complete":          {func(*host.Config) {}, ""},
		"mock means sandbox":                 {func(c *host.Config) { c.SalesforceMode, c.StripeMode = "mock", "mock" }, ""},
		"live Salesforce needs its address":  {func(c *host.Config) { c.SalesforceMode = "live" }, "SALESFORCE_LOGIN_URL"},
		"live Stripe needs its key":          {func(c *host.Config) { c.StripeMode = "live" }, "STRIPE_SECRET_KEY"},
		"live Stripe refuses the public key": {func(c *host.Config) { c.StripeMode, c.StripeSecretKey = "live", "sk_test_sandbox" }, "everybody knows"},
		"another store is not known":         {func(c *host.Config) { c.Store = "paper" }, "FIELDPAY_BFF_STORE"},
		"a PostgreSQL database is a store":   {func(c *host.Config) { c.Store = database.Database(t) }, ""},
		"providers need time to answer":      {func(c *host.Config) { c.TakeOver = time.Second }, "FIELDPAY_BFF_TAKE_OVER"},
		"an address must be one":             {func(c *host.Config) { c.StripeAPIBase = "localhost:1" }, "STRIPE_API_BASE"},
		"an unknown mode is refused":         {func(c *host.Config) { c.StripeMode = "dry" }, "STRIPE_MODE"},
	} {
		t.Run(name, func(t *testing.T) {
			c := host.Config{DataDir: t.TempDir(), Store: "sqlite", SalesforceMode: "sandbox", StripeMode: "sandbox"}
			tt.change(&c)
			var said bytes.Buffer
			err := host.CheckConfig(t.Context(), c, &said)
			if got := fmt.Sprint(err); (tt.want == "") != (err == nil) || !strings.Contains(got, tt.want) && tt.want != "" {
				t.Errorf("error %v, said %s", err, said.String())
			}
			if tt.want == "" {
				return
			}
			if h, err := host.Start(t.Context(), c, zerolog.Nop()); err == nil {
				closeHost(t, h)
				t.Error("it starts nevertheless")
			}
		})
	}
}

func Example() {
	folder, err := os.MkdirTemp("", "fieldpay-bff")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	h, err := host.Start(context.Background(), host.Config{Listen: "127.0.0.1:0", DataDir: filepath.Join(folder, "bff")}, zerolog.Nop())
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := http.Get(h.URL() + "/ready")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.StatusCode, res.Header.Get("FieldPay-Protocol"), res.Body.Close(), h.Close(context.Background()))
	// Output: 200 1 <nil> <nil>
}
