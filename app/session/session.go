// Package session keeps who is signed in on this device.
package session

import (
	"context"

	"fieldpay/bff-client"
)

// Options configures a Session. Both are required.
type Options struct {
	// Path is the sealed file; lock files lie beside it.
	Path string
	// Key is the 32-byte data key.
	Key []byte
}

// Session is the sign-in of a device, shared by its processes.
type Session struct{}

// Open returns the session kept at o.Path.
func Open(ctx context.Context, o Options) (*Session, error) { return &Session{}, nil }

// Person returns who used the device last, signed in or not; false when nobody
// did, or the person signed out.
func (s *Session) Person() (bffclient.Person, bool) { return bffclient.Person{}, false }

// SignedIn reports whether there are tokens.
func (s *Session) SignedIn() bool { return false }

// Tokens returns the current tokens.
func (s *Session) Tokens(ctx context.Context) (bffclient.Tokens, error) { return bffclient.Tokens{}, nil }

// Store replaces the tokens and their person.
func (s *Session) Store(ctx context.Context, t bffclient.Tokens) error { return nil }

// Drop forgets the tokens and keeps the person.
func (s *Session) Drop(ctx context.Context) error { return nil }

// Forget forgets the tokens and the person: a sign-out by hand.
func (s *Session) Forget(ctx context.Context) error { return nil }

// LockRefresh keeps other processes from spending the refresh token.
func (s *Session) LockRefresh(ctx context.Context) (unlock func(), err error) { return func() {}, nil }

// Pin returns the probe key pinned for a server.
func (s *Session) Pin(ctx context.Context, server string) (string, error) { return "", nil }

// SetPin pins the probe key of a server.
func (s *Session) SetPin(ctx context.Context, server, key string) error { return nil }
