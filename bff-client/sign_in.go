package bffclient

import (
	"context"
	"net/http"
	"time"

	"fieldpay/action"
	"fieldpay/api"
)

// Session is what a sign-in gave. The tokens themselves stay in the
// TokenSource.
type Session struct {
	Person Person
	// ExpiresAt is when the first renewal is due, by the server's clock.
	ExpiresAt time.Time
}

// SignIn signs a person in by name and password and stores their tokens, in
// place of those of whoever was signed in before. Who signs in vouches for the
// server: the key of its probe is pinned anew.
//
// A wrong name or password is action.BadCredentials.
func (c *Client) SignIn(ctx context.Context, user, password string) (Session, error) {
	body := api.LoginRequest{Username: user, Password: password}
	if c.deviceID != "" {
		body.DeviceId.SetTo(c.deviceID)
	}
	var answer api.LoginResponse
	err := c.call(ctx, request{
		op: "signing in", method: http.MethodPost, path: "/auth/login", body: &body, answer: &answer,
		read: true, introduces: true, timeout: signInTimeout, limit: answerLimit,
	}, "")
	if err != nil {
		return Session{}, asBadCredentials(err)
	}
	t := tokensOf(answer.Tokens)
	t.Person = Person{ID: answer.User.ID, Name: answer.User.Name, Email: answer.User.Email, Role: answer.User.Role.Or("")}
	unlock, err := c.lockRefresh(ctx)
	if err != nil {
		return Session{}, err
	}
	defer unlock()
	if err := c.tokens.Store(ctx, t); err != nil {
		return Session{}, err
	}
	if err := c.pins.SetPin(ctx, c.base.String(), ""); err != nil {
		return Session{}, err
	}
	return Session{Person: t.Person, ExpiresAt: t.ExpiresAt}, nil
}

// asBadCredentials gives a refused sign-in its own sentence: nobody is asked to
// sign in while they are doing so.
func asBadCredentials(err error) error {
	if e, ok := err.(*action.Error); ok && e.Code == action.SignInNeeded {
		return &action.Error{Code: action.BadCredentials, Message: action.BadCredentials.Message(), Op: e.Op, Cause: e.Cause}
	}
	return err
}

// Refresh renews the tokens now, whether they are near their end or not.
func (c *Client) Refresh(ctx context.Context) error {
	t, err := c.tokens.Tokens(ctx)
	if err != nil {
		return err
	}
	if t.Access == "" {
		return signInNeeded()
	}
	_, err = c.renew(ctx, t.Access)
	return err
}

func (c *Client) callRefresh(ctx context.Context, refresh string) (Tokens, error) {
	body := api.RefreshRequest{RefreshToken: refresh}
	if c.deviceID != "" {
		body.DeviceId.SetTo(c.deviceID)
	}
	var answer api.Tokens
	err := c.call(ctx, request{
		op: "renewing the sign-in", method: http.MethodPost, path: "/auth/refresh", body: &body, answer: &answer,
		timeout: signInTimeout, limit: answerLimit,
	}, "")
	if err != nil {
		return Tokens{}, err
	}
	return tokensOf(answer), nil
}

// SignOut drops the tokens and tells the server. The tokens are gone from the
// device whatever the server answers; an error of the server's says that it was
// not told, and the tokens end there by themselves.
func (c *Client) SignOut(ctx context.Context) error {
	unlock, err := c.lockRefresh(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	t, err := c.tokens.Tokens(ctx)
	if err != nil {
		return err
	}
	if err := c.tokens.Drop(ctx); err != nil {
		return err
	}
	if t.Access == "" {
		return nil
	}
	return c.call(ctx, request{
		op: "signing out", method: http.MethodPost, path: "/auth/logout", read: true, timeout: probeTimeout, limit: answerLimit,
	}, t.Access)
}

func tokensOf(t api.Tokens) Tokens {
	return Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, ExpiresAt: time.UnixMilli(t.ExpiresAt).UTC()}
}
