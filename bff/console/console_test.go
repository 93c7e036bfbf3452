package console_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/bff/console"
	"fieldpay/bff/memory"
)

// rig is a console over stores in memory.
type rig struct {
	t      testing.TB
	stores bff.Stores
	pages  *console.Console
	cookie *http.Cookie
	form   string
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, stores: memory.New().Stores()}
	for id, role := range map[string]bff.Role{"rep": bff.RoleRep, "office": bff.RoleOffice, "admin": bff.RoleAdmin} {
		u := bff.User{ID: id, Login: id + "@example.com", Name: "Person " + id, Role: role, PasswordHash: bff.HashPassword("password of " + id), Territories: []string{"north"}}
		must[bool](t)(r.stores.Users.AddUser(t.Context(), u))
	}
	key := bytes.Repeat([]byte("k"), 32)
	keys := must[*bff.TokenKeys](t)(bff.NewTokenKeys(bff.TokenKeysOptions{Secret: key}))
	identity := must[*bff.Identity](t)(bff.NewIdentity(bff.IdentityOptions{Users: r.stores.Users, Sessions: r.stores.Sessions, Keys: keys}))
	registry := must[*bff.DeviceRegistry](t)(bff.NewDeviceRegistry(bff.DeviceRegistryOptions{Enrolments: r.stores.Enrolments, Audit: r.stores.Audit, Policy: bff.EnrolByCode}))
	processor := must[*bff.Processor](t)(bff.NewProcessor(bff.ProcessorOptions{
		Ledger: r.stores.Ledger, CRM: bfftest.NewCRM(), Payments: bfftest.NewPayments(), Requests: r.stores.PaymentRequests,
	}))
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error, 1)
	go func() { ran <- processor.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	office := must[*bff.Office](t)(bff.NewOffice(bff.OfficeOptions{Ledger: r.stores.Ledger, Desk: r.stores.Desk, Processor: processor, Audit: r.stores.Audit}))
	r.pages = must[*console.Console](t)(console.New(console.Options{
		Identity: identity, Registry: registry, Office: office, Users: r.stores.Users, Ledger: r.stores.Ledger, Desk: r.stores.Desk,
		Devices: r.stores.Devices, Telemetry: r.stores.Telemetry, Audit: r.stores.Audit, Key: key, PublicURL: "https://bff.example.com",
	}))
	return r
}

func (r *rig) send(method, path string, values url.Values, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if r.cookie != nil {
		req.AddCookie(r.cookie)
	}
	rec := httptest.NewRecorder()
	r.pages.ServeHTTP(rec, req)
	for _, c := range rec.Result().Cookies() {
		r.cookie = c
	}
	if m := regexp.MustCompile(`name="form" value="([0-9a-f]+)"`).FindStringSubmatch(rec.Body.String()); m != nil {
		r.form = m[1]
	}
	return rec
}

func (r *rig) get(path string) *httptest.ResponseRecorder { return r.send(http.MethodGet, path, nil) }

func (r *rig) post(path string, values url.Values) *httptest.ResponseRecorder {
	if values == nil {
		values = url.Values{}
	}
	values.Set("form", r.form)
	return r.send(http.MethodPost, path, values)
}

func (r *rig) enter(who string) *rig {
	r.t.Helper()
	if rec := r.post("/console/sign-in", url.Values{"login": {who + "@example.com"}, "password": {"password of " + who}}); rec.Code != http.StatusSeeOther {
		r.t.Fatalf("signing in: %d %s", rec.Code, rec.Body)
	}
	r.get("/console/devices")
	return r
}

