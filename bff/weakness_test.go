package bff_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

// Each test is named after a weakness of the reference's server and shows that
// this one does not have it; docs/security.md has the list.

func syncOf(items ...string) string { return `{"actions":[` + strings.Join(items, ",") + `]}` }

func TestWeakness08_Replay_duplicates(t *testing.T) {
	onRig(t, "the same action twice makes one invoice and one answer", func(t *testing.T, r *rig) {
		id := action.NewID()
		for range 3 {
			if a := r.call("POST", "/sync/actions", syncOf(invoiceOf(id, ""))); fmt.Sprint(a.body["succeeded"]) != "["+id+"]" {
				t.Errorf("%s", a.text)
			}
		}
		if n := len(r.crm.Order()); n != 1 {
			t.Errorf("%d invoices", n)
		}
	})
}

func TestWeakness09_The_new_id_is_dropped(t *testing.T) {
	onRig(t, "the answer names the record, which is found under the action's id", func(t *testing.T, r *rig) {
		id := action.NewID()
		if a := r.call("POST", "/sync/actions", syncOf(invoiceOf(id, ""))); !strings.Contains(a.text, `"serverId"`) {
			t.Errorf("%s", a.text)
		}
		if a := r.call("GET", "/salesforce/invoices/"+id, ""); a.status != 200 || a.body["id"] != id {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
}

func TestWeakness10_to_12_Nothing_is_checked(t *testing.T) {
	for name, tt := range map[string]struct {
		item string
		code action.Code
	}{
		"10: an update of a missing invoice":      {`{"id":"%s","type":"update_invoice","payload":{"invoiceId":"inv-404","notes":"x"}}`, action.UnknownInvoice},
		"11: a payment that Stripe does not know": {`{"id":"%s","type":"sync_payment","payload":{"invoiceId":"inv-002","paymentIntentId":"pi_404","chargeId":"ch"}}`, action.UnknownPayment},
		"11: a payment about nothing":             {`{"id":"%s","type":"sync_payment","payload":{}}`, action.InvalidPayload},
		"12: an invoice about nothing":            {`{"id":"%s","type":"create_invoice","payload":{}}`, action.InvalidPayload},
	} {
		onRig(t, name+" does not succeed", func(t *testing.T, r *rig) {
			a := r.call("POST", "/sync/actions", syncOf(fmt.Sprintf(tt.item, action.NewID())))
			if a.status != 200 || fmt.Sprint(a.body["succeeded"]) != "[]" || !strings.Contains(a.text, string(tt.code)) {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
}

func TestWeakness13_Mass_assignment(t *testing.T) {
	for _, field := range []string{"id", "amount", "accountId", "paid", "isAdmin"} {
		onRig(t, "a change of "+field+" is refused", func(t *testing.T, r *rig) {
			before := r.invoice("inv-002")
			wantAnswer(t, "direct", r.call("PATCH", "/salesforce/invoices/inv-002", `{"`+field+`":"1"}`), 400, action.BadRequest)
			r.call("POST", "/sync/actions", syncOf(`{"id":"`+action.NewID()+`","type":"update_invoice","payload":{"invoiceId":"inv-002","`+field+`":"1"}}`))
			if r.invoice("inv-002") != before {
				t.Error("the invoice changed")
			}
		})
	}
}

func TestWeakness14_Unknown_account_negative_amount_unknown_currency(t *testing.T) {
	for name, body := range map[string]string{
		"unknown account":  `{"accountId":"acc-404","amount":5,"currency":"usd"}`,
		"negative amount":  `{"accountId":"acc-001","amount":-5,"currency":"usd"}`,
		"unknown currency": `{"accountId":"acc-001","amount":5,"currency":"zzz"}`,
	} {
		onRig(t, name, func(t *testing.T, r *rig) {
			if a := r.call("POST", "/salesforce/invoices", body); a.status < 400 || a.status >= 500 || len(r.crm.Order()) != 0 {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
}

// inTerritory makes the demo person a rep of some territories.
func inTerritory(t *testing.T, r *rig, role bff.Role, names ...string) {
	t.Helper()
	u, err := r.stores.Users.UserByLogin(t.Context(), demoLogin)
	if err != nil {
		t.Fatal(err)
	}
	u.Role, u.Territories = role, names
	if _, err := r.stores.Users.PutUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
}

// acc-001 with inv-001 lies in the north, acc-002 with inv-002 in the south.
func TestWeakness15_No_ownership_check(t *testing.T) {
	onRig(t, "a rep of the north reaches nothing of the south, on any route", func(t *testing.T, r *rig) {
		inTerritory(t, r, bff.RoleRep, "north")
		wantAnswer(t, "an account", r.call("GET", "/salesforce/accounts/acc-002", ""), 404, action.UnknownAccount)
		wantAnswer(t, "an invoice", r.call("GET", "/salesforce/invoices/inv-002", ""), 404, action.UnknownInvoice)
		wantAnswer(t, "a change", r.call("PATCH", "/salesforce/invoices/inv-002", `{"notes":"x"}`), 403, action.NotAllowed)
		wantAnswer(t, "a new invoice", r.call("POST", "/salesforce/invoices", `{"accountId":"acc-002","amount":5,"currency":"usd"}`), 403, action.NotAllowed)
		wantAnswer(t, "a charge", r.call("POST", "/stripe/payment-intent", `{"invoiceId":"inv-002","amount":175000,"currency":"usd"}`), 404, action.UnknownInvoice)
		for path, own := range map[string]string{
			"/salesforce/accounts": "acc-001", "/salesforce/invoices": "inv-001",
			"/salesforce/accounts/acc-002/contacts": "", "/salesforce/invoices?accountId=acc-002": "",
		} {
			a := r.call("GET", path, "")
			if a.status != 200 || strings.Contains(a.text, "-002") || !strings.Contains(a.text, own) {
				t.Errorf("%s: %d %s", path, a.status, a.text)
			}
		}
		for kind, payload := range map[string]string{
			"create_invoice": `{"accountId":"acc-002","amount":5,"currency":"usd"}`,
			"update_invoice": `{"invoiceId":"inv-002","notes":"x"}`,
			"record_payment": `{"invoiceId":"inv-002","amount":5,"currency":"usd","method":"cash"}`,
			"sync_payment":   `{"invoiceId":"inv-002","paymentIntentId":"pi_1","chargeId":"ch_1"}`,
			"log_visit":      `{"accountId":"acc-002","note":"n","outcome":"met"}`,
		} {
			a := r.call("POST", "/sync/actions", syncOf(fmt.Sprintf(`{"id":%q,"type":%q,"payload":%s}`, action.NewID(), kind, payload)))
			if !strings.Contains(a.text, string(action.NotAllowed)) {
				t.Errorf("%s: %s", kind, a.text)
			}
		}
		if len(r.crm.Order()) != 0 {
			t.Errorf("effects %v", r.crm.Order())
		}
		if a := r.call("POST", "/sync/actions", syncOf(visit(action.NewID(), ""))); !strings.Contains(a.text, "applied") {
			t.Errorf("their own: %s", a.text)
		}
	})
	onRig(t, "without a territory there is nothing, and the office reaches all", func(t *testing.T, r *rig) {
		inTerritory(t, r, bff.RoleKiosk)
		for _, path := range []string{"/salesforce/accounts", "/salesforce/invoices"} {
			if a := r.call("GET", path, ""); a.status != 200 || a.text != "[]" {
				t.Errorf("%s: %d %s", path, a.status, a.text)
			}
		}
		inTerritory(t, r, bff.RoleOffice)
		if a := r.call("GET", "/salesforce/accounts/acc-002", ""); a.status != 200 {
			t.Errorf("the office: %d %s", a.status, a.text)
		}
	})
}

func TestWeakness16_to_18_23_Intents(t *testing.T) {
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"16: one cent of much more": {`{"invoiceId":"inv-002","amount":1,"currency":"usd"}`, 422},
		"17: a paid invoice":        {`{"invoiceId":"inv-001","amount":250000,"currency":"usd"}`, 409},
		"18: an unknown invoice":    {`{"invoiceId":"inv-404","amount":5,"currency":"usd"}`, 404},
	} {
		onRig(t, name, func(t *testing.T, r *rig) {
			before := r.invoice("inv-001")
			if a := r.call("POST", "/stripe/payment-intent", tt.body); a.status != tt.status || r.payments.Count() != 0 || r.invoice("inv-001") != before {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
	onRig(t, "23: asked for twice, there is one intent", func(t *testing.T, r *rig) {
		const body = `{"invoiceId":"inv-002","amount":175000,"currency":"usd"}`
		first := r.call("POST", "/stripe/payment-intent", body)
		if again := r.call("POST", "/stripe/payment-intent", body); again.text != first.text || r.payments.Count() != 1 {
			t.Errorf("%s, then %s", first.text, again.text)
		}
	})
}

func TestWeakness19_20_22_A_forged_webhook(t *testing.T) {
	onRig(t, "19, 20: what is forged, late, from the future or about another amount changes nothing", func(t *testing.T, r *rig) {
		before := r.invoice("inv-002")
		r.payments.Put(paid("pi_ok", "inv-002", 175000))
		short := paid("pi_short", "inv-002", 175000)
		short.AmountReceived = 1
		r.payments.Put(short)
		for name, a := range map[string]answer{
			"forged":       r.event("e1", "pi_ok", time.Now(), "t=1,v1=00"),
			"late":         r.event("e2", "pi_ok", time.Now().Add(-time.Hour), bfftest.Signature),
			"future":       r.event("e3", "pi_ok", time.Now().Add(time.Hour), bfftest.Signature),
			"short":        r.event("e4", "pi_short", time.Now(), bfftest.Signature),
			"of no intent": r.event("e5", "pi_404", time.Now(), bfftest.Signature),
		} {
			elapse(time.Second)
			if refused := a.status == 400; refused != (name == "forged" || name == "late" || name == "future") {
				t.Errorf("%s: %d %s", name, a.status, a.text)
			}
		}
		if r.invoice("inv-002") != before {
			t.Errorf("the invoice became %+v", r.invoice("inv-002"))
		}
	})
	onRig(t, "22: the charge is on the invoice that was paid", func(t *testing.T, r *rig) {
		r.payments.Put(paid("pi_9", "inv-002", 175000))
		r.event("e1", "pi_9", time.Now(), bfftest.Signature)
		elapse(time.Second)
		if a := r.call("GET", "/salesforce/invoices/inv-002", ""); a.body["stripeChargeId"] != "ch_pi_9" || a.body["status"] != "paid" {
			t.Errorf("%s", a.text)
		}
	})
}

func TestWeakness24_Logout_with_an_empty_json_body(t *testing.T) {
	onRig(t, "it is taken, and the server ends the session", func(t *testing.T, r *rig) {
		if a := r.call("POST", "/auth/logout", ""); a.status != 204 {
			t.Errorf("%d %s", a.status, a.text)
		}
		wantAnswer(t, "afterwards", r.call("GET", "/salesforce/accounts", ""), 401, action.SignInNeeded)
	})
}

func TestWeakness28_to_31_Tokens(t *testing.T) {
	onRig(t, "31: another instance over the same store knows the token, and forged ones are refused", func(t *testing.T, r *rig) {
		other := newRig(t, nil)
		other.token = r.token // its store is another one, though the secret is the same
		wantAnswer(t, "another store", other.call("GET", "/salesforce/accounts", ""), 401, action.SignInNeeded)
		wantAnswer(t, "forged", r.call("GET", "/salesforce/accounts", "", "Authorization", "Bearer "+r.token+"x"), 401, action.SignInNeeded)
	})
	onRig(t, "28, 29, 30: an expired access token leaves the refresh token, a lost reply is given again, seven days end it", func(t *testing.T, r *rig) {
		refresh := func(token string) answer { return r.call("POST", "/auth/refresh", `{"refreshToken":"`+token+`"}`) }
		spent := r.signIn().Tokens.RefreshToken
		elapse(2 * time.Hour)
		wantAnswer(t, "expired", r.call("GET", "/salesforce/accounts", ""), 401, action.SignInNeeded)
		first := refresh(spent)
		if again := refresh(spent); first.status != 200 || again.body["refreshToken"] != first.body["refreshToken"] {
			t.Errorf("%s, then %s", first.text, again.text)
		}
		elapse(8 * 24 * time.Hour)
		wantAnswer(t, "after eight days", refresh(fmt.Sprint(first.body["refreshToken"])), 401, action.SignInNeeded)
	})
}

func TestWeakness34_The_time_of_the_action_is_ignored(t *testing.T) {
	onRig(t, "an invoice written yesterday is of yesterday", func(t *testing.T, r *rig) {
		id, at := action.NewID(), time.Now().Add(-24*time.Hour).UTC().Truncate(time.Second)
		r.call("POST", "/sync/actions", syncOf(invoiceOf(id, `,"createdAt":"`+at.Format(time.RFC3339)+`"`)))
		if got := r.invoice(id).CreatedAt; !got.Equal(at) {
			t.Errorf("created %v, want %v", got, at)
		}
	})
}

func TestWeakness35_A_long_queue_never_drains(t *testing.T) {
	onRig(t, "too much at once is told as such, so that the device sends less", func(t *testing.T, r *rig) {
		wantAnswer(t, "bytes", r.call("POST", "/sync/actions", `{"actions":["`+strings.Repeat("x", 1<<20)+`"]}`), 413, action.TooLarge)
		wantAnswer(t, "entries", r.call("POST", "/sync/actions", syncOf(strings.Split(strings.Repeat("{},", 500)+"{}", ",")...)), 413, action.TooLarge)
	})
}

func TestWeakness39_Two_envelopes_and_500_for_a_missing_body(t *testing.T) {
	for _, route := range []string{
		"POST /auth/login", "POST /auth/refresh", "POST /auth/enrol", "POST /sync/actions", "POST /sync/outcomes", "POST /stripe/payment-intent",
		"POST /stripe/webhook", "POST /salesforce/invoices", "PATCH /salesforce/invoices/inv-002", "GET /salesforce/accounts/x", "GET /nowhere",
	} {
		onRig(t, route, func(t *testing.T, r *rig) {
			method, path, _ := strings.Cut(route, " ")
			a := r.call(method, path, "")
			text, isText := a.body["error"].(string)
			if a.status < 400 || a.status >= 500 || !isText || text == "" || a.body["code"] == nil || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %v %s", a.status, a.header, a.text)
			}
		})
	}
}

func TestWeakness40_Paging_is_ignored(t *testing.T) {
	onRig(t, "one invoice is asked for by its id, and lists come in pages", func(t *testing.T, r *rig) {
		if a := r.call("GET", "/salesforce/invoices/inv-002", ""); a.status != 200 || a.body["id"] != "inv-002" {
			t.Errorf("%d %s", a.status, a.text)
		}
		for path, want := range map[string]string{
			"/salesforce/invoices?limit=1": "inv-002", "/salesforce/invoices?limit=1&offset=1": "inv-001", "/salesforce/invoices?offset=9": "",
			"/salesforce/accounts?limit=1": "acc-001", "/salesforce/accounts?limit=1&offset=1": "acc-002",
		} {
			if a := r.call("GET", path, ""); strings.Count(a.text, `"id"`) != min(len(want), 1) || !strings.Contains(a.text, want) {
				t.Errorf("%s: %s", path, a.text)
			}
		}
	})
}

func TestWeakness43_Login_has_no_throttle(t *testing.T) {
	onRig(t, "guessing is slowed down, and told when to come again", func(t *testing.T, r *rig) {
		guess := func() answer {
			return r.call("POST", "/auth/login", `{"username":"`+demoLogin+`","password":"wrong"}`)
		}
		for range 5 {
			guess()
		}
		a := guess()
		if wantAnswer(t, "the sixth", a, 429, action.RateLimited); a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestWeakness44_A_store_for_each_route(t *testing.T) {
	onRig(t, "what one route makes the others see", func(t *testing.T, r *rig) {
		id := action.NewID()
		r.call("POST", "/sync/actions", syncOf(invoiceOf(id, "")))
		if a := r.call("GET", "/salesforce/invoices?accountId=acc-001", ""); !strings.Contains(a.text, id) {
			t.Errorf("listed: %s", a.text)
		}
		if a := r.call("POST", "/stripe/payment-intent", `{"invoiceId":"`+id+`","amount":1000,"currency":"usd"}`); a.status != 200 {
			t.Errorf("charged: %d %s", a.status, a.text)
		}
	})
}

// A secret that is planted in every place where one can stand must come out of
// none.
func TestServer_Canary(t *testing.T) {
	const canary = "c4n4ry-s3cr3t"
	var log lockedBuffer
	r := newRig(t, func(o *bff.ServerOptions) { o.Logger = zerolog.New(&log).Level(zerolog.TraceLevel) })
	login := r.signIn()
	secrets := []string{canary, r.token, login.Tokens.RefreshToken, demoPassword, "Manufacturing Integration Setup"}
	answers := []answer{
		r.call("POST", "/auth/login", `{"username":"`+canary+`","password":"`+canary+`"}`),
		r.call("POST", "/auth/login", `{"username":"`+canary+`"`),
		r.call("POST", "/auth/refresh", `{"refreshToken":"fp_rt_`+canary+`"}`),
		r.call("POST", "/auth/enrol", `{"code":"`+canary+`"}`),
		r.call("POST", "/stripe/webhook", `{"id":"`+canary+`"}`, "Stripe-Signature", canary),
		r.call("GET", "/salesforce/accounts?search="+canary, "", "Authorization", "Bearer "+canary),
		r.call("GET", "/salesforce/accounts", "", "FieldPay-Signature", canary),
		r.call("POST", "/sync/actions", syncOf(`{"id":"`+action.NewID()+`","type":"log_visit","payload":{"accountId":"acc-404","note":"`+canary+`","outcome":"met"}}`)),
		r.call("PATCH", "/salesforce/invoices/inv-002", `{"notes":"`+canary+`","status":"`+canary+`"}`),
	}
	for i, a := range answers {
		if strings.Contains(a.text, canary) {
			t.Errorf("answer %d tells it: %s", i, a.text)
		}
	}
	req := httptest.NewRequest(http.MethodGet, "/salesforce/accounts/"+canary+"?token="+canary, http.NoBody)
	req.Header.Set("X-Forwarded-For", canary)
	r.server.ServeHTTP(httptest.NewRecorder(), req)
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, log.String())
		}
	}
	rows, err := r.stores.Audit.AuditRows(t.Context(), bff.AuditQuery{})
	if err != nil || strings.Contains(fmt.Sprint(rows), canary) {
		t.Errorf("the audit log: %v %v", rows, err)
	}
}
