package bffclient

import (
	"context"
	"time"
)

// Person is who is signed in.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
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
// only the holder of the lock may spend the refresh token.
type RefreshLocker interface {
	LockRefresh(ctx context.Context) (unlock func(), err error)
}

// PinStore remembers which key signed the first probe of a server. The key is
// empty when there was none yet.
type PinStore interface {
	Pin(ctx context.Context, server string) (key string, err error)
	SetPin(ctx context.Context, server, key string) error
}

// Session is what a sign-in gave. The tokens themselves stay in the
// TokenSource.
type Session struct {
	Person    Person
	ExpiresAt time.Time
}