// stuck puts an action into the ledger that failed.
func (r *rig) stuck(id, account string) {
	r.t.Helper()
	a := action.Action{ID: id, Type: action.CreateInvoiceType, Actor: "rep", DeviceID: "device-1", Sequence: 3, Lane: "invoice:" + id, CreatedAt: time.Now(),
		Payload: []byte(`{"accountId":"` + account + `","amount":10000,"currency":"usd","description":"<b>Service & more"}`)}
	must[[]bff.Claimed](r.t)(r.stores.Ledger.Claim(r.t.Context(), []bff.Claim{{Action: a, Hash: a.ContentHash(), Lane: a.Lane, At: time.Now()}}))
	begun := must[map[string]bff.Begun](r.t)(r.stores.Ledger.Begin(r.t.Context(), []bff.Start{{ID: id, Owner: "w", At: time.Now(), Until: time.Now().Add(time.Minute)}}))
	out := action.FailureOutcome(id, &action.Error{Code: action.UnknownAccount}, time.Now())
	must[[]string](r.t)(r.stores.Ledger.Record(r.t.Context(), []bff.Result{{ID: id, Token: begun[id].Token, Outcome: out}}))
}

func (r *rig) entry(id string) bff.Entry {
	r.t.Helper()
	return must[map[string]bff.Entry](r.t)(r.stores.Ledger.Entries(r.t.Context(), []string{id}))[id]
}

func TestConsole_Entering(t *testing.T) {
	t.Run("nobody sees a page without signing in", func(t *testing.T) {
		r := newRig(t)
		for _, path := range []string{"/console", "/console/devices", "/console/actions", "/console/actions.csv", "/console/people", "/console/enrol"} {
			if rec := r.get(path); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/console/sign-in" {
				t.Errorf("%s: %d", path, rec.Code)
			}
		}
	})

	t.Run("a rep, a wrong password and a person who was revoked do not enter", func(t *testing.T) {
		r := newRig(t)
		for login, password := range map[string]string{"rep@example.com": "password of rep", "office@example.com": "wrong", "nobody@example.com": "x"} {
			if rec := r.post("/console/sign-in", url.Values{"login": {login}, "password": {password}}); rec.Code != http.StatusUnauthorized || len(rec.Result().Cookies()) != 0 {
				t.Errorf("%s: %d", login, rec.Code)
			}
		}
		r.enter("office")
		u := must[bff.User](t)(r.stores.Users.UserByID(t.Context(), "office"))
		u.Disabled = true
		must[bool](t)(r.stores.Users.PutUser(t.Context(), u))
		if rec := r.get("/console/devices"); rec.Code != http.StatusSeeOther {
			t.Errorf("after being revoked: %d", rec.Code)
		}
	})

	t.Run("the cookie is for these pages alone, and nothing is loaded from elsewhere", func(t *testing.T) {
		r := newRig(t).enter("office")
		rec := r.get("/console/devices")
		csp := rec.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(rec.Body.String(), "<script") {
			t.Errorf("policy %q", csp)
		}
		if c := r.cookie; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/console" {
			t.Errorf("cookie %+v", c)
		}
	})

	t.Run("a form of another page or session does nothing", func(t *testing.T) {
		r := newRig(t).enter("office")
		r.stuck("0197f3a0-0000-7000-8000-000000000001", "acc-404")
		path := "/console/actions/0197f3a0-0000-7000-8000-000000000001/resolve"
		if rec := r.send(http.MethodPost, path, url.Values{"form": {strings.Repeat("0", 64)}}); rec.Code != http.StatusForbidden {
			t.Errorf("a made-up token: %d", rec.Code)
		}
		for name, value := range map[string]string{"Origin": "https://evil.example.com", "Sec-Fetch-Site": "cross-site"} {
			if rec := r.send(http.MethodPost, path, url.Values{"form": {r.form}}, name, value); rec.Code != http.StatusForbidden {
				t.Errorf("%s: %d", name, rec.Code)
			}
		}
		if r.entry("0197f3a0-0000-7000-8000-000000000001").Done() {
			t.Error("it was settled")
		}
	})
}

