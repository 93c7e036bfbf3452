package salesforce_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fieldpay/sandbox/salesforce"
)

func authorization(challenge string) url.Values {
	return url.Values{"response_type": {"code"}, "client_id": {"fieldpay-sandbox"}, "redirect_uri": {"http://127.0.0.1:1/back"},
		"state": {"s"}, "code_challenge_method": {"S256"}, "code_challenge": {challenge}}
}

// signInPage sends the org's form.
func (o *org) signInPage(q url.Values, user, password string) *httptest.ResponseRecorder {
	o.t.Helper()
	form := maps.Clone(q)
	form.Set("username", user)
	form.Set("pw", password)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/services/oauth2/authorize", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	o.handler.ServeHTTP(w, r)
	return w
}

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestServer_AuthorizePage(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("is a form that keeps what the app asked for, and escapes it", func(t *testing.T) {
		q := authorization("c")
		q.Set("state", `"><script>`)
		w := httptest.NewRecorder()
		o.handler.ServeHTTP(w, httptest.NewRequest("GET", "/services/oauth2/authorize?"+q.Encode(), nil))
		page := w.Body.String()
		if w.Code != 200 || !strings.Contains(page, `name="username"`) || !strings.Contains(page, `value="http://127.0.0.1:1/back"`) || strings.Contains(page, "<script>") {
			t.Errorf("%d %s", w.Code, page)
		}
	})
	t.Run("a wrong password stays on the page", func(t *testing.T) {
		if w := o.signInPage(authorization("c"), "demo@fieldpay.com", "x"); w.Code != 200 || !strings.Contains(w.Body.String(), `role="alert"`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	t.Run("who denies is sent back with the error", func(t *testing.T) {
		q := authorization("c")
		q.Set("act", "deny")
		if to := o.signInPage(q, "", "").Header().Get("Location"); !strings.Contains(to, "error=access_denied") || !strings.Contains(to, "state=s") {
			t.Errorf("sent to %q", to)
		}
	})
	for name, change := range map[string][2]string{
		"no challenge": {"code_challenge", ""}, "a plain challenge": {"code_challenge_method", "plain"}, "another app": {"client_id", "x"},
		"a token at once": {"response_type", "token"}, "no way back": {"redirect_uri", ""},
	} {
		t.Run(name+" is refused before anybody signs in", func(t *testing.T) {
			q := authorization("c")
			q.Set(change[0], change[1])
			if w := o.signInPage(q, "demo@fieldpay.com", "demo123"); w.Code != 400 {
				t.Errorf("%d", w.Code)
			}
		})
	}
	t.Run("sends back only where the app says", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{RedirectURIs: []string{"https://bff.example.com/cb"}})
		if w := o.signInPage(authorization("c"), "demo@fieldpay.com", "demo123"); w.Code != 400 {
			t.Errorf("%d", w.Code)
		}
	})
	t.Run("a code ends after a quarter of an hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOrg(t, salesforce.Options{})
			to, err := url.Parse(o.signInPage(authorization(s256("v")), "demo@fieldpay.com", "demo123").Header().Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(16 * time.Minute)
			if status, got := o.ask("grant_type", "authorization_code", "code", to.Query().Get("code"), "redirect_uri", "http://127.0.0.1:1/back", "code_verifier", "v"); status != 400 {
				t.Errorf("%d %v", status, got)
			}
		})
	})
	t.Run("openid tells who it was, with the nonce, and gives no refresh token that was not asked for", func(t *testing.T) {
		q := authorization(s256("v"))
		q.Set("scope", "openid")
		q.Set("nonce", "n-1")
		to, err := url.Parse(o.signInPage(q, "DEMO@fieldpay.com", "demo123").Header().Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		_, got := o.ask("grant_type", "authorization_code", "code", to.Query().Get("code"), "redirect_uri", "http://127.0.0.1:1/back", "code_verifier", "v")
		raw, _ := got["id_token"].(string)
		var c jwt.MapClaims
		if _, _, err := jwt.NewParser().ParseUnverified(raw, &c); err != nil || c["nonce"] != "n-1" || c["aud"] != "fieldpay-sandbox" || got["refresh_token"] != nil {
			t.Errorf("%v, claims %v, %v", got, c, err)
		}
		access, _ := got["access_token"].(string)
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/services/oauth2/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+access)
		o.handler.ServeHTTP(w, r)
		if info := object(t, w.Body.Bytes()); info["preferred_username"] != "demo@fieldpay.com" || info["sub"] != c["sub"] {
			t.Errorf("%v", info)
		}
	})
}

func TestServer_JWTBearer(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := newOrg(t, salesforce.Options{JWTKey: &key.PublicKey})
	claims := func(change func(*jwt.RegisteredClaims)) string {
		c := jwt.RegisteredClaims{Issuer: "fieldpay-sandbox", Subject: "integration@fieldpay.example.com", Audience: jwt.ClaimStrings{"https://login.salesforce.com"},
			ExpiresAt: jwt.NewNumericDate(time.Now().Add(2 * time.Minute))}
		change(&c)
		signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	ask := func(assertion string) int {
		status, _ := o.ask("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", assertion)
		return status
	}
	if got := ask(claims(func(*jwt.RegisteredClaims) {})); got != 200 {
		t.Errorf("a good statement: %d", got)
	}
	for name, change := range map[string]func(*jwt.RegisteredClaims){
		"another app":          func(c *jwt.RegisteredClaims) { c.Issuer = "x" },
		"another person":       func(c *jwt.RegisteredClaims) { c.Subject = "x" },
		"another server":       func(c *jwt.RegisteredClaims) { c.Audience = jwt.ClaimStrings{"https://example.com"} },
		"an old statement":     func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Minute)) },
		"a statement for ever": func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(time.Hour)) },
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if got := ask(claims(change)); got != 400 {
				t.Errorf("%d", got)
			}
		})
	}
}
