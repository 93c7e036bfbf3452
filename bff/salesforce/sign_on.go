package salesforce

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"fieldpay/action"
	"fieldpay/bff"
)

// SignOn is the org's own sign-in page for people: the web-server flow with
// PKCE. It is a bff.Directory.
//
// No refresh token is asked for: every call of FieldPay's is made under the
// server's identity, so a long-lived key of a person's would only be one to
// lose. Their session with FieldPay renews itself and can be revoked.
type SignOn struct {
	config oauth2.Config
	http   *http.Client
}

var _ bff.Directory = (*SignOn)(nil)

// SignOnOptions configures a SignOn. All but HTTP are required.
type SignOnOptions struct {
	// BaseURL is the address of the sign-in page: the org's My Domain host.
	BaseURL string
	// ClientID and ClientSecret are those of the external client app in which
	// the callback of bff.SignOn is registered.
	ClientID, ClientSecret string
	// HTTP is by default a client with a 30 s time-out.
	HTTP *http.Client
}

// NewSignOn returns the sign-in page of an org. It makes no call.
func NewSignOn(o SignOnOptions) (*SignOn, error) {
	login, err := loginURL(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.ClientID == "" || o.ClientSecret == "" {
		return nil, errors.New("salesforce: client id and client secret are required")
	}
	base := strings.TrimSuffix(login.String(), "/") + "/services/oauth2"
	return &SignOn{http: withoutRedirects(o.HTTP), config: oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: base + "/authorize", TokenURL: base + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}}, nil
}

// AuthorizeURL implements bff.Directory.
func (s *SignOn) AuthorizeURL(redirect, state, challenge, nonce string) string {
	config := s.config
	config.RedirectURL = redirect
	return config.AuthCodeURL(state, oauth2.SetAuthURLParam("code_challenge", challenge),
		oauth2.SetAuthURLParam("code_challenge_method", "S256"), oauth2.SetAuthURLParam("nonce", nonce))
}

// identity is the claims of an ID token that are read.
type identity struct {
	Issuer   string          `json:"iss"`
	Audience json.RawMessage `json:"aud"`
	Subject  string          `json:"sub"`
	Expires  int64           `json:"exp"`
	Nonce    string          `json:"nonce"`
	// Username and the rest are in the token when the app is set up to put
	// standard claims into it; else the user info endpoint is asked.
	Username string `json:"preferred_username"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// Person implements bff.Directory. The ID token comes from the token endpoint
// itself over the connection that was verified, so its claims are checked and
// its signature need not be (OpenID Connect Core 3.1.3.7).
// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
func (s *SignOn) Person(ctx context.Context, redirect, code, verifier, nonce string) (bff.DirectoryPerson, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, s.http), signInTimeout)
	defer cancel()
	config := s.config
	config.RedirectURL = redirect
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return bff.DirectoryPerson{}, personError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	claims, err := parseIdentity(raw)
	if err != nil {
		return bff.DirectoryPerson{}, &action.Error{Code: action.UpstreamLogin, Op: "reading who signed in", Cause: err}
	}
	if err := claims.check(s.config.ClientID, nonce, time.Now()); err != nil {
		return bff.DirectoryPerson{}, &action.Error{Code: action.SignInNeeded, Op: "reading who signed in", Cause: err}
	}
	if claims.Username == "" {
		if err := s.userInfo(ctx, token.AccessToken, &claims); err != nil {
			return bff.DirectoryPerson{}, err
		}
	}
	return bff.DirectoryPerson{ID: claims.Subject, Login: claims.Username, Name: claims.Name, Email: claims.Email}, nil
}

// personError tells a code that is not good (the person begins again) from
// trouble with the server's own app.
func personError(err error) error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.ErrorCode == "invalid_grant" {
		return &action.Error{Code: action.SignInNeeded, Op: "signing in at Salesforce", Message: "The sign-in took too long. Begin again in the app"}
	}
	return signInError(err)
}

func parseIdentity(token string) (identity, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return identity{}, errors.New("the answer has no ID token: the app in Salesforce needs the scope openid")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return identity{}, errors.New("the ID token cannot be read")
	}
	var claims identity
	if err := json.Unmarshal(raw, &claims); err != nil {
		return identity{}, errors.New("the ID token cannot be read")
	}
	return claims, nil
}

// check compares the claims with what was asked for.
func (i identity) check(clientID, nonce string, now time.Time) error {
	var one string
	var many []string
	_ = json.Unmarshal(i.Audience, &one) // it is one or the other
	_ = json.Unmarshal(i.Audience, &many)
	forUs := one == clientID
	for _, a := range many {
		forUs = forUs || a == clientID
	}
	switch {
	case !forUs:
		return errors.New("the ID token is for another app")
	case nonce == "" || i.Nonce != nonce:
		return errors.New("the ID token answers another sign-in")
	case now.After(time.Unix(i.Expires, 0).Add(time.Minute)):
		return errors.New("the ID token is out of date")
	case i.Subject == "":
		return errors.New("the ID token names nobody")
	}
	return nil
}

// userInfo asks who the token belongs to.
func (s *SignOn) userInfo(ctx context.Context, token string, claims *identity) error {
	const op = "asking who signed in"
	at := strings.TrimSuffix(s.config.Endpoint.TokenURL, "/token") + "/userinfo"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := s.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", op, noAnswer(err))
	}
	defer resp.Body.Close()
	var info identity
	if resp.StatusCode != http.StatusOK || json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(&info) != nil {
		return fmt.Errorf("%s: %w", op, foreignAnswer())
	}
	if info.Subject != claims.Subject {
		return &action.Error{Code: action.SignInNeeded, Op: op, Cause: errors.New("the answer is about somebody else")}
	}
	claims.Username, claims.Name, claims.Email = info.Username, cmp.Or(info.Name, claims.Name), cmp.Or(info.Email, claims.Email)
	return nil
}

// loginURL checks a login address.
func loginURL(address string) (*url.URL, error) {
	login, err := url.Parse(address)
	if err != nil || login.Host == "" || (login.Scheme != "https" && login.Scheme != "http") {
		return nil, errors.New("salesforce: the login address must be an http(s) URL")
	}
	return login, nil
}
