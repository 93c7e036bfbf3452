package salesforce

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
	"golang.org/x/sync/singleflight"

	"fieldpay/action"
)

// signInTimeout bounds one sign-in of the server.
const signInTimeout = 20 * time.Second

// session is an access token and the host it is good for.
type session struct{ token, instance string }

// tokens keeps the server's session. Salesforce tells no expiry: a token is
// used until a call is answered 401, then dropped and fetched anew, once for
// all the calls that were running with it.
type tokens struct {
	grant  grant
	login  *url.URL
	http   *http.Client
	flight singleflight.Group

	mu      sync.Mutex
	current session
}

// grant is a way to sign the server in.
type grant interface {
	Token(ctx context.Context) (*oauth2.Token, error)
}

// JWTBearer signs the server in as an integration user by a signed statement:
// no secret crosses the wire, and Salesforce keeps only a certificate.
// https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm
type JWTBearer struct {
	// Username is the integration user's.
	Username string
	// Key is the RSA private key in PEM (PKCS #1 or #8) whose certificate the
	// external client app has.
	Key []byte
	// Audience is https://login.salesforce.com by default, or
	// https://test.salesforce.com for an org that is a sandbox.
	Audience string
}

// statementLife is how long a signed statement is good; Salesforce takes three
// minutes at most.
const statementLife = 3 * time.Minute

func newTokens(login *url.URL, o Options, hc *http.Client) (*tokens, error) {
	t := &tokens{login: login, http: hc}
	endpoint := strings.TrimSuffix(login.String(), "/") + "/services/oauth2/token"
	switch {
	case o.ClientID == "":
		return nil, errors.New("salesforce: a client id is required")
	case o.JWT != nil:
		if o.JWT.Username == "" {
			return nil, errors.New("salesforce: the sign-in by key needs the integration user's name")
		}
		if block, _ := pem.Decode(o.JWT.Key); block == nil {
			return nil, errors.New("salesforce: the key of the sign-in must be an RSA key in PEM")
		}
		t.grant = statement{&jwt.Config{
			Email: o.ClientID, Subject: o.JWT.Username, PrivateKey: o.JWT.Key, TokenURL: endpoint,
			Audience: cmp.Or(o.JWT.Audience, "https://login.salesforce.com"), Expires: statementLife,
		}}
	case o.ClientSecret == "":
		return nil, errors.New("salesforce: a client secret is required, or the sign-in by key")
	default:
		t.grant = &clientcredentials.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret, TokenURL: endpoint, AuthStyle: oauth2.AuthStyleInParams,
		}
	}
	return t, nil
}

// statement is the JWT bearer flow as a grant.
type statement struct{ config *jwt.Config }

// Token implements grant.
func (s statement) Token(ctx context.Context) (*oauth2.Token, error) {
	return s.config.TokenSource(ctx).Token()
}

// session returns the current session, signing in when there is none.
func (t *tokens) session(ctx context.Context) (session, error) {
	if s := t.kept(); s.token != "" {
		return s, nil
	}
	// The sign-in belongs to all who wait for it, so that one caller who goes
	// away does not end it; it is bounded by its own time-out.
	done := t.flight.DoChan("session", func() (any, error) {
		if s := t.kept(); s.token != "" {
			return s, nil
		}
		shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), signInTimeout)
		defer cancel()
		return t.signIn(shared)
	})
	select {
	case <-ctx.Done():
		return session{}, &action.Error{Code: action.SalesforceDown, Op: "signing in", Cause: ctx.Err()}
	case r := <-done:
		s, _ := r.Val.(session)
		return s, r.Err
	}
}

func (t *tokens) kept() session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// drop forgets s, unless a newer session has taken its place already.
func (t *tokens) drop(s session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == s {
		t.current = session{}
	}
}

func (t *tokens) signIn(ctx context.Context) (session, error) {
	token, err := t.grant.Token(context.WithValue(ctx, oauth2.HTTPClient, t.http))
	if err != nil {
		return session{}, signInError(err)
	}
	s := session{token: token.AccessToken, instance: t.instance(token)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = s
	return s, nil
}

// instance is the host that the sign-in named for the calls, or the login host
// itself. A host without TLS is not taken from a login with TLS.
func (t *tokens) instance(token *oauth2.Token) string {
	named, _ := token.Extra("instance_url").(string)
	u, err := url.Parse(named)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != t.login.Scheme) {
		u = t.login
	}
	return u.Scheme + "://" + u.Host
}

// refusedGrant reports that the endpoint said no in its own form; the JWT flow
// leaves the form unread.
func refusedGrant(e *oauth2.RetrieveError) bool {
	var said struct {
		Error string `json:"error"`
	}
	return e.ErrorCode != "" || json.Unmarshal(e.Body, &said) == nil && said.Error != ""
}

// signInError maps what the token endpoint said. Its text is left out: it may
// carry what was sent.
func signInError(err error) error {
	e := &action.Error{Code: action.SalesforceDown, Op: "signing in"}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		var transport *url.Error
		if errors.As(err, &transport) {
			e.Cause = transport.Err
		}
		return e
	}
	status := refused.Response.StatusCode
	e.Cause = fmt.Errorf("the token endpoint answered %d", status)
	e.RetryAfter = retryAfter(refused.Response.Header)
	switch {
	case status == http.StatusTooManyRequests:
		e.Code = action.RateLimited
	case status >= 400 && status < 500 && refusedGrant(refused):
		e.Code = action.UpstreamLogin
	}
	return e
}
