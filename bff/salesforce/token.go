package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
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
	config clientcredentials.Config
	login  *url.URL
	http   *http.Client
	flight singleflight.Group

	mu      sync.Mutex
	current session
}

func newTokens(login *url.URL, id, secret string, hc *http.Client) *tokens {
	base := strings.TrimSuffix(login.String(), "/")
	return &tokens{login: login, http: hc, config: clientcredentials.Config{
		ClientID: id, ClientSecret: secret, TokenURL: base + "/services/oauth2/token", AuthStyle: oauth2.AuthStyleInParams,
	}}
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
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.http))
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
	case status >= 400 && status < 500 && refused.ErrorCode != "":
		e.Code = action.UpstreamLogin
	}
	return e
}
