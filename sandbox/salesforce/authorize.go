package salesforce

import (
	"crypto/rand"
	"crypto/rsa"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// person is somebody of the org who can sign in at its page.
type person struct{ id, username, password, name, email string }

// people are the org's: the reference's demo person, and one whom no BFF knows.
func people() []person {
	return []person{
		{"005FP0000000002EAA", "demo@fieldpay.com", "demo123", "Jordan Rivera", "jordan.rivera@fieldpay.example.com"},
		{"005FP0000000003EAA", "stranger@fieldpay.example.com", "stranger1", "Sam Stranger", "stranger@fieldpay.example.com"},
	}
}

// authorization is what an app asks the page for.
type authorization struct {
	ClientID, RedirectURI, ResponseType, State, Challenge, Method, Nonce, Scope string
}

func authorizationOf(q url.Values) authorization {
	return authorization{ClientID: q.Get("client_id"), RedirectURI: q.Get("redirect_uri"), ResponseType: q.Get("response_type"),
		State: q.Get("state"), Challenge: q.Get("code_challenge"), Method: q.Get("code_challenge_method"), Nonce: q.Get("nonce"), Scope: q.Get("scope")}
}

var authorizePage = template.Must(template.New("authorize").Parse(`<!DOCTYPE html>
<html lang="en"><head><title>Login | Salesforce sandbox</title></head><body>
<h1>Salesforce sandbox</h1>{{with .Error}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/services/oauth2/authorize">
{{with .Ask}}<input type="hidden" name="client_id" value="{{.ClientID}}"><input type="hidden" name="redirect_uri" value="{{.RedirectURI}}">
<input type="hidden" name="response_type" value="{{.ResponseType}}"><input type="hidden" name="state" value="{{.State}}">
<input type="hidden" name="code_challenge" value="{{.Challenge}}"><input type="hidden" name="code_challenge_method" value="{{.Method}}">
<input type="hidden" name="nonce" value="{{.Nonce}}"><input type="hidden" name="scope" value="{{.Scope}}">{{end}}
<p><label>Username <input name="username" autocomplete="username" autofocus></label></p>
<p><label>Password <input name="pw" type="password" autocomplete="current-password"></label></p>
<p><button name="act" value="in">Log In</button> <button name="act" value="deny">Deny</button></p>
</form></body></html>
`))

// authorize shows the org's sign-in page, and sends the browser back with a code when somebody signed in there.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request, raw []byte) {
	q := r.URL.Query()
	if r.Method == http.MethodPost {
		var err error
		if q, err = url.ParseQuery(string(raw)); err != nil {
			writeReply(w, oauthError("invalid_request", "the form cannot be read"))
			return
		}
	}
	ask := authorizationOf(q)
	if bad := s.checkAuthorization(ask); bad != "" {
		writeReply(w, oauthError("invalid_request", bad))
		return
	}
	if r.Method != http.MethodPost {
		s.showPage(w, ask, "")
		return
	}
	if q.Get("act") == "deny" {
		s.sendBack(w, r, ask, "error", "access_denied")
		return
	}
	who := slices.IndexFunc(people(), func(p person) bool {
		return strings.EqualFold(p.username, q.Get("username")) && same(p.password, q.Get("pw"))
	})
	if who < 0 {
		s.showPage(w, ask, "Please check your username and password. If you still can't log in, contact your Salesforce administrator.")
		return
	}
	s.sendBack(w, r, ask, "code", s.grant(grant{kind: "code", challenge: ask.Challenge, redirect: ask.RedirectURI, nonce: ask.Nonce,
		scope: ask.Scope, who: people()[who].id, expires: time.Now().Add(codeLife)}))
}

func (s *Server) checkAuthorization(ask authorization) string {
	back, err := url.Parse(ask.RedirectURI)
	switch {
	case err != nil || back.Host == "":
		return "redirect_uri is not an address"
	case s.opts.RedirectURIs != nil && !slices.Contains(s.opts.RedirectURIs, ask.RedirectURI):
		return "redirect_uri must match configuration"
	case !same(ask.ClientID, s.opts.ClientID):
		return "client identifier invalid"
	case ask.ResponseType != "code":
		return "response_type is not supported"
	case ask.Challenge == "":
		return "missing required code challenge"
	case ask.Method != "" && ask.Method != "S256":
		return "only S256 code challenges are supported"
	}
	return ""
}

func (s *Server) showPage(w http.ResponseWriter, ask authorization, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = authorizePage.Execute(w, struct { // a browser that has gone needs no page
		Ask   authorization
		Error string
	}{ask, problem})
}

func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, ask authorization, name, value string) {
	back, err := url.Parse(ask.RedirectURI)
	if err != nil {
		writeReply(w, oauthError("invalid_request", "redirect_uri is not an address"))
		return
	}
	answer := back.Query()
	answer.Set(name, value)
	if ask.State != "" {
		answer.Set("state", ask.State)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// idToken says who signed in, to an app that asked for the scope openid.
func (s *Server) idToken(g grant, base string, now time.Time) (string, error) {
	claims := jwt.MapClaims{"iss": base, "aud": s.opts.ClientID, "sub": base + "/id/00DFP0000000001EAA/" + g.who,
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix()}
	if g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	key, err := s.signer()
	if err != nil {
		return "", err
	}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
}

// userInfo says who an access token belongs to.
func (s *Server) userInfo(r *http.Request) reply {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	t, known := s.sessions[token]
	i := slices.IndexFunc(people(), func(p person) bool { return p.id == t.who })
	if !known || i < 0 || !time.Now().Before(t.expires) {
		return reply{status: http.StatusForbidden, body: "Bad_OAuth_Token"}
	}
	p := people()[i]
	return reply{status: http.StatusOK, body: map[string]any{"sub": baseOf(r) + "/id/00DFP0000000001EAA/" + p.id, "user_id": p.id,
		"organization_id": "00DFP0000000001EAA", "preferred_username": p.username, "name": p.name, "email": p.email, "email_verified": true}}
}

func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// newSigner makes the key of the org's ID tokens.
func newSigner() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// checkStatement checks a JWT bearer assertion as the org does: signed with the key of the app's certificate, by the
// app, for the integration user, for this server, and good for no more than three minutes.
func (s *Server) checkStatement(assertion, base string) bool {
	if s.opts.JWTKey == nil {
		return false
	}
	var c jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(assertion, &c, func(*jwt.Token) (any, error) { return s.opts.JWTKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(s.opts.ClientID), jwt.WithExpirationRequired())
	if err != nil || c.Subject != integrationUser || time.Until(c.ExpiresAt.Time) > 3*time.Minute+5*time.Second {
		return false
	}
	return slices.ContainsFunc(c.Audience, func(a string) bool {
		return slices.Contains([]string{"https://login.salesforce.com", "https://test.salesforce.com", base}, a)
	})
}

// integrationUser is whom the server's own sign-in runs as.
const integrationUser = "integration@fieldpay.example.com"
