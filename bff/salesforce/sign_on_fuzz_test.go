package salesforce_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"fieldpay/action"
	"fieldpay/bff/salesforce"
)

// Whatever the sign-in page's server answers, nobody is signed in by an ID token
// that was not asked for, and what goes wrong has a code.
func FuzzSignOn_Person(f *testing.F) {
	token := func(claims string) string {
		return `{"access_token":"a","token_type":"Bearer","id_token":"h.` + base64.RawURLEncoding.EncodeToString([]byte(claims)) + `.s"}`
	}
	for _, s := range []string{
		token(`{"aud":"id","nonce":"other","exp":99999999999,"sub":"x"}`), token(`{"aud":["id",1],"exp":-1}`), token(`null`), token(`{"aud":{}}`),
		`{"access_token":"a","id_token":7}`, `{"error":"invalid_grant"}`, ``, `[]`,
	} {
		f.Add(200, []byte(s))
		f.Add(400, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 || status == 204 || status == 304 {
			return
		}
		s, err := salesforce.NewSignOn(salesforce.SignOnOptions{
			BaseURL: "https://org.example", ClientID: "id", ClientSecret: "secret",
			HTTP: &http.Client{Transport: scripted{status: status, body: string(body)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		// The nonce is one that no fuzzer guesses.
		p, err := s.Person(t.Context(), "https://office.example/callback", "code", "verifier", "f3b1c2d4e5a697887766554433221100")
		if err == nil || action.CodeOf(err) == action.Internal {
			t.Errorf("it makes %+v, %v", p, err)
		}
	})
}
