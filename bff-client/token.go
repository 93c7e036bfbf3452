package bffclient

import (
	"context"
	"time"

	"fieldpay/action"
)

// refreshAhead is how long before its end an access token is renewed, as in the
// reference client.
const refreshAhead = 5 * time.Minute

// refreshTimeout limits one renewal with its wait for other processes.
const refreshTimeout = 30 * time.Second

// Person is who is signed in.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	// Role is the server's word for what the person may do: "rep", "kiosk",
	// "office", "admin"; empty from a server that does not tell.
	Role string `json:"role,omitempty"`
}

// Tokens are the rights of one sign-in. The zero value stands for nobody.
type Tokens struct {
	// Access goes with every request; Refresh is spent on the next pair.
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
	// ExpiresAt is the end of Access by the server's clock, in UTC.
	ExpiresAt time.Time `json:"expiresAt"`
	// Person is whose tokens they are, so that both are stored in one step.
	Person Person `json:"person"`
}

// TokenSource keeps the tokens of the device. It must be durable: a refresh
// token is spent by its use, so the next one is stored before it is used.
type TokenSource interface {
	// Tokens returns the current tokens, or the zero value when nobody is
	// signed in.
	Tokens(ctx context.Context) (Tokens, error)
	// Store replaces the tokens.
	Store(ctx context.Context, t Tokens) error
	// Drop forgets the tokens. It may keep the person, who is asked to sign in
	// again.
	Drop(ctx context.Context) error
}

// RefreshLocker is the ability of a TokenSource that several processes share:
// only the holder of the lock may spend the refresh token or replace it.
type RefreshLocker interface {
	LockRefresh(ctx context.Context) (unlock func(), err error)
}

// authorised sends r for the person who is signed in. An access token that is
// near its end is renewed first, one that the server refuses is renewed once.
func (c *Client) authorised(ctx context.Context, r request) error {
	t, err := c.current(ctx)
	if err != nil {
		return err
	}
	err = c.call(ctx, r, t.Access)
	if action.CodeOf(err) != action.SignInNeeded {
		return err
	}
	t, err = c.renew(ctx, t.Access)
	if err != nil {
		return err
	}
	return c.call(ctx, r, t.Access)
}

// current returns tokens to send with. A renewal ahead of time that fails on
// the way is no failure: the tokens are still good, or the server will say so.
func (c *Client) current(ctx context.Context) (Tokens, error) {
	t, err := c.tokens.Tokens(ctx)
	if err != nil {
		return Tokens{}, err
	}
	if t.Access == "" {
		return Tokens{}, signInNeeded()
	}
	if !c.nearEnd(t, c.now()) {
		return t, nil
	}
	renewed, err := c.renew(ctx, t.Access)
	if err != nil && passing(action.CodeOf(err).Class()) {
		return t, nil
	}
	return renewed, err
}

// passing reports whether a failure is the way's and not the sign-in's.
func passing(class action.Class) bool {
	switch class {
	case action.NoPath, action.PortalSeen, action.Transient, action.Unknown:
		return true
	default:
		return false
	}
}

// nearEnd reports whether t ends soon by the server's clock, as far as a probe
// has measured it.
func (c *Client) nearEnd(t Tokens, now time.Time) bool {
	if t.ExpiresAt.IsZero() {
		return false
	}
	server := now.Add(-time.Duration(c.offset.Load()))
	return !server.Add(refreshAhead).Before(t.ExpiresAt)
}

// renew replaces the tokens whose access part is spent. However many ask, one
// request is made; it goes on even if the one who asked first gives up, because
// an answer that nobody stores would be a lost sign-in.
func (c *Client) renew(ctx context.Context, spent string) (Tokens, error) {
	flight := c.renewals.DoChan(spent, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
		defer cancel()
		return c.renewLocked(ctx, spent)
	})
	select {
	case done := <-flight:
		t, _ := done.Val.(Tokens) // the zero value goes with an error
		return t, done.Err
	case <-ctx.Done():
		return Tokens{}, happening{err: context.Cause(ctx)}.error("renewing the sign-in")
	}
}

func (c *Client) renewLocked(ctx context.Context, spent string) (Tokens, error) {
	unlock, err := c.lockRefresh(ctx)
	if err != nil {
		return Tokens{}, err
	}
	defer unlock()
	t, err := c.tokens.Tokens(ctx)
	switch {
	case err != nil:
		return Tokens{}, err
	case t.Access == "" || t.Refresh == "":
		return Tokens{}, signInNeeded()
	case t.Access != spent:
		return t, nil // another process or an earlier flight was faster
	}
	return c.spend(ctx, t)
}

// spend trades the refresh token for a new pair and stores it.
func (c *Client) spend(ctx context.Context, t Tokens) (Tokens, error) {
	next, err := c.callRefresh(ctx, t.Refresh)
	if code := action.CodeOf(err); code == action.SignInNeeded || code == action.BadCredentials {
		if err := c.tokens.Drop(ctx); err != nil {
			return Tokens{}, err
		}
		return Tokens{}, signInNeeded()
	}
	if err != nil {
		return Tokens{}, err
	}
	next.Person = t.Person
	if err := c.tokens.Store(ctx, next); err != nil {
		return Tokens{}, err
	}
	return next, nil
}

func (c *Client) lockRefresh(ctx context.Context) (unlock func(), err error) {
	if locker, ok := c.tokens.(RefreshLocker); ok {
		return locker.LockRefresh(ctx)
	}
	return func() {}, nil
}

func signInNeeded() error {
	return &action.Error{Code: action.SignInNeeded, Message: action.SignInNeeded.Message()}
}
