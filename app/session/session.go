// Package session keeps who is signed in on this device: the tokens, the
// person they belong to, and the pinned keys of servers, in one sealed file.
//
// A [Session] survives restarts and works offline. Several processes share it:
// each reads the file anew, so the sign-in of one is the sign-in of all, and
// only the holder of the refresh lock spends the refresh token. It is the
// bffclient.TokenSource, RefreshLocker and PinStore of the device.
//
// A file that cannot be opened (damaged, or sealed with another key) stands for
// nobody: the person signs in again, and nothing else is lost by it.
package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gofrs/flock"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/sealed"
)

// refreshPause is how often the refresh lock is tried while another process
// renews the tokens, which takes a round trip to the server.
const refreshPause = 25 * time.Millisecond

// personTimeout limits the wait for the file where a caller gives no context.
const personTimeout = 2 * time.Second

// Options configures a Session. Both are required.
type Options struct {
	// Path is the sealed file; lock files lie beside it.
	Path string
	// Key is the 32-byte data key; the file's own key is derived from it.
	Key []byte
}

// Session is the sign-in of a device. It is safe for concurrent use, by several
// processes too.
type Session struct {
	file        *sealed.File
	refreshLock string
}

var (
	_ bffclient.TokenSource   = (*Session)(nil)
	_ bffclient.RefreshLocker = (*Session)(nil)
	_ bffclient.PinStore      = (*Session)(nil)
)

// content is what the file holds.
type content struct {
	Tokens bffclient.Tokens `json:"tokens"`
	// Person outlives the tokens: who is asked to sign in again is known.
	Person bffclient.Person `json:"person"`
	// Pins has the probe key of each server by its address.
	Pins map[string]string `json:"pins,omitempty"`
}

// Open returns the session kept at o.Path, which need not exist yet.
func Open(ctx context.Context, o Options) (*Session, error) {
	file, err := sealed.New(sealed.Options{Path: o.Path, Key: o.Key, Purpose: "session"})
	if err != nil {
		return nil, fmt.Errorf("opening the session: %w", err)
	}
	s := &Session{file: file, refreshLock: o.Path + ".refresh.lock"}
	if _, err := s.load(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Person returns who used the device last, whether their tokens are still good
// or not; false when nobody did, or the last one signed out.
func (s *Session) Person() (bffclient.Person, bool) {
	c := s.now()
	return c.Person, c.Person.ID != ""
}

// SignedIn reports whether there are tokens to send with.
func (s *Session) SignedIn() bool { return s.now().Tokens.Access != "" }

// now is the content for callers that cannot wait or fail: a file that cannot
// be read at this moment shows nobody.
func (s *Session) now() content {
	ctx, cancel := context.WithTimeout(context.Background(), personTimeout)
	defer cancel()
	c, err := s.load(ctx)
	if err != nil {
		return content{}
	}
	return c
}

// Tokens returns the current tokens, or the zero value when there are none.
func (s *Session) Tokens(ctx context.Context) (bffclient.Tokens, error) {
	c, err := s.load(ctx)
	return c.Tokens, err
}

// Store replaces the tokens and the person. It returns when both are on the
// disk.
func (s *Session) Store(ctx context.Context, t bffclient.Tokens) error {
	return s.change(ctx, func(c *content) { c.Tokens, c.Person = t, t.Person })
}

// Drop forgets the tokens and keeps the person, who has to sign in again.
func (s *Session) Drop(ctx context.Context) error {
	return s.change(ctx, func(c *content) { c.Tokens = bffclient.Tokens{} })
}

// Forget forgets the tokens and the person: a sign-out by hand. The servers'
// keys stay pinned.
func (s *Session) Forget(ctx context.Context) error {
	return s.change(ctx, func(c *content) { c.Tokens, c.Person = bffclient.Tokens{}, bffclient.Person{} })
}

// LockRefresh waits until no other process renews the tokens and keeps others
// from it until unlock is called.
func (s *Session) LockRefresh(ctx context.Context) (unlock func(), err error) {
	lock := flock.New(s.refreshLock)
	if _, err := lock.TryLockContext(ctx, refreshPause); err != nil {
		return nil, &action.Error{Code: action.Busy, Message: action.Busy.Message(), Op: "waiting for the sign-in", Cause: err}
	}
	return func() { _ = lock.Close() }, nil // the lock ends with its descriptor
}

// Pin returns the probe key pinned for a server, or "" for none.
func (s *Session) Pin(ctx context.Context, server string) (string, error) {
	c, err := s.load(ctx)
	return c.Pins[server], err
}

// SetPin pins the probe key of a server; an empty key takes the pin away.
func (s *Session) SetPin(ctx context.Context, server, key string) error {
	return s.change(ctx, func(c *content) {
		if c.Pins == nil {
			c.Pins = map[string]string{}
		}
		c.Pins[server] = key
		if key == "" {
			delete(c.Pins, server)
		}
	})
}

func (s *Session) load(ctx context.Context) (content, error) {
	text, err := s.file.Load(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, sealed.ErrUnreadable):
		return content{}, nil
	case err != nil:
		return content{}, storageFailed("reading the session", err)
	}
	return decode(text), nil
}

func (s *Session) change(ctx context.Context, change func(*content)) error {
	err := s.file.Update(ctx, func(old []byte) ([]byte, error) {
		c := decode(old)
		change(&c)
		return json.Marshal(c)
	})
	if err != nil && action.CodeOf(err) == action.Internal {
		return storageFailed("writing the session", err)
	}
	return err
}

// decode reads the content. What was sealed with our key was written by us, so
// that anything else is a version from before or after: nobody is signed in.
func decode(text []byte) content {
	var c content
	if len(text) == 0 || json.Unmarshal(text, &c) != nil {
		return content{}
	}
	return c
}

func storageFailed(op string, err error) error {
	return &action.Error{Code: action.StorageFailed, Message: "The sign-in cannot be kept on this device", Op: op, Cause: err}
}
