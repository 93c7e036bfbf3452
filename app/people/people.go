// Package people keeps who may unlock this device without a server: the people
// who signed in on it, each with a PIN, and a badge where they have one.
//
//	register, err := people.Open(ctx, people.Options{Path: path, Key: key})
//	err = register.Remember(ctx, person)      // after each sign-in
//	err = register.SetPIN(ctx, person.ID, "284736")
//	member, err := register.Unlock(ctx, person.ID, "284736")
//
// PINs are stretched with argon2id and lie in a sealed file, so that guessing
// needs the device's key or this program. This program makes it slow: from the
// third wrong PIN of a person on, each further one waits longer, up to a quarter
// of an hour. What was guessed is counted on the disk before it is looked at.
// The wait is measured by a clock that only runs forward while the program runs:
// setting the computer's clock gains nothing, and a new start waits anew. Nothing
// is ever deleted for a wrong PIN.
//
// A PIN guards the screens. It is no key of the journal: see [fieldpay/app/vault].
package people

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/sealed"
)

// Bounds of what is typed and scanned.
const (
	MinPIN, MaxPIN     = 6, 12  // digits
	MinBadge, MaxBadge = 6, 128 // characters
)

// Options configures a [Register]. Path and Key are required.
type Options struct {
	// Path is the sealed file; a lock file lies beside it.
	Path string
	// Key is the 32-byte data key; the file's own key is derived from it.
	Key []byte
	// Cost of a PIN that is set. Default: three passes over 64 MiB.
	Cost Cost
}

// Register is the file of the people. It is safe for concurrent use, by several
// processes too.
type Register struct {
	file  *sealed.File
	cost  Cost
	waits waits
}

// Member is somebody who signed in on this device.
type Member struct {
	bffclient.Person
	// PIN and Badge say whether there is one.
	PIN, Badge bool
	// Wait is how long no PIN of this person is looked at.
	Wait time.Duration
}

// Manager reports whether the server gave the person a role that may let others
// leave a kiosk or pass a limit.
func (m Member) Manager() bool { return m.Role == "office" || m.Role == "admin" }

// content is what the file holds.
type content struct {
	People []*entry `json:"people"`
	// BadgeKey makes a mark of a badge's code: a code itself is not kept.
	BadgeKey []byte `json:"badgeKey,omitempty"`
	// BadgeFailures counts codes that nobody has, since the last good one.
	BadgeFailures int `json:"badgeFailures,omitempty"`
}

type entry struct {
	Person bffclient.Person `json:"person"`
	PIN    *secret          `json:"pin,omitempty"`
	Badge  string           `json:"badge,omitempty"`
	// Failures counts wrong PINs since the last right one.
	Failures int `json:"failures,omitempty"`
}

func (c *content) find(id string) *entry {
	i := slices.IndexFunc(c.People, func(e *entry) bool { return e.Person.ID == id })
	if i < 0 {
		return nil
	}
	return c.People[i]
}

