package bff_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/memory"
)

// Whatever arrives as an action is answered by one outcome that says what came
// of it, and breaks nothing.
func FuzzProcessor_Submit(f *testing.F) {
	for _, seed := range []string{
		visit("0197f3a0-0000-7000-8000-000000000001", ""), invoiceOf("x", ""), `null`, `[]`, `{"id":{}}`, `{"id":"\ud800","type":"log_visit"}`,
		visit("0197f3a0-0000-7000-8000-000000000002", `,"needs":["",""],"replaces":"0197f3a0-0000-7000-8000-000000000002"`),
		visit("0197f3a0-0000-7000-8000-000000000003", `,"after":"0197f3a0-0000-7000-8000-000000000003","createdAt":"9999-12-31T23:59:59Z"`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, item string) {
		p, end := newBench(t).processor(bff.ProcessorOptions{})
		defer end()
		out := submit(t, p, item)
		if len(out) != 1 || out[0].Status == "" || out[0].Class == "" {
			t.Errorf("outcomes %+v", out)
		}
	})
}

// Whatever arrives at whichever route, signed in or not, is answered in order:
// with our header, as JSON, and never as a fault of ours.
func FuzzServer(f *testing.F) {
	for _, path := range []string{
		"/sync/actions", "/sync/outcomes", "/auth/login", "/auth/refresh", "/auth/logout", "/stripe/webhook", "/stripe/payment-intent",
		"/salesforce/invoices", "/health?nonce=x", "/nowhere",
	} {
		for _, body := range []string{`{}`, `{"actions":[{"id":"x"}],"deviceId":"d","fence":-1,"head":{"position":-1,"mac":"zz"}}`, `{"ids":[""]}`, `[]`, `{"username":"a","password":"b"}`} {
			f.Add(path, body, "", true)
			f.Add(path, body, "Bearer x", false)
		}
	}
	f.Add("/sync/actions", "\x1f\x8b\x08", "", true)
	f.Fuzz(func(t *testing.T, path, body, authorization string, known bool) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Host != "" || !strings.HasPrefix(path, "/") {
			return
		}
		r := newRig(t, nil)
		if known {
			r.signIn()
		}
		packed := ""
		if strings.HasPrefix(body, "\x1f\x8b") {
			packed = "gzip"
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req := httptest.NewRequestWithContext(t.Context(), method, "/", strings.NewReader(body))
			req.URL = u
			req.Header = http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {packed}, "Authorization": {"Bearer " + r.token}}
			if authorization != "" {
				req.Header.Set("Authorization", authorization)
			}
			rec := httptest.NewRecorder()
			r.server.ServeHTTP(rec, req)
			if rec.Code >= http.StatusInternalServerError && rec.Code != http.StatusNotImplemented || rec.Header().Get("FieldPay-Protocol") == "" {
				t.Errorf("%s %s is answered by %d: %s", method, path, rec.Code, rec.Body)
			}
		}
	})
}

// No token that somebody makes up is good for anything.
func FuzzIdentity(f *testing.F) {
	for _, s := range []string{"", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTAwMSJ9.", "fp_rt_.", "fp_rt_x.y"} {
		f.Add(s)
	}
	store := memory.New().Stores()
	identity, err := bff.NewIdentity(bff.IdentityOptions{Users: store.Users, Sessions: store.Sessions, Secret: bytes.Repeat([]byte("s"), 32)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := identity.Principal(t.Context(), token); action.CodeOf(err) != action.SignInNeeded {
			t.Errorf("%q makes %+v, %v", token, p, err)
		}
		if _, err := identity.Refresh(t.Context(), token, ""); action.CodeOf(err) != action.SignInNeeded {
			t.Errorf("%q is refreshed: %v", token, err)
		}
	})
}
