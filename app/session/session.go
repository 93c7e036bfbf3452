// Package session keeps who is signed in on this device: the person who works on
// it, the tokens of everybody who signed in, and the pinned keys of servers, in
// one sealed file.
//
// Several people may share a device. One of them works on it at a time and is
// the author of what is done ([Session.Enter] changes who); their own tokens are
// used while they have any, else those of a colleague, because the device may
// bring what any of them did.
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
	// Tokens are those of Person.
	Tokens bffclient.Tokens `json:"tokens"`
	// Person outlives the tokens: who is asked to sign in again is known.
	Person bffclient.Person `json:"person"`
	// Others has the tokens of people who signed in and do not work now.
	Others map[string]bffclient.Tokens `json:"others,omitempty"`
	// Guarded says that somebody set a PIN here: without the register that has it,
	// the device opens by a sign-in alone.
	Guarded bool `json:"guarded,omitempty"`
	// Pins has the probe key of each server by its address.
	Pins map[string]string `json:"pins,omitempty"`
	// Recipients has the key of each server for files of unsent work. They lie
	// with the pins, sealed: work must not be sealed for a stranger.
	Recipients map[string]string `json:"recipients,omitempty"`
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
func (s *Session) SignedIn() bool {
	c := s.now()
	return c.sending().Access != ""
}

// Guarded reports whether a PIN was set on this device.
func (s *Session) Guarded() bool { return s.now().Guarded }

// Guard notes that a PIN was set.
func (s *Session) Guard(ctx context.Context) error {
	return s.change(ctx, func(c *content) { c.Guarded = true })
}

// Unguard notes that nobody has a PIN any more.
func (s *Session) Unguard(ctx context.Context) error {
	return s.change(ctx, func(c *content) { c.Guarded = false })
}

// sending are the tokens to send with: those of who works on the device, else
// the ones of others that last longest.
func (c *content) sending() bffclient.Tokens {
	if c.Tokens.Access != "" {
		return c.Tokens
	}
	var longest bffclient.Tokens
	for _, t := range c.Others {
		if t.Access != "" && (longest.Access == "" || t.ExpiresAt.After(longest.ExpiresAt)) {
			longest = t
		}
	}
	return longest
}

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

// Tokens returns the tokens to send with, or the zero value when there are none.
func (s *Session) Tokens(ctx context.Context) (bffclient.Tokens, error) {
	c, err := s.load(ctx)
	return c.sending(), err
}

// Store keeps the tokens of a person, who works on the device from now on unless
// they are new tokens of somebody who does not. It returns when they are on the
// disk.
func (s *Session) Store(ctx context.Context, t bffclient.Tokens) error {
	return s.change(ctx, func(c *content) {
		if _, known := c.Others[t.Person.ID]; known {
			c.Others[t.Person.ID] = t
			return
		}
		c.enter(t.Person)
		c.Tokens = t
	})
}

// Enter makes a person who signed in before the one who works on the device.
// Whoever did keeps their tokens.
func (s *Session) Enter(ctx context.Context, p bffclient.Person) error {
	return s.change(ctx, func(c *content) { c.enter(p) })
}

func (c *content) enter(p bffclient.Person) {
	if c.Person.ID != p.ID {
		if c.Tokens.Access != "" {
			if c.Others == nil {
				c.Others = map[string]bffclient.Tokens{}
			}
			c.Others[c.Person.ID] = c.Tokens
		}
		c.Tokens = c.Others[p.ID]
		delete(c.Others, p.ID)
	}
	c.Person = p
}

// Drop forgets the tokens that are sent with and keeps the person, who has to
// sign in again.
func (s *Session) Drop(ctx context.Context) error {
	return s.change(ctx, func(c *content) {
		if c.Tokens.Access == "" {
			delete(c.Others, c.sending().Person.ID)
		}
		c.Tokens = bffclient.Tokens{}
	})
}

// Forget forgets the person who works on the device, with their tokens: a
// sign-out by hand. Nobody works on it then; the others and the servers' keys
// stay.
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

// Recipient returns the key of a server for files of unsent work, or "" when it
// is not known.
func (s *Session) Recipient(ctx context.Context, server string) (string, error) {
	c, err := s.load(ctx)
	return c.Recipients[server], err
}

// SetRecipient keeps the key of a server for files of unsent work.
func (s *Session) SetRecipient(ctx context.Context, server, recipient string) error {
	return s.change(ctx, func(c *content) {
		if c.Recipients == nil {
			c.Recipients = map[string]string{}
		}
		c.Recipients[server] = recipient
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