// Open returns the register kept at o.Path, which need not exist yet. Whatever
// has to be waited for begins to run.
func Open(ctx context.Context, o Options) (*Register, error) {
	file, err := sealed.New(sealed.Options{Path: o.Path, Key: o.Key, Purpose: "people"})
	if err != nil {
		return nil, fmt.Errorf("opening the register of people: %w", err)
	}
	if o.Cost == (Cost{}) {
		o.Cost = usualCost()
	}
	r := &Register{file: file, cost: o.Cost, waits: waits{seen: map[string]seen{}}}
	if _, err := r.List(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// List returns everybody, in the order of their first sign-in.
func (r *Register) List(ctx context.Context) ([]Member, error) {
	text, err := r.file.Load(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, sealed.ErrUnreadable) {
		return nil, storageFailed("reading the register of people", err)
	}
	c := decode(text)
	r.waits.left(badges, c.BadgeFailures)
	members := make([]Member, len(c.People))
	for i, e := range c.People {
		members[i] = r.member(e)
	}
	return members, nil
}

// Member returns one person; false for somebody who is not known here.
func (r *Register) Member(ctx context.Context, id string) (Member, bool, error) {
	members, err := r.List(ctx)
	if err != nil {
		return Member{}, false, err
	}
	i := slices.IndexFunc(members, func(m Member) bool { return m.ID == id })
	if i < 0 {
		return Member{}, false, nil
	}
	return members[i], true, nil
}

func (r *Register) member(e *entry) Member {
	return Member{Person: e.Person, PIN: e.PIN != nil, Badge: e.Badge != "", Wait: r.waits.left(e.Person.ID, e.Failures)}
}

// Remember adds somebody who has just signed in, or brings what is known of
// them up to date. Their PIN and badge stay.
func (r *Register) Remember(ctx context.Context, p bffclient.Person) error {
	return r.change(ctx, func(c *content) error {
		if e := c.find(p.ID); e != nil {
			e.Person = p
			return nil
		}
		c.People = append(c.People, &entry{Person: p})
		return nil
	})
}

// Forget removes a person with PIN and badge.
func (r *Register) Forget(ctx context.Context, id string) error {
	return r.change(ctx, func(c *content) error {
		c.People = slices.DeleteFunc(c.People, func(e *entry) bool { return e.Person.ID == id })
		return nil
	})
}

// SetPIN gives a person a PIN, in place of one they had. It does not ask for
// that one: [Register.Unlock] does. A PIN that is easy to guess, or not of
// [MinPIN] to [MaxPIN] digits, is [action.InvalidPayload] with the field "pin".
func (r *Register) SetPIN(ctx context.Context, id, pin string) error {
	if err := checkPIN(pin); err != nil {
		return err
	}
	s, err := r.cost.stretch(pin)
	if err != nil {
		return fmt.Errorf("stretching a PIN: %w", err)
	}
	return r.change(ctx, func(c *content) error {
		e := c.find(id)
		if e == nil {
			return unknown()
		}
		e.PIN, e.Failures = &s, 0
		return nil
	})
}

// SetBadge gives a person the badge with this code; an empty one takes it away.
// A code that somebody else has, or of another length than [MinBadge] to
// [MaxBadge], is [action.InvalidPayload] with the field "badge".
func (r *Register) SetBadge(ctx context.Context, id, code string) error {
	if code != "" && (len(code) < MinBadge || len(code) > MaxBadge) {
		return badgeRefused(fmt.Sprintf("must have %d to %d characters", MinBadge, MaxBadge))
	}
	return r.change(ctx, func(c *content) error {
		e := c.find(id)
		if e == nil {
			return unknown()
		}
		if code == "" {
			e.Badge = ""
			return nil
		}
		if len(c.BadgeKey) == 0 {
			c.BadgeKey = make([]byte, sealed.KeySize)
			_, _ = rand.Read(c.BadgeKey) // never fails: it ends the program instead
		}
		mark := c.mark(code)
		if other := c.holder(mark); other != nil && other != e {
			return badgeRefused("is somebody else's")
		}
		e.Badge = mark
		return nil
	})
}

func (c *content) mark(code string) string {
	mac := hmac.New(sha256.New, c.BadgeKey)
	mac.Write([]byte(code))
	return hex.EncodeToString(mac.Sum(nil))
}

// holder is whose badge has the mark, or nil.
func (c *content) holder(mark string) *entry {
	i := slices.IndexFunc(c.People, func(e *entry) bool { return hmac.Equal([]byte(e.Badge), []byte(mark)) })
	if i < 0 {
		return nil
	}
	return c.People[i]
}

func (r *Register) change(ctx context.Context, change func(*content) error) error {
	err := r.file.Update(ctx, func(old []byte) ([]byte, error) {
		c := decode(old)
		if err := change(&c); err != nil {
			return nil, err
		}
		return json.Marshal(c)
	})
	if err != nil && action.CodeOf(err) == action.Internal {
		return storageFailed("writing the register of people", err)
	}
	return err
}

// decode reads the content. What was sealed with our key was written by us, so
// that anything else is of another version: nobody is known, and whoever comes
// signs in.
func decode(text []byte) content {
	var c content
	if len(text) == 0 || json.Unmarshal(text, &c) != nil {
		return content{}
	}
	c.People = slices.DeleteFunc(c.People, func(e *entry) bool { return e == nil })
	return c
}

func storageFailed(op string, err error) error {
	return &action.Error{Code: action.StorageFailed, Message: "The PINs cannot be kept on this device", Op: op, Cause: err}
}

func unknown() error {
	return &action.Error{Code: action.SignInNeeded, Message: "This person has not signed in on this device", Hint: "Sign in with name and password once"}
}

func badgeRefused(why string) error {
	return &action.Error{Code: action.InvalidPayload, Message: "This badge cannot be used", Fields: map[string]string{"badge": why}}
}
