package bff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/internal/signed"
)

// on signs a device's person in, with the device's signature, and makes the
// rig's calls go on as that device.
func (r *rig) on(d *device) answer {
	r.t.Helper()
	body := fmt.Sprintf(`{"username":%q,"password":%q,"deviceId":%q}`, demoLogin, demoPassword, d.id)
	r.token = ""
	a := r.call("POST", "/auth/login", body, append(d.sign("POST", "/auth/login", body, ""), signed.KeyHeader, d.public())...)
	if tokens, ok := a.body["tokens"].(map[string]any); ok {
		r.token, _ = tokens["accessToken"].(string)
	}
	return a
}

// as sends a request that a device signed.
func (r *rig) as(d *device, method, path, body string) answer {
	r.t.Helper()
	return r.call(method, path, body, d.sign(method, path, body, r.token)...)
}

func wantAnswer(t *testing.T, what string, a answer, status int, code action.Code) {
	t.Helper()
	if got, _ := a.body["code"].(string); a.status != status || got != string(code) {
		t.Errorf("%s: %d %s", what, a.status, a.text)
	}
}

func TestServer_Signature(t *testing.T) {
	const accounts = "/salesforce/accounts"
	onRig(t, "a device that signed in with its key is asked for its signature ever after", func(t *testing.T, r *rig) {
		d := newDevice("d1")
		wantAnswer(t, "signing in", r.on(d), 200, "")
		wantAnswer(t, "signed", r.as(d, "GET", accounts, ""), 200, "")
		wantAnswer(t, "not signed", r.call("GET", accounts, ""), 401, action.EnrolmentNeeded)
		wantAnswer(t, "with another key", r.as(newDevice("d1"), "GET", accounts, ""), 401, action.EnrolmentNeeded)
		wantAnswer(t, "by another device", r.as(newDevice("d2"), "GET", accounts, ""), 401, action.EnrolmentNeeded)
		wantAnswer(t, "another key at sign-in", r.on(newDevice("d1")), 401, action.EnrolmentNeeded)
	})
	onRig(t, "a request counts once, and only as it was signed", func(t *testing.T, r *rig) {
		d := newDevice("d1")
		r.on(d)
		body := `{"actions":[]}`
		headers := d.sign("POST", "/sync/actions", body, r.token)
		wantAnswer(t, "the first", r.call("POST", "/sync/actions", body, headers...), 200, "")
		wantAnswer(t, "again", r.call("POST", "/sync/actions", body, headers...), 409, action.Busy)
		fresh := d.sign("POST", "/sync/actions", body, r.token)
		wantAnswer(t, "another body", r.call("POST", "/sync/actions", `{"actions":[1]}`, fresh...), 401, action.EnrolmentNeeded)
		wantAnswer(t, "no signature at all", r.call("POST", "/sync/actions", body, signed.Header, "nonsense"), 400, action.BadRequest)
	})
	onRig(t, "a wrong clock is told the time", func(t *testing.T, r *rig) {
		d := newDevice("d1")
		r.on(d)
		for ahead, want := range map[time.Duration]int{4 * time.Minute: 200, -4 * time.Minute: 200, 6 * time.Minute: 401, -9 * time.Hour: 401} {
			d.ahead = ahead
			a := r.as(d, "GET", accounts, "")
			if a.status != want || a.header.Get(signed.TimeHeader) != fmt.Sprint(time.Now().UnixMilli()) {
				t.Errorf("%v ahead: %d %s, the time %q", ahead, a.status, a.text, a.header.Get(signed.TimeHeader))
			}
		}
	})
}

func TestServer_Revocation(t *testing.T) {
	const accounts = "/salesforce/accounts"
	onRig(t, "a revoked device is refused at its next request, until it is restored", func(t *testing.T, r *rig) {
		d := newDevice("d1")
		r.on(d)
		if err := r.registry.Revoke(t.Context(), "d1", "office"); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, "revoked", r.as(d, "GET", accounts, ""), 403, action.Revoked)
		if err := r.registry.Restore(t.Context(), "d1", "office"); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, "restored", r.as(d, "GET", accounts, ""), 200, "")
	})
	onRig(t, "a person who was disabled is refused at the next request", func(t *testing.T, r *rig) {
		u, err := r.stores.Users.UserByLogin(t.Context(), demoLogin)
		if err != nil {
			t.Fatal(err)
		}
		u.Disabled = true
		if _, err := r.stores.Users.PutUser(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, "disabled", r.call("GET", accounts, ""), 403, action.Revoked)
	})
	onRig(t, "the journal of an enrolled device is its own", func(t *testing.T, r *rig) {
		r.on(newDevice("d1"))
		r.signIn() // with a password alone
		wantAnswer(t, "a foreign journal", r.call("POST", "/sync/actions", `{"deviceId":"d1","actions":[]}`), 403, action.NotAllowed)
	})
}

