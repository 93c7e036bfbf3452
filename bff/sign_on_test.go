package bff_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/memory"
)

// lobby is a directory that behaves: a code is good once, for the verifier of
// its challenge, and names the nonce that it was asked with.
type lobby struct {
	person    bff.DirectoryPerson
	challenge string
	nonce     string
	used      bool
}

func (l *lobby) AuthorizeURL(redirect, state, challenge, nonce string) string {
	l.challenge, l.nonce, l.used = challenge, nonce, false
	return "https://org.example.com/authorize?" + url.Values{"redirect_uri": {redirect}, "state": {state}}.Encode()
}

func (l *lobby) Person(_ context.Context, _, code, verifier, nonce string) (bff.DirectoryPerson, error) {
	sum := sha256.Sum256([]byte(verifier))
	if code != "good" || l.used || base64.RawURLEncoding.EncodeToString(sum[:]) != l.challenge || nonce != l.nonce {
		return bff.DirectoryPerson{}, &action.Error{Code: action.SignInNeeded}
	}
	l.used = true
	return l.person, nil
}

const (
	appVerifier = "a-verifier-that-only-the-app-knows-0123456789"
	appState    = "state-0123456789"
	appAddress  = "http://127.0.0.1:49152/back"
)

// signOnRig is a server where people sign in at the lobby.
func signOnRig(t *testing.T) (*rig, *lobby) {
	t.Helper()
	l := &lobby{person: bff.DirectoryPerson{ID: "005", Login: strings.ToUpper(demoLogin), Name: "Jordan"}}
	r := newRig(t, func(o *bff.ServerOptions) {
		on, err := bff.NewSignOn(bff.SignOnOptions{
			Directory: l, Identity: o.Identity, Nonces: memory.New().Stores().Enrolments,
			Key: bytes.Repeat([]byte("k"), 32), PublicURL: "https://bff.test",
		})
		if err != nil {
			t.Fatal(err)
		}
		o.SignOn = on
	})
	return r, l
}

// begin sends the browser to the org and returns the state and the cookie that
// it carries.
func (r *rig) begin() (state, cookie string) {
	r.t.Helper()
	sum := sha256.Sum256([]byte(appVerifier))
	got := r.call("GET", "/auth/salesforce?"+url.Values{
		"redirectUri": {appAddress}, "state": {appState}, "codeChallenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "deviceId": {"device-1"},
	}.Encode(), "")
	to := location(r.t, got)
	made, err := http.ParseSetCookie(got.header.Get("Set-Cookie"))
	if err != nil || !made.HttpOnly || !made.Secure || made.SameSite != http.SameSiteLaxMode {
		r.t.Fatalf("cookie %v, %v", made, err)
	}
	if to.Query().Get("redirect_uri") != "https://bff.test/auth/salesforce/callback" {
		r.t.Errorf("the org sends back to %q", to.Query().Get("redirect_uri"))
	}
	return to.Query().Get("state"), made.Name + "=" + made.Value
}

func location(t *testing.T, got answer) *url.URL {
	t.Helper()
	to, err := url.Parse(got.header.Get("Location"))
	if got.status != http.StatusFound || err != nil {
		t.Fatalf("answer %d %s, %v", got.status, got.text, err)
	}
	return to
}

func (r *rig) back(query url.Values, cookie string) answer {
	r.t.Helper()
	return r.call("GET", "/auth/salesforce/callback?"+query.Encode(), "", "Cookie", cookie)
}

// code takes the browser the whole way.
func (r *rig) code() string {
	r.t.Helper()
	state, cookie := r.begin()
	to := location(r.t, r.back(url.Values{"code": {"good"}, "state": {state}}, cookie))
	if to.Host != "127.0.0.1:49152" || to.Query().Get("state") != appState {
		r.t.Errorf("the app is called at %s", to.Host)
	}
	return to.Query().Get("code")
}

func (r *rig) redeem(code, verifier, device string) answer {
	r.t.Helper()
	return r.call("POST", "/auth/salesforce/token", `{"code":"`+code+`","codeVerifier":"`+verifier+`","deviceId":"`+device+`"}`)
}