func TestConsole_Acts(t *testing.T) {
	const id = "0197f3a0-0000-7000-8000-000000000001"
	path := "/console/actions/" + id

	t.Run("what a person typed is shown when asked for, and that is written down", func(t *testing.T) {
		r := newRig(t).enter("office")
		r.stuck(id, "acc-404")
		if page := r.get(path).Body.String(); strings.Contains(page, "Service") || !strings.Contains(page, "unknown_account") {
			t.Errorf("unasked: %s", page)
		}
		if page := r.post(path+"/payload", nil).Body.String(); !strings.Contains(page, "Service") || strings.Contains(page, "<b>") {
			t.Errorf("asked: %s", page)
		}
		rows := must[[]bff.AuditRow](t)(r.stores.Audit.AuditRows(t.Context(), bff.AuditQuery{Event: "console.payload"}))
		if len(rows) != 1 || rows[0].Actor != "office" || rows[0].Subject != id {
			t.Errorf("audit %+v", rows)
		}
	})

	t.Run("a retry does the same content, and what was done is not done again", func(t *testing.T) {
		r := newRig(t).enter("office")
		r.stuck(id, "acc-001")
		if rec := r.post(path+"/retry", nil); rec.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		if e := r.entry(id); !e.Done() || e.Action.Try != 1 {
			t.Errorf("entry %+v", e)
		}
		for _, act := range []string{"/retry", "/resolve"} {
			if rec := r.post(path+act, nil); rec.Code != http.StatusConflict {
				t.Errorf("%s again: %d", act, rec.Code)
			}
		}
	})

	t.Run("a repair that is refused leaves the action as it was", func(t *testing.T) {
		r := newRig(t).enter("office")
		r.stuck(id, "acc-404")
		for payload, want := range map[string]int{
			`{"accountId":"acc-001"`: http.StatusBadRequest, `{"accountId":"acc-001","amount":-1,"currency":"usd"}`: http.StatusBadRequest, `[]`: http.StatusBadRequest,
		} {
			if rec := r.post(path+"/repair", url.Values{"payload": {payload}}); rec.Code != want {
				t.Errorf("%s: %d", payload, rec.Code)
			}
		}
		if e := r.entry(id); e.Outcome.Code != action.UnknownAccount || e.Effect {
			t.Errorf("entry %+v", e.Outcome)
		}
		r.post(path+"/repair", url.Values{"payload": {`{"accountId":"acc-404","amount":10000,"currency":"usd","description":"x"}`}})
		if e := r.entry(id); e.Done() || e.Outcome.Code != action.UnknownAccount || e.Effect {
			t.Errorf("after a repair that failed upstream: %+v", e.Outcome)
		}
	})

	t.Run("what was done by hand is settled", func(t *testing.T) {
		r := newRig(t).enter("office")
		r.stuck(id, "acc-404")
		if rec := r.post(path+"/resolve", url.Values{"record": {"a0123"}}); rec.Code != http.StatusSeeOther {
			t.Fatalf("%d", rec.Code)
		}
		if e := r.entry(id); !e.Done() || !e.Effect || e.Outcome.ServerID != "a0123" {
			t.Errorf("entry %+v", e.Outcome)
		}
	})

	t.Run("an export runs nothing in a spreadsheet", func(t *testing.T) {
		r := newRig(t).enter("office")
		u := must[bff.User](t)(r.stores.Users.UserByID(t.Context(), "rep"))
		u.Name = `=cmd|'/c calc'!A1`
		must[bool](t)(r.stores.Users.PutUser(t.Context(), u))
		r.stuck(id, "acc-404")
		if csv := r.get("/console/actions.csv?show=needs").Body.String(); !strings.Contains(csv, `'=cmd`) || strings.Contains(csv, `,=cmd`) || !strings.Contains(csv, "100.00 USD") {
			t.Errorf("export %s", csv)
		}
	})
}

