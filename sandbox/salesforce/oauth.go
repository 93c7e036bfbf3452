package salesforce

import (
	"cmp"
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
type session struct {
	expires time.Time
	who     string // the id of its person; empty for the server's own
}

// grant is an authorization code or a refresh token. Each works once: refresh tokens rotate.
type grant struct {
	kind      string // "code" or "refresh"
	challenge string // S256 of the code verifier
	redirect  string
	nonce     string
	scope     string
	who       string // the id of who signed in
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
	case "GET /services/oauth2/authorize", "POST /services/oauth2/authorize":
		s.authorize(w, r, raw)
	case "GET /services/oauth2/userinfo":
		writeReply(w, s.userInfo(r))
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

// token is the token endpoint: client credentials, JWT bearer, authorization code with PKCE, and refresh.
func (s *Server) token(r *http.Request, raw []byte) reply {
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return oauthError("invalid_request", "the form cannot be read")
	}
	if form.Get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		if !s.checkStatement(form.Get("assertion"), baseOf(r)) {
			return oauthError("invalid_grant", "user hasn't approved this consumer")
		}
		return reply{status: 200, body: s.issue(r, time.Now(), grant{}, "")}
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
		return reply{status: 200, body: s.issue(r, now, grant{}, "")}
	case "authorization_code":
		g, ok := s.redeem(form.Get("code"), "code", now)
		if !ok || g.redirect != form.Get("redirect_uri") {
			return oauthError("invalid_grant", "invalid authorization code")
		}
		if g.challenge != s256(form.Get("code_verifier")) {
			return oauthError("invalid_grant", "invalid code verifier")
		}
		return reply{status: 200, body: s.issue(r, now, g, s.renewal(g, now))}
	case "refresh_token":
		g, ok := s.redeem(form.Get("refresh_token"), "refresh", now)
		if !ok {
			return oauthError("invalid_grant", "expired access/refresh token")
		}
		return reply{status: 200, body: s.issue(r, now, g, s.renewal(g, now))}
	}
	return oauthError("unsupported_grant_type", "grant type not supported")
}

// issue hands out an access token. Like the real answer it has no expires_in: an end is only seen as a 401.
func (s *Server) issue(r *http.Request, now time.Time, g grant, refresh string) map[string]any {
	const org = "00DFP0000000001EAA"
	user := cmp.Or(g.who, "005FP0000000001EAA")
	access := org[:15] + "!" + rand.Text() + rand.Text()
	s.sessions[access] = session{expires: now.Add(s.opts.SessionLife), who: g.who}
	base := baseOf(r)
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
	if strings.Contains(g.scope, "openid") {
		if token, err := s.idToken(g, base, now); err == nil {
			answer["id_token"] = token
		}
	}
	return answer
}

// renewal is a refresh token for who was granted g, if they asked for one: no scope at all asks for everything.
func (s *Server) renewal(g grant, now time.Time) string {
	if g.scope != "" && !strings.Contains(g.scope, "refresh_token") && !strings.Contains(g.scope, "offline_access") {
		return ""
	}
	return s.grant(grant{kind: "refresh", who: g.who, scope: g.scope, expires: now.Add(refreshLife)})
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
	t.expires = now.Add(s.opts.SessionLife)
	s.sessions[name] = t
	return true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
