package host_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/cmd/host"
)

// asked makes a request that may fail, and returns the text of its answer.
func (c *client) asked(method, path, body string, header ...string) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// Secrets, tokens and what people write are planted as canaries, on good ways
// and bad ones, and looked for in everything that the server tells operators:
// its log at its wordiest, metrics, traces and the audit log. No answer may have
// a secret of the server.
func TestHost_canaries(t *testing.T) {
	config, traces := liveConfig(t), newTraceCollector(t)
	config.JWTSecret, config.MetricsListen, config.TraceEndpoint = "canary-jwt-secret-of-32-characters", "127.0.0.1:0", traces.URL
	const password = "canary-password"
	o := openOffice(t, config.DataDir)
	person := host.NewUser{Login: "canary-login", Name: "canary-name", Email: "canary@example.com", Role: bff.RoleOffice}
	if err := o.AddUser(t.Context(), person, strings.NewReader(password)); err != nil {
		t.Fatal(err)
	}
	o.out.Reset() // the office sees whom it adds
	var log lockedLog
	h, err := host.Start(t.Context(), config, zerolog.New(&log).Level(zerolog.TraceLevel))
	if err != nil {
		t.Fatal(err)
	}
	c := signedInAs(t, h.URL(), person.Login, password)
	invoice := func() string {
		return `{"actions":[{"id":"` + action.NewID() + `","type":"create_invoice","payload":{"accountId":"acc-001","currency":"usd","description":"canary-text","lines":[{"description":"canary-line","quantity":"1","unitPrice":100}]}},
			{"id":"` + action.NewID() + `","type":"log_visit","payload":{"accountId":"acc-001","outcome":"met","note":"canary-note"}},
			{"id":"` + action.NewID() + `","type":"create_contact","payload":{"accountId":"acc-999","firstName":"canary","lastName":"canary"}}]}`
	}
	answers := []string{
		c.asked("POST", "/sync/actions", invoice()),
		c.asked("POST", "/sync/actions", `{"actions":["canary-item",{"id":"canary-id"}]}`),
		c.asked("POST", "/sync/actions", `{"actions":canary-json`),
		c.asked("POST", "/auth/login", `{"username":"canary-nobody","password":"canary-guess"}`),
		c.asked("POST", "/auth/refresh", `{"refreshToken":"fp_rt_canary.canary"}`),
		c.asked("GET", "/salesforce/accounts?search=canary-search", ""),
		c.asked("GET", "/salesforce/invoices/canary-invoice", ""),
		c.asked("GET", "/canary-route?canary=query", ""),
		c.asked("POST", "/stripe/payment-intent", `{"invoiceId":"inv-002","amount":175000,"currency":"usd"}`),
		c.asked("POST", "/stripe/webhook", `{"id":"evt_canary"}`, "Stripe-Signature", "t=1,v1=canary"),
		c.asked("GET", "/salesforce/invoices", "", "Authorization", "Bearer canary-token"),
		c.asked("GET", "/salesforce/invoices", "", "FieldPay-Signature", "v1;canary-device;1;canary-nonce-canary;canary"),
	}
	for _, upstream := range []string{config.SalesforceLoginURL, config.StripeAPIBase} {
		control(t, "POST", upstream+"/__control/faults", `[{"match":{"path":"/"},"effect":{"status":503}}]`, nil)
	}
	answers = append(answers, c.asked("POST", "/stripe/payment-intent", `{"invoiceId":"inv-003","amount":50000,"currency":"usd"}`),
		c.asked("GET", "/salesforce/accounts?search=canary-search", ""), c.asked("GET", "/ready", ""), c.asked("GET", "/health?nonce=canary-nonce", ""))
	metrics := (&client{t: t, url: h.MetricsURL()}).asked("GET", "", "")
	if err := h.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if err := o.ShowAudit(t.Context(), bff.AuditQuery{}); err != nil {
		t.Error(err)
	}
	audit := bytes.Clone(o.out.Bytes())
	for place, text := range map[string]string{"the log": log.String(), "metrics": metrics, "traces": traces.told(), "the audit log": string(audit)} {
		if len(text) < 200 {
			t.Errorf("%s says too little for this to prove anything: %s", place, text)
		}
		for _, canary := range []string{"canary", c.token, "$argon2"} {
			for at := strings.Index(text, canary); at >= 0; at = -1 {
				t.Errorf("%s has %q: …%s…", place, canary, text[max(0, at-120):min(len(text), at+60)])
			}
		}
	}
	tellsNoSecret(t, answers, config)
}

// tellsNoSecret looks for secrets of the server in answers.
func tellsNoSecret(t *testing.T, answers []string, c host.Config) {
	t.Helper()
	for _, text := range answers {
		for _, secret := range []string{c.JWTSecret, c.SalesforceClientSecret, c.StripeSecretKey, c.StripeWebhookSecret, "$argon2"} {
			if strings.Contains(text, secret) {
				t.Errorf("an answer has a secret: %s", text)
			}
		}
	}
}
