package bffclient_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

func TestNew(t *testing.T) {
	cases := map[string]action.Code{
		"https://fieldpay.example.com":       "",
		"https://fieldpay.example.com/base/": "",
		"http://127.0.0.1:3001":              "",
		"http://[::1]:3001":                  "",
		"http://localhost:3001":              "",
		"http://fieldpay.example.com":        action.UnsafeNetwork,
		"http://192.168.1.4:3001":            action.UnsafeNetwork,
		"http://127.0.0.1.example.com":       action.UnsafeNetwork,
		"https://user:secret@example.com":    action.BadRequest,
		"https://example.com?x=1":            action.BadRequest,
		"ftp://example.com":                  action.BadRequest,
		"example.com":                        action.BadRequest,
		"":                                   action.BadRequest,
	}
	for address, want := range cases {
		t.Run(address, func(t *testing.T) {
			_, err := bffclient.New(bffclient.Options{BaseURL: address, Tokens: newWallet()})
			if got := action.CodeOf(err); got != want {
				t.Errorf("got %q (%v), want %q", got, err, want)
			}
		})
	}
	t.Run("wants a token source", func(t *testing.T) {
		if _, err := bffclient.New(bffclient.Options{BaseURL: "https://example.com"}); err == nil {
			t.Error("none was needed")
		}
	})
}

// Invariant 8: no secret, token or customer datum is in a log or an error.
func TestClient_SaysNothingSecret(t *testing.T) {
	const token, refreshToken, password, customer = "canary-access", "canary-refresh", "canary-password", "Canary & Sons"
	var said strings.Builder
	s := newServer(t)
	leak := func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		writeRaw("HTTP/1.1 200 OK\r\nFieldPay-Protocol: 1\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n[\""+customer+r.Header.Get("Authorization"))(w, r)
	}
	for _, path := range []string{"/sync/actions", "/auth/login", "/salesforce/accounts", "/auth/refresh", "/auth/logout"} {
		s.on(path, leak)
	}
	tokens := newWallet()
	tokens.tokens.Access, tokens.tokens.Refresh = token, refreshToken
	log := func(o *bffclient.Options) { o.Logger = zerolog.New(&said) }
	for _, address := range []string{s.URL, "http://127.0.0.1:1"} {
		c := newClient(t, address, tokens, log)
		_, err := c.Send(t.Context(), batch(1, 10))
		fmt.Fprintln(&said, err)
		_, err = c.SignIn(t.Context(), "canary-user", password)
		fmt.Fprintln(&said, err)
		_, err = c.Accounts(t.Context(), bffclient.AccountQuery{Search: customer})
		fmt.Fprintln(&said, err)
		fmt.Fprintln(&said, c.Refresh(t.Context()))
	}
	fmt.Fprintln(&said, newClient(t, s.URL, tokens, log).SignOut(t.Context()))
	for _, canary := range []string{"canary", "Canary"} {
		if strings.Contains(said.String(), canary) {
			t.Errorf("%q was said:\n%s", canary, said.String())
		}
	}
	if !strings.Contains(said.String(), "sending actions") {
		t.Errorf("nothing was said at all:\n%s", said.String())
	}
}

func ExampleNew() {
	_, err := bffclient.New(bffclient.Options{BaseURL: "http://fieldpay.example.com", Tokens: newWallet()})
	fmt.Fprintln(os.Stdout, action.MessageOf(err))
	// Output: Plain http is accepted for a server on this machine only
}