func TestDeviceRegistry_Enrol(t *testing.T) {
	enrol := func(r *rig, d *device, code string) answer {
		body := fmt.Sprintf(`{"code":%q,"name":"Van"}`, code)
		return r.call("POST", "/auth/enrol", body, append(d.sign("POST", "/auth/enrol", body, r.token), signed.KeyHeader, d.public())...)
	}
	code := func(t *testing.T, r *rig) string {
		t.Helper()
		code, _, err := r.registry.NewCode(t.Context(), "", "", time.Hour, "office")
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	onRig(t, "a code enrols one device, once, however it is typed", func(t *testing.T, r *rig) {
		c := code(t, r)
		wantAnswer(t, "the first", enrol(r, newDevice("d1"), " "+strings.ToLower(strings.ReplaceAll(c, "-", " "))), 200, "")
		wantAnswer(t, "the second", enrol(r, newDevice("d2"), c), 401, action.BadCredentials)
	})
	onRig(t, "a code ends", func(t *testing.T, r *rig) {
		c := code(t, r)
		elapse(time.Hour)
		wantAnswer(t, "late", enrol(r, newDevice("d1"), c), 401, action.BadCredentials)
	})
	onRig(t, "a code that was guessed wrong five times is good no more", func(t *testing.T, r *rig) {
		c := code(t, r)
		for range 5 {
			wantAnswer(t, "a guess", enrol(r, newDevice("d1"), c[:5]+"2222-2222"), 401, action.BadCredentials)
		}
		wantAnswer(t, "a sixth at once", enrol(r, newDevice("d1"), c), 429, action.RateLimited)
		elapse(time.Hour / 2)
		wantAnswer(t, "the true one", enrol(r, newDevice("d1"), c), 401, action.BadCredentials)
	})
	onRig(t, "a device whose key is gone enrols anew, a revoked one does not", func(t *testing.T, r *rig) {
		wantAnswer(t, "first", enrol(r, newDevice("d1"), code(t, r)), 200, "")
		wantAnswer(t, "anew", enrol(r, newDevice("d1"), code(t, r)), 200, "")
		if err := r.registry.Revoke(t.Context(), "d1", "office"); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, "revoked", enrol(r, newDevice("d1"), code(t, r)), 403, action.Revoked)
	})
}

func TestServer_Colleague(t *testing.T) {
	colleague := func(id, device string) string {
		return visit(id, fmt.Sprintf(`,"actor":"user-002","deviceId":%q`, device))
	}
	add := func(t *testing.T, r *rig, disabled bool) {
		t.Helper()
		u := bff.User{ID: "user-002", Login: "kim", Territories: []string{"north"}, Disabled: disabled}
		if _, err := r.stores.Users.AddUser(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	onRig(t, "an enrolled device brings a colleague's action, under its author", func(t *testing.T, r *rig) {
		add(t, r, false)
		d, id := newDevice("d1"), action.NewID()
		r.on(d)
		a := r.as(d, "POST", "/sync/actions", `{"deviceId":"d1","actions":[`+colleague(id, "d1")+`]}`)
		if fmt.Sprint(a.body["succeeded"]) != "["+id+"]" {
			t.Errorf("sent: %s", a.text)
		}
		if a := r.as(d, "POST", "/sync/outcomes", `{"ids":["`+id+`"]}`); !strings.Contains(a.text, "applied") {
			t.Errorf("asked: %s", a.text)
		}
		e, err := r.stores.Ledger.Entries(t.Context(), []string{id})
		if err != nil || e[id].Action.Actor != "user-002" {
			t.Errorf("the author: %+v %v", e[id].Action, err)
		}
	})
	for name, tt := range map[string]struct {
		disabled bool
		device   string
		signs    bool
	}{
		"who was disabled":              {true, "d1", true},
		"from another device's journal": {false, "d2", true},
		"with a password alone":         {false, "d1", false},
	} {
		onRig(t, "not the action of one "+name, func(t *testing.T, r *rig) {
			add(t, r, tt.disabled)
			d := newDevice("d1")
			send := r.call
			if tt.signs {
				r.on(d)
				send = func(method, path, body string, _ ...string) answer { return r.as(d, method, path, body) }
			}
			a := send("POST", "/sync/actions", `{"actions":[`+colleague(action.NewID(), tt.device)+`]}`)
			if !strings.Contains(a.text, string(action.NotAllowed)) || len(r.crm.Order()) != 0 {
				t.Errorf("sent: %s", a.text)
			}
		})
	}
}
