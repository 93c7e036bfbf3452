package bff_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/bff"
)

func TestServer_CrossOrigin(t *testing.T) {
	preflight := func(r *rig, origin string) answer {
		return r.call("OPTIONS", "/auth/login", "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
	}
	t.Run("a page of this machine may call a development server", func(t *testing.T) {
		r := newRig(t, nil)
		for _, origin := range []string{"http://localhost:8081", "http://127.0.0.1:5173", "http://[::1]:3000"} {
			a := preflight(r, origin)
			if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != origin || a.header.Get("Access-Control-Allow-Methods") != "GET,HEAD,PUT,PATCH,POST,DELETE" ||
				a.header.Get("Access-Control-Allow-Headers") != "content-type" || a.header.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("%s: %d %v", origin, a.status, a.header)
			}
			if a := r.call("GET", "/health", "", "Origin", origin); a.header.Get("Access-Control-Allow-Origin") != origin {
				t.Errorf("%s: %v", origin, a.header)
			}
		}
	})
	t.Run("any other page may not", func(t *testing.T) {
		r := newRig(t, nil)
		for _, origin := range []string{"https://evil.example.com", "http://localhost.evil.example.com", "null", "http://127.0.0.1.evil.example.com"} {
			if a := preflight(r, origin); a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s was let in", origin)
			}
		}
	})
	t.Run("no page may call in production", func(t *testing.T) {
		r := newRig(t, func(o *bff.ServerOptions) { o.AllowLoopbackOrigins = false })
		if a := preflight(r, "http://localhost:8081"); a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%v", a.header)
		}
	})
}

// brokenCRM breaks where a list is asked for.
type brokenCRM struct{ bff.CRM }

func (brokenCRM) Accounts(context.Context, bff.AccountQuery) ([]bff.Account, error) {
	panic("customer data in a panic")
}

func (brokenCRM) Contacts(context.Context, string) ([]bff.Contact, error) {
	return nil, fmt.Errorf("secret cause of pat@example.com")
}

