package bff_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/bff/memory"
)

// rig is a server with everything behind it, in memory.
type rig struct {
	t        *testing.T
	stores   bff.Stores
	crm      *bfftest.CRM
	payments *bfftest.Payments
	registry *bff.DeviceRegistry
	server   *bff.Server
	token    string
}

const (
	demoLogin    = "demo@fieldpay.com"
	demoPassword = "demo123"
)

// newRig starts a server over a store; change may alter its options.
func newRig(t *testing.T, change func(*bff.ServerOptions)) *rig {
	t.Helper()
	r := &rig{t: t, stores: memory.New().Stores(), crm: bfftest.NewCRM(), payments: bfftest.NewPayments()}
	demo := bff.User{ID: "user-001", Login: demoLogin, Name: "Jordan Rivera", Email: "jordan.rivera@fieldpay.example.com", PasswordHash: demoHash, Territories: []string{bff.EveryTerritory}}
	if _, err := r.stores.Users.AddUser(t.Context(), demo); err != nil {
		t.Fatal(err)
	}
	identity, err := bff.NewIdentity(bff.IdentityOptions{
		Users: r.stores.Users, Sessions: r.stores.Sessions, Secret: bytes.Repeat([]byte("s"), 32), InstanceURL: "https://mock.salesforce.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	rights, err := bff.NewRights(bff.RightsOptions{Users: r.stores.Users, CRM: r.crm})
	if err != nil {
		t.Fatal(err)
	}
	registry, err := bff.NewDeviceRegistry(bff.DeviceRegistryOptions{
		Enrolments: r.stores.Enrolments, Audit: r.stores.Audit, Policy: bff.EnrolAtSignIn,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.registry = registry
	processor, err := bff.NewProcessor(bff.ProcessorOptions{
		Ledger: r.stores.Ledger, CRM: r.crm, Payments: r.payments, Requests: r.stores.PaymentRequests, Rights: rights, Audit: r.stores.Audit,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := bff.ServerOptions{
		Processor: processor, Identity: identity, Registry: registry, Rights: rights, CRM: r.crm, Payments: r.payments, Devices: r.stores.Devices, Events: r.stores.Events, Telemetry: r.stores.Telemetry,
		Ledger: r.stores.Ledger, Retention: r.stores.Retention,
		Ready: r.stores.Ping, ProbeKey: bytes.Repeat([]byte("p"), 32), Version: "1.2.3", AllowLoopbackOrigins: true,
	}
	if change != nil {
		change(&o)
	}
	if r.server, err = bff.NewServer(o); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- r.server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("running: %v", err)
		}
	})
	return r
}

// RoundTrip answers a request of the generated client in this process.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	req.RemoteAddr = "192.0.2.7:4711"
	if req.Body == nil {
		req.Body = http.NoBody
	}
	r.server.ServeHTTP(rec, req)
	return rec.Result(), nil
}

// Bearer is the token that the generated client sends.
func (r *rig) Bearer(context.Context, api.OperationName) (api.Bearer, error) {
	return api.Bearer{Token: r.token}, nil
}

func (r *rig) client() *api.Client {
	r.t.Helper()
	c, err := api.NewClient("http://bff.test", r, api.WithClient(&http.Client{Transport: r}))
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *rig) signIn() *api.LoginResponse {
	r.t.Helper()
	res, err := r.client().Login(r.t.Context(), &api.LoginRequest{Username: demoLogin, Password: demoPassword})
	if err != nil {
		r.t.Fatalf("signing in: %v", err)
	}
	r.token = res.Tokens.AccessToken
	return res
}

// answer is a raw answer.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

// call sends a raw request; headers are pairs.
func (r *rig) call(method, path, body string, headers ...string) answer {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader(body))
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	r.server.ServeHTTP(rec, req)
	a := answer{status: rec.Code, header: rec.Header(), text: rec.Body.String()}
	if strings.HasPrefix(a.text, "{") {
		if err := json.Unmarshal(rec.Body.Bytes(), &a.body); err != nil {
			r.t.Fatalf("%s %s answers no JSON: %s", method, path, a.text)
		}
	}
	return a
}

func TestServer_MainJob(t *testing.T) {
	r := newRig(t, nil)
	login := r.signIn()
	if login.User.Name != "Jordan Rivera" || login.Tokens.InstanceUrl != "https://mock.salesforce.example.com" {
		t.Errorf("signed in as %+v with %q", login.User, login.Tokens.InstanceUrl)
	}
	invoice, payment := action.NewID(), action.NewID()
	batch := &api.SyncRequest{Actions: rawItems(
		`{"id":"`+invoice+`","type":"create_invoice","payload":{"accountId":"acc-001","currency":"jpy","lines":[{"description":"Work","quantity":"2","unitPrice":5000}]}}`,
		`{"id":"`+payment+`","type":"record_payment","after":"`+invoice+`","payload":{"invoiceId":"`+invoice+`","amount":10000,"currency":"jpy","method":"cash"}}`,
	)}
	for i := range 5 {
		res, err := r.client().SyncActions(t.Context(), batch)
		if err != nil {
			t.Fatalf("sync: %v", err)
		}
		if len(res.Succeeded) != 2 || len(res.Failed) != 0 || res.Results[1].Replayed.Or(false) != (i > 0) {
			t.Errorf("send %d: %+v", i, res)
		}
	}
	invoices, err := r.client().ListInvoices(t.Context(), api.ListInvoicesParams{AccountId: api.NewOptString("acc-001")})
	if err != nil {
		t.Fatal(err)
	}
	if len(invoices) != 2 || invoices[0].Amount != 10000 || invoices[0].Status != api.InvoiceStatusPaid || invoices[0].ID != invoice {
		t.Errorf("invoices %+v", invoices)
	}
}

func TestServer_Body(t *testing.T) {
	r := newRig(t, nil)
	r.signIn()
	packed := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, s); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	t.Run("a packed body is read", func(t *testing.T) {
		a := r.call("POST", "/sync/actions", packed(`{"actions":[]}`), "Content-Encoding", "gzip")
		if a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("a packed body that is too large unpacked is refused", func(t *testing.T) {
		bomb := packed(`{"actions":["` + strings.Repeat("a", 8<<20) + `"]}`)
		if a := r.call("POST", "/sync/actions", bomb, "Content-Encoding", "gzip"); a.status != 413 || a.body["code"] != "too_large" {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("a body over 1 MiB is refused", func(t *testing.T) {
		if a := r.call("POST", "/sync/actions", `{"actions":["`+strings.Repeat("a", 1<<20)+`"]}`); a.status != 413 || a.body["error"] != "Payload Too Large" {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("what is not packed but says so is refused", func(t *testing.T) {
		if a := r.call("POST", "/sync/actions", `{"actions":[]}`, "Content-Encoding", "gzip"); a.status != 400 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("an unknown packing is refused", func(t *testing.T) {
		if a := r.call("POST", "/sync/actions", `{"actions":[]}`, "Content-Encoding", "br"); a.status != 415 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("more than 500 actions are too many for one request", func(t *testing.T) {
		if a := r.call("POST", "/sync/actions", `{"actions":[`+strings.Repeat("1,", 500)+`1]}`); a.status != 413 || a.body["code"] != "too_large" {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
}
