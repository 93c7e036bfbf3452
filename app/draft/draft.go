// Package draft keeps forms that were begun and not saved, so that what was
// typed survives a crash.
//
//	b, err := draft.Open(draft.Options{Path: path, Key: key})
//	err = b.Keep(ctx, person, draft.Draft{Name: "invoice-create:", …})
//
// Drafts are one sealed file, replaced as a whole. Each belongs to a person:
// nobody sees what another one began. The book is bounded ([MaxValues],
// [MaxDrafts], [MaxAge]); what is over a bound is the oldest, which goes.
package draft

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/internal/sealed"
)

// The bounds of a book.
const (
	// MaxValues is the size of one form in bytes: a thousand invoice lines of
	// ordinary length.
	MaxValues = 128 << 10
	// MaxDrafts is how many forms a person may have begun.
	MaxDrafts = 20
	// MaxAge is how long a form waits for who began it.
	MaxAge = 30 * 24 * time.Hour

	maxName    = 200
	maxAddress = 500
	version    = 1
)

// Draft is a form as it stands.
type Draft struct {
	// Name tells the forms of a person apart, e.g. "invoice-create:".
	Name string `json:"name"`
	// ActionID is the id of the action that saving the form makes.
	ActionID string `json:"actionId"`
	// Address is where the screens show the form, e.g. "/invoices/new".
	Address string `json:"address"`
	// Values is what was typed, as the form wrote it.
	Values json.RawMessage `json:"values"`
	// At is when it was kept last, in UTC; Keep sets it.
	At time.Time `json:"at"`
}

// Options configures a Book. Both are required.
type Options struct {
	// Path is the sealed file; a lock file lies beside it.
	Path string
	// Key is the 32-byte data key; the file's own key is derived from it.
	Key []byte
}

// Book holds drafts. It is safe for concurrent use, by several processes too.
type Book struct{ file *sealed.File }

// content is what the file holds: drafts by person, newest first.
type content struct {
	Version int                `json:"version"`
	Persons map[string][]Draft `json:"persons"`
}

// Open returns the book at o.Path, which need not exist.
func Open(o Options) (*Book, error) {
	file, err := sealed.New(sealed.Options{Path: o.Path, Key: o.Key, Purpose: "draft"})
	if err != nil {
		return nil, fmt.Errorf("opening the drafts: %w", err)
	}
	return &Book{file}, nil
}

// Keep stores a draft of a person in the place of the one of the same name; it
// is durable on the return. A form that is too large, or has no name, is refused
// with [action.TooLarge] or [action.BadRequest].
func (b *Book) Keep(ctx context.Context, person string, d Draft) error {
	if err := d.check(); err != nil {
		return err
	}
	d.At = time.Now().UTC()
	return b.change(ctx, func(c *content) {
		kept := slices.DeleteFunc(c.Persons[person], func(old Draft) bool { return old.Name == d.Name })
		kept = append([]Draft{d}, kept...)
		c.Persons[person] = kept[:min(len(kept), MaxDrafts)]
	})
}

// Drop forgets drafts of a person by name. One that is not there is no error.
func (b *Book) Drop(ctx context.Context, person string, names ...string) error {
	return b.change(ctx, func(c *content) {
		c.Persons[person] = slices.DeleteFunc(c.Persons[person], func(d Draft) bool { return slices.Contains(names, d.Name) })
	})
}

// List returns the drafts of a person, the one kept last first. A file that
// cannot be opened with the key counts as empty: a draft is no record.
func (b *Book) List(ctx context.Context, person string) ([]Draft, error) {
	text, err := b.file.Load(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, sealed.ErrUnreadable) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the drafts: %w", err)
	}
	c := decode(text)
	c.forget(time.Now())
	return c.Persons[person], nil
}

func (b *Book) change(ctx context.Context, do func(*content)) error {
	err := b.file.Update(ctx, func(old []byte) ([]byte, error) {
		c := decode(old)
		do(&c)
		c.forget(time.Now())
		text, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("encoding the drafts: %w", err)
		}
		return text, nil
	})
	if err != nil {
		return fmt.Errorf("keeping a draft: %w", err)
	}
	return nil
}

// decode reads content; what this build cannot read counts as empty.
func decode(text []byte) content {
	var c content
	if len(text) == 0 || json.Unmarshal(text, &c) != nil || c.Version != version || c.Persons == nil {
		return content{Version: version, Persons: map[string][]Draft{}}
	}
	return c
}

// forget removes what is too old and persons without drafts.
func (c *content) forget(now time.Time) {
	for person, drafts := range c.Persons {
		drafts = slices.DeleteFunc(drafts, func(d Draft) bool { return now.Sub(d.At) > MaxAge })
		slices.SortStableFunc(drafts, func(a, b Draft) int { return cmp.Compare(b.At.UnixNano(), a.At.UnixNano()) })
		c.Persons[person] = drafts
		if len(drafts) == 0 {
			delete(c.Persons, person)
		}
	}
}

func (d Draft) check() error {
	switch {
	case len(d.Values) > MaxValues:
		return &action.Error{Code: action.TooLarge, Message: "The form is too long to be kept before it is saved",
			Hint: "Save it, or make two of it", Op: "keeping a draft"}
	case d.Name == "", len(d.Name) > maxName, len(d.ActionID) > maxName, len(d.Address) > maxAddress,
		!strings.HasPrefix(d.Address, "/"), !json.Valid(d.Values):
		return &action.Error{Code: action.BadRequest, Op: "keeping a draft", Cause: errors.New("a name, an address and values are needed")}
	default:
		return nil
	}
}
