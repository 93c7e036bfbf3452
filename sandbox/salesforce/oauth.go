package salesforce

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// session is an access token that has been handed out.
type session struct{ expires time.Time }

// grant is an authorization code or a refresh token. Each works once: refresh tokens rotate.
type grant struct {
	kind      string // "code" or "refresh"
	challenge string // S256 of the code verifier
	redirect  string
	expires   time.Time
}

const (
	codeLife    = 15 * time.Minute
	refreshLife = 90 * 24 * time.Hour
)

func (s *Server) serveOAuth(w http.ResponseWriter, r *http.Request, raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "POST /services/oauth2/token":
		writeReply(w, s.token(r, raw))
	case "GET /services/oauth2/authorize":
		s.authorize(w, r)
	case "POST /services/oauth2/revoke":
		form, _ := url.ParseQuery(string(raw)) // an unreadable form names no token
		delete(s.sessions, form.Get("token"))
		delete(s.grants, form.Get("token"))
		writeReply(w, reply{status: http.StatusOK})
	default:
		writeReply(w, notFound().reply())
	}
}

func oauthError(code, description string) reply {
	return reply{status: http.StatusBadRequest, body: map[string]any{"error": code, "error_description": description}}
}

// token is the token endpoint: client credentials, authorization code with PKCE, and refresh.
func (s *Server) token(r *http.Request, raw []byte) reply {
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return oauthError("invalid_request", "the form cannot be read")
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if !same(id, s.opts.ClientID) {
		return oauthError("invalid_client_id", "client identifier invalid")
	}
	if !same(secret, s.opts.ClientSecret) {
		return oauthError("invalid_client", "invalid client credentials")
	}
	now := time.Now()
	switch form.Get("grant_type") {
	case "client_credentials":
		return reply{status: 200, body: s.issue(r, now, "")}
	case "authorization_code":
		g, ok := s.redeem(form.Get("code"), "code", now)
		if !ok || g.redirect != form.Get("redirect_uri") {
			return oauthError("invalid_grant", "invalid authorization code")
		}
		if g.challenge != "" && g.challenge != s256(form.Get("code_verifier")) {
			return oauthError("invalid_grant", "invalid code verifier")
		}
		return reply{status: 200, body: s.issue(r, now, s.grant(grant{kind: "refresh", expires: now.Add(refreshLife)}))}
	case "refresh_token":
		if _, ok := s.redeem(form.Get("refresh_token"), "refresh", now); !ok {
			return oauthError("invalid_grant", "expired access/refresh token")
		}
		return reply{status: 200, body: s.issue(r, now, s.grant(grant{kind: "refresh", expires: now.Add(refreshLife)}))}
	}
	return oauthError("unsupported_grant_type", "grant type not supported")
}

// authorize signs the demo person in without a page and sends the browser back with a code.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || !same(q.Get("client_id"), s.opts.ClientID) || q.Get("response_type") != "code" {
		writeReply(w, oauthError("invalid_request", "client_id, redirect_uri or response_type is wrong"))
		return
	}
	if m := q.Get("code_challenge_method"); q.Get("code_challenge") != "" && m != "" && m != "S256" {
		writeReply(w, oauthError("invalid_request", "only S256 code challenges are supported"))
		return
	}
	code := s.grant(grant{kind: "code", challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), expires: time.Now().Add(codeLife)})
	answer := back.Query()
	answer.Set("code", code)
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// issue hands out an access token. Like the real answer it has no expires_in: an end is only seen as a 401.
func (s *Server) issue(r *http.Request, now time.Time, refresh string) map[string]any {
	const org, user = "00DFP0000000001EAA", "005FP0000000001EAA"
	access := org[:15] + "!" + rand.Text() + rand.Text()
	s.sessions[access] = session{expires: now.Add(s.opts.SessionLife)}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	base := scheme + r.Host
	issued := strconv.FormatInt(now.UnixMilli(), 10)
	id := base + "/id/" + org + "/" + user
	mac := hmac.New(sha256.New, []byte(s.opts.ClientSecret))
	mac.Write([]byte(id + issued))
	answer := map[string]any{
		"access_token": access, "instance_url": base, "id": id, "token_type": "Bearer", "issued_at": issued,
		"signature": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "scope": "api",
	}
	if refresh != "" {
		answer["refresh_token"], answer["scope"] = refresh, "refresh_token api"
	}
	return answer
}

func (s *Server) grant(g grant) string {
	name := "5Aep" + rand.Text() + rand.Text()
	s.grants[name] = g
	return name
}

func (s *Server) redeem(name, kind string, now time.Time) (grant, bool) {
	g, ok := s.grants[name]
	if !ok || g.kind != kind {
		return grant{}, false
	}
	delete(s.grants, name)
	return g, now.Before(g.expires)
}

// authorized checks a bearer token and, as the real session does, prolongs it.
func (s *Server) authorized(header string) bool {
	kind, name, ok := strings.Cut(header, " ")
	if !ok || (!strings.EqualFold(kind, "Bearer") && !strings.EqualFold(kind, "OAuth")) {
		return false
	}
	t, ok := s.sessions[name]
	now := time.Now()
	if !ok || !now.Before(t.expires) {
		delete(s.sessions, name)
		return false
	}
	s.sessions[name] = session{expires: now.Add(s.opts.SessionLife)}
	return true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
