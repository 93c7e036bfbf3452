package salesforce_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/sandbox/salesforce"
)

// ask calls the token endpoint with the client's own credentials and what pairs say.
func (o *org) ask(pairs ...string) (int, map[string]any) {
	o.t.Helper()
	form := url.Values{"client_id": {"fieldpay-sandbox"}, "client_secret": {"sandbox-secret"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	status, _, raw := o.form("/services/oauth2/token", form)
	return status, object(o.t, raw)
}

func TestServer_Token(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("an answer has the real shape, and no expiry", func(t *testing.T) {
		status, got := o.ask("grant_type", "client_credentials")
		millis, err := strconv.ParseInt(got["issued_at"].(string), 10, 64)
		if status != 200 || err != nil || time.Since(time.UnixMilli(millis)) > time.Minute || got["instance_url"] != "http://example.com" || got["token_type"] != "Bearer" {
			t.Errorf("got %d %v", status, got)
		}
		if _, ok := got["expires_in"]; ok {
			t.Error("there is an expires_in")
		}
	})
	for name, tt := range map[string]struct{ key, value, want string }{
		"a wrong secret":    {"client_secret", "x", "invalid_client"},
		"a wrong client":    {"client_id", "x", "invalid_client_id"},
		"an unknown grant":  {"grant_type", "password", "unsupported_grant_type"},
		"a made-up refresh": {"grant_type", "refresh_token", "invalid_grant"},
		"a made-up code":    {"grant_type", "authorization_code", "invalid_grant"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			status, got := o.ask("grant_type", "client_credentials", tt.key, tt.value)
			if status != 400 || got["error"] != tt.want {
				t.Errorf("got %d %v", status, got)
			}
		})
	}
}

func TestServer_TokenRotation(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("a code is good once and only with its verifier, and refresh tokens rotate", func(t *testing.T) {
		sum := sha256.Sum256([]byte("the-verifier"))
		code := func() string {
			w := o.signInPage(authorization(base64.RawURLEncoding.EncodeToString(sum[:])), "demo@fieldpay.com", "demo123")
			back, err := url.Parse(w.Header().Get("Location"))
			if err != nil || back.Query().Get("state") != "s" {
				t.Fatalf("sent to %q", w.Header().Get("Location"))
			}
			return back.Query().Get("code")
		}
		redeem := func(code, verifier string) (int, map[string]any) {
			return o.ask("grant_type", "authorization_code", "code", code, "redirect_uri", "http://127.0.0.1:1/back", "code_verifier", verifier)
		}
		if status, _ := redeem(code(), "another"); status != 400 {
			t.Error("a wrong verifier was taken")
		}
		good := code()
		status, got := redeem(good, "the-verifier")
		if again, _ := redeem(good, "the-verifier"); status != 200 || again != 400 {
			t.Errorf("got %d, then %d", status, again)
		}
		refresh := got["refresh_token"].(string)
		status, _ = o.ask("grant_type", "refresh_token", "refresh_token", refresh)
		if again, _ := o.ask("grant_type", "refresh_token", "refresh_token", refresh); status != 200 || again != 400 {
			t.Errorf("got %d, then %d", status, again)
		}
	})
}

func TestServer_Session(t *testing.T) {
	t.Run("no token, no data", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		o.token = "made-up"
		status, raw := o.do("GET", root+"/limits", nil)
		if code, _, _ := failure(t, raw); status != 401 || code != "INVALID_SESSION_ID" {
			t.Errorf("got %d %s", status, raw)
		}
	})
	t.Run("a session that is not used ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOrg(t, salesforce.Options{})
			<-time.After(119 * time.Minute)
			if status, _ := o.do("GET", root+"/limits", nil); status != 200 {
				t.Errorf("in time: %d", status)
			}
			<-time.After(2 * time.Hour)
			if status, _ := o.do("GET", root+"/limits", nil); status != 401 {
				t.Errorf("late: %d", status)
			}
		})
	})
	t.Run("the limit is told on each reply, refuses at its end and comes back after a day", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOrg(t, salesforce.Options{DailyCalls: 2, SessionLife: 48 * time.Hour})
			_, header, _ := o.doHeader("GET", root+"/sobjects", nil, nil)
			if got := header.Get("Sforce-Limit-Info"); got != "api-usage=1/2" {
				t.Errorf("told %q", got)
			}
			o.do("GET", root+"/sobjects", nil)
			status, raw := o.do("GET", root+"/sobjects", nil)
			if code, _, _ := failure(t, raw); status != 403 || code != "REQUEST_LIMIT_EXCEEDED" {
				t.Errorf("got %d %s", status, raw)
			}
			<-time.After(25 * time.Hour)
			if status, _ := o.do("GET", root+"/sobjects", nil); status != 200 {
				t.Errorf("a day later: %d", status)
			}
		})
	})
}