func TestServer_SignOn(t *testing.T) {
	r, l := signOnRig(t)
	t.Run("a person signs in at the org and the app gets a session of ours, once", func(t *testing.T) {
		code := r.code()
		got := r.redeem(code, appVerifier, "device-1")
		tokens, _ := got.body["tokens"].(map[string]any)
		if got.status != 200 || tokens["accessToken"] == nil {
			t.Fatalf("answer %d %s", got.status, got.text)
		}
		r.token, _ = tokens["accessToken"].(string)
		defer func() { r.token = "" }()
		if got := r.call("GET", "/salesforce/invoices", ""); got.status != 200 {
			t.Errorf("with the token: %d", got.status)
		}
		if again := r.redeem(code, appVerifier, "device-1"); again.status != 401 {
			t.Errorf("the same code again: %d", again.status)
		}
	})
	for name, redeem := range map[string]func(code string) answer{
		"who does not know the verifier": func(code string) answer { return r.redeem(code, strings.Repeat("x", 43), "device-1") },
		"on another device":              func(code string) answer { return r.redeem(code, appVerifier, "device-2") },
		"with a changed code":            func(code string) answer { return r.redeem(code[:len(code)-2]+"xx", appVerifier, "device-1") },
	} {
		t.Run("nobody gets tokens "+name, func(t *testing.T) {
			if got := redeem(r.code()); got.status != 401 {
				t.Errorf("answer %d", got.status)
			}
		})
	}
	t.Run("another browser does not finish what this one began", func(t *testing.T) {
		state, _ := r.begin()
		_, other := r.begin()
		for _, cookie := range []string{"", other} {
			if got := r.back(url.Values{"code": {"good"}, "state": {state}}, cookie); got.status != 401 {
				t.Errorf("answer %d", got.status)
			}
		}
	})
	t.Run("a state that is not of this server begins nothing", func(t *testing.T) {
		_, cookie := r.begin()
		if got := r.back(url.Values{"code": {"good"}, "state": {"x"}}, cookie); got.status != 401 {
			t.Errorf("answer %d", got.status)
		}
	})
	t.Run("a code of the app does not pass as a state, nor the other way round", func(t *testing.T) {
		state, cookie := r.begin()
		if got := r.back(url.Values{"code": {"good"}, "state": {r.code()}}, cookie); got.status != 401 {
			t.Errorf("a code as a state: %d", got.status)
		}
		if got := r.redeem(state, appVerifier, "device-1"); got.status != 401 {
			t.Errorf("a state as a code: %d", got.status)
		}
	})
	t.Run("who says no at the org, or is not known here, is told in the app", func(t *testing.T) {
		state, cookie := r.begin()
		if to := location(t, r.back(url.Values{"error": {"access_denied"}, "state": {state}}, cookie)); to.Query().Get("error") != "access_denied" {
			t.Errorf("%v", to.Query())
		}
		known := l.person
		defer func() { l.person = known }()
		l.person = bff.DirectoryPerson{ID: "006", Login: "stranger@example.com"}
		state, cookie = r.begin()
		if to := location(t, r.back(url.Values{"code": {"good"}, "state": {state}}, cookie)); to.Query().Get("error") != "not_allowed" || to.Query().Get("code") != "" {
			t.Errorf("%v", to.Query())
		}
	})
	for _, address := range []string{"https://evil.example.com/", "http://evil.example.com:80/", "http://localhost:1/", "http://127.0.0.1/", "http://127.0.0.1:1/?x=1", "javascript:alert(1)", "http://u@127.0.0.1:1/"} {
		t.Run("the code goes to no "+address, func(t *testing.T) {
			got := r.call("GET", "/auth/salesforce?"+url.Values{"redirectUri": {address}, "state": {appState}, "codeChallenge": {strings.Repeat("x", 43)}}.Encode(), "")
			if got.status != 400 {
				t.Errorf("answer %d", got.status)
			}
		})
	}
}

func TestServer_SignOnTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := signOnRig(t)
		state, cookie := r.begin()
		code := r.code()
		elapse(2 * time.Minute)
		if got := r.redeem(code, appVerifier, "device-1"); got.status != 401 {
			t.Errorf("an old code: %d", got.status)
		}
		elapse(10 * time.Minute)
		if got := r.back(url.Values{"code": {"good"}, "state": {state}}, cookie); got.status != 401 {
			t.Errorf("an old state: %d", got.status)
		}
	})
}

// No bytes from a browser or an app break the sign-in, or are taken for what
// this server sealed.
func FuzzSignOn(f *testing.F) {
	f.Add("", "")
	f.Add("AAAA", "AAAA")
	l := &lobby{}
	on, err := bff.NewSignOn(bff.SignOnOptions{
		Directory: l, Identity: new(bff.Identity), Nonces: memory.New().Stores().Enrolments, Key: bytes.Repeat([]byte("k"), 32), PublicURL: "https://bff.test",
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, state, code string) {
		if _, err := on.Return(t.Context(), "good", state, "", "x"); action.CodeOf(err) != action.SignInNeeded {
			t.Errorf("returned: %v", err)
		}
		if _, err := on.Redeem(t.Context(), code, appVerifier, ""); action.CodeOf(err) != action.SignInNeeded {
			t.Errorf("redeemed: %v", err)
		}
	})
}