func TestServer_Faults(t *testing.T) {
	var log lockedBuffer
	r := newRig(t, func(o *bff.ServerOptions) {
		o.CRM = brokenCRM{o.CRM}
		o.Logger = zerolog.New(&log)
	})
	r.signIn()
	for _, path := range []string{"/salesforce/accounts?search=canary-search", "/salesforce/accounts/acc-001/contacts"} {
		a := r.call("GET", path, "")
		if a.status != 500 || a.body["code"] != "internal" || a.body["requestId"] == "" || a.header.Get("FieldPay-Protocol") != "1" {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
		if strings.Contains(a.text, "secret") || strings.Contains(a.text, "customer") {
			t.Errorf("the answer tells too much: %s", a.text)
		}
	}
	text := log.String()
	for _, canary := range []string{demoPassword, r.token, "canary-search", "customer data", "acc-001"} {
		if strings.Contains(text, canary) {
			t.Errorf("the log contains %q: %s", canary, text)
		}
	}
	if !strings.Contains(text, `"route":"/salesforce/accounts/{id}/contacts"`) {
		t.Errorf("the log lacks the request: %s", text)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestServer_Requests(t *testing.T) {
	r := newRig(t, nil)
	for _, tt := range []struct{ name, method, path, body, kind, want string }{
		{"no body at all is 400", "POST", "/auth/login", "", "application/json", `400 Username and password are required`},
		{"no content type is 400", "POST", "/auth/login", "{}", "", `400 The request cannot be read`},
		{"broken JSON is 400", "POST", "/auth/login", "{", "application/json", `400 The request cannot be read`},
		{"empty names are 400", "POST", "/auth/login", `{"username":"","password":""}`, "application/json", `400 Username and password are required`},
		{"another method is an unknown route", "PUT", "/auth/login", "{}", "application/json", `404 Not Found`},
		{"a bad parameter is 400", "GET", "/salesforce/accounts?limit=x", "", "", `401 Missing or invalid authorization header`},
		{"another scheme is no sign-in", "POST", "/sync/actions", `{"actions":[]}`, "application/json", `401 Missing or invalid authorization header`},
		{"signing out without a token is fine", "POST", "/auth/logout", "", "application/json", `204 <nil>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := r.call(tt.method, tt.path, tt.body, "Content-Type", tt.kind, "Authorization", "Basic ZGVtbw==")
			if got := fmt.Sprint(a.status, " ", a.body["error"]); got != tt.want {
				t.Errorf("got %s, want %s: %s", got, tt.want, a.text)
			}
		})
	}
	t.Run("signing out ends the session", func(t *testing.T) {
		r.signIn()
		if a := r.call("POST", "/auth/logout", ""); a.status != 204 {
			t.Errorf("%d %s", a.status, a.text)
		}
		if a := r.call("GET", "/salesforce/invoices", ""); a.status != 401 || a.body["error"] != "Invalid or expired token" {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
}

func TestServer_Health(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *bff.ServerOptions) { o.StartDelay = 30 * time.Second })
		synctest.Wait()
		h, err := r.client().GetHealth(t.Context(), api.GetHealthParams{Nonce: api.NewOptString("n0nce")})
		if err != nil {
			t.Fatal(err)
		}
		key, err := base64.RawURLEncoding.DecodeString(h.KeyId.Or(""))
		signature, sigErr := base64.StdEncoding.DecodeString(h.Signature.Or(""))
		signed := "fieldpay-probe:n0nce:" + h.Timestamp.UTC().Format(time.RFC3339)
		if err != nil || sigErr != nil || !bytes.Equal(key, r.server.ProbeKey()) || !ed25519.Verify(key, []byte(signed), signature) {
			t.Errorf("the signature does not fit: %+v", h)
		}
		if h.Status != api.HealthStatusOk || h.StartDelayMs.Or(0) != 30000 {
			t.Errorf("health %+v", h)
		}
		r.payments.Down(&action.Error{Code: action.StripeDown})
		elapse(6 * time.Second)
		r.call("GET", "/health", "")
		synctest.Wait()
		a := r.call("GET", "/health", "")
		if upstreams := fmt.Sprint(a.body["upstreams"]); a.body["status"] != "degraded" || upstreams != "map[salesforce:ok stripe:down]" || a.body["signature"] != nil {
			t.Errorf("with Stripe down: %s", a.text)
		}
	})
}

func TestServer_Outcomes(t *testing.T) {
	onRig(t, "nobody sees the outcomes of another person's actions", func(t *testing.T, r *rig) {
		id := action.NewID()
		if a := r.call("POST", "/sync/actions", `{"actions":[`+visit(id, "")+`]}`); a.status != 200 {
			t.Fatal(a.text)
		}
		other := bff.User{ID: "user-002", Login: "other@example.com", PasswordHash: demoHash, Territories: []string{bff.EveryTerritory}}
		if _, err := r.stores.Users.AddUser(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		res, err := r.client().Login(t.Context(), &api.LoginRequest{Username: other.Login, Password: demoPassword})
		if err != nil {
			t.Fatal(err)
		}
		r.token = res.Tokens.AccessToken
		a := r.call("POST", "/sync/outcomes", `{"ids":["`+id+`"]}`)
		if fmt.Sprint(a.body["unknown"]) != "["+id+"]" {
			t.Errorf("looked up: %s", a.text)
		}
		b := r.call("POST", "/sync/actions", `{"actions":[`+visit(id, "")+`]}`)
		if !strings.Contains(b.text, "not_allowed") || strings.Contains(b.text, "serverId") {
			t.Errorf("sent again: %s", b.text)
		}
	})
}

func TestServer_Direct(t *testing.T) {
	onRig(t, "a repeat with its key makes no second invoice", func(t *testing.T, r *rig) {
		key := action.NewID()
		for range 3 {
			a := r.call("POST", "/salesforce/invoices", `{"accountId":"acc-001","amount":5,"currency":"usd"}`, "Idempotency-Key", key)
			if a.status != 201 || a.body["id"] != key {
				t.Errorf("%d %s", a.status, a.text)
			}
		}
		if n := len(r.crm.Order()); n != 1 {
			t.Errorf("%d effects", n)
		}
	})
	onRig(t, "one that takes too long is kept, and its key told", func(t *testing.T, r *rig) {
		r.crm.Delay(20 * time.Second)
		a := r.call("POST", "/salesforce/invoices", `{"accountId":"acc-001","amount":5,"currency":"usd"}`)
		if a.status != 503 || !strings.Contains(fmt.Sprint(a.body["detail"]), "Idempotency-Key") || a.header.Get("Retry-After") == "" {
			t.Errorf("%d %s %v", a.status, a.text, a.header)
		}
		elapse(time.Minute)
		if n := len(r.crm.Order()); n != 1 {
			t.Errorf("%d effects", n)
		}
	})
}