func TestConsole_DevicesAndPeople(t *testing.T) {
	r := newRig(t).enter("office")
	beat := bff.Heartbeat{DeviceID: "device-1", UserID: "rep", Version: "1.2.3", ReceivedAt: time.Now().Add(-48 * time.Hour), Unsent: 4, NeedsPerson: 1,
		Sums: []action.Money{{Minor: 50000, Currency: "usd"}}, OldestUnsent: time.Now().Add(-72 * time.Hour), Sound: true}
	if err := r.stores.Telemetry.PutHeartbeat(t.Context(), beat); err != nil {
		t.Fatal(err)
	}

	t.Run("a device is shown with what it has not sent, and for how long", func(t *testing.T) {
		page := r.get("/console/devices").Body.String()
		for _, want := range []string{"Person rep", "1.2.3", "500.00 USD", "3 days ago", "2 days ago", "whole", "Silent"} {
			if !strings.Contains(page, want) {
				t.Errorf("the list lacks %q", want)
			}
		}
	})

	t.Run("a code enrols a device, by letters and by picture", func(t *testing.T) {
		page := r.post("/console/enrol", url.Values{"name": {"Van <7>"}, "life": {"30m"}, "user": {"rep"}}).Body.String()
		if !regexp.MustCompile(`<code>[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}</code>`).MatchString(page) || !strings.Contains(page, "<svg class=\"qr\"") || strings.Contains(page, "Van <7>") {
			t.Errorf("page %s", page)
		}
		for _, bad := range []url.Values{{"life": {"999h"}}, {"life": {"x"}}, {"life": {"30m"}, "user": {"nobody"}}} {
			if rec := r.post("/console/enrol", bad); rec.Code != http.StatusBadRequest {
				t.Errorf("%v: %d", bad, rec.Code)
			}
		}
	})

	t.Run("a device is revoked, and only an administrator takes that back", func(t *testing.T) {
		if rec := r.post("/console/devices/device-1/revoke", nil); rec.Code != http.StatusSeeOther {
			t.Fatalf("%d", rec.Code)
		}
		if e := must[bff.Enrolment](t)(r.stores.Enrolments.Enrolment(t.Context(), "device-1")); e.RevokedAt.IsZero() {
			t.Error("it is not revoked")
		}
		if rec := r.post("/console/devices/device-1/restore", nil); rec.Code != http.StatusForbidden {
			t.Errorf("the office restored it: %d", rec.Code)
		}
	})

	t.Run("an administrator revokes people, but not themselves", func(t *testing.T) {
		if rec := r.post("/console/people/rep/disable", nil); rec.Code != http.StatusForbidden {
			t.Errorf("the office revoked a person: %d", rec.Code)
		}
		admin := newRig(t).enter("admin")
		if rec := admin.post("/console/people/rep/disable", nil); rec.Code != http.StatusSeeOther {
			t.Errorf("%d", rec.Code)
		}
		if u := must[bff.User](t)(admin.stores.Users.UserByID(t.Context(), "rep")); !u.Disabled {
			t.Error("the person still works")
		}
		if rec := admin.post("/console/people/admin/disable", nil); rec.Code != http.StatusConflict {
			t.Errorf("themselves: %d", rec.Code)
		}
	})
}

func FuzzConsole(f *testing.F) {
	f.Add("/console/actions/0197f3a0-0000-7000-8000-000000000001/repair", `{"accountId":"acc-001"}`)
	f.Add("/console/actions?before=-1&show=x&device='", "\x00")
	f.Add("/console/devices/%2e%2e/revoke", "[[[[")
	f.Fuzz(func(t *testing.T, path, text string) {
		if u, err := url.ParseRequestURI(path); err != nil || !strings.HasPrefix(u.Path, "/console") {
			return
		}
		r := newRig(t).enter("admin")
		r.stuck("0197f3a0-0000-7000-8000-000000000001", "acc-404")
		for _, rec := range []*httptest.ResponseRecorder{r.get(path), r.post(path, url.Values{"payload": {text}, "record": {text}, "life": {text}, "name": {text}})} {
			if rec.Code >= http.StatusInternalServerError {
				t.Errorf("%q answers %d", path, rec.Code)
			}
		}
	})
}
