package host_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"fieldpay/bff/cmd/host"
)

// TestStart_SignOn walks the whole way of a browser: from the server to the
// page of the org inside, back to the server and on to the app.
func TestStart_SignOn(t *testing.T) {
	h, err := host.Start(t.Context(), host.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir()}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeHost(t, h) }) // the test's own context is over by then
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Port() == "1" {
			return http.ErrUseLastResponse // that is the app
		}
		return nil
	}}
	const verifier = "a-verifier-that-only-the-app-knows-0123456789"
	sum := sha256.Sum256([]byte(verifier))
	page := read(t, browser, http.MethodGet, h.URL()+"/auth/salesforce?"+url.Values{
		"redirectUri": {"http://127.0.0.1:1/back"}, "state": {"state-0123456789"}, "codeChallenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}.Encode(), nil)
	form := url.Values{"username": {"demo@fieldpay.com"}, "pw": {"demo123"}}
	for _, field := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page.body, -1) {
		form.Set(field[1], strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(field[2]))
	}
	org, err := url.Parse(page.url)
	if err != nil || form.Get("nonce") == "" {
		t.Fatalf("the page is %s %q, %v", page.url, page.body, err)
	}
	back := read(t, browser, http.MethodPost, org.Scheme+"://"+org.Host+"/services/oauth2/authorize", form)
	app, err := url.Parse(back.location)
	if err != nil || app.Query().Get("state") != "state-0123456789" || app.Query().Get("code") == "" {
		t.Fatalf("the app is called at %q, %v: %s", back.location, err, back.body)
	}
	body, err := json.Marshal(map[string]string{"code": app.Query().Get("code"), "codeVerifier": verifier})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(h.URL()+"/auth/salesforce/token", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		User struct{ ID string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK || answer.User.ID != "user-001" {
		t.Errorf("answer %d %+v, %v", resp.StatusCode, answer, err)
	}
}

type pageRead struct{ url, body, location string }

func read(t *testing.T, c *http.Client, method, at string, form url.Values) pageRead {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return pageRead{resp.Request.URL.String(), string(body), resp.Header.Get("Location")}
}
