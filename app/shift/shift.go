// Package shift keeps the shifts of a cash drawer: who opened one with how much
// in it, who closed it, what was counted then and what it should have been.
//
//	book, err := shift.Open(ctx, shift.Options{Path: path, Key: key})
//	err = book.Begin(ctx, shift.Shift{OpenedBy: id, OpenedAt: now, After: last, Float: float})
//	slip, err := book.End(ctx, shift.Ending{By: id, At: now, Through: last, Taken: taken, Counted: counted})
//
// What was taken is not kept here: it is summed from the journal, which is the
// one place where a payment stands. A slip is what that sum was, and what was
// counted, and never changes afterwards.
package shift

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"fieldpay/action"
	"fieldpay/internal/sealed"
)

// keptSlips is how many closed shifts are kept: two months of daily ones.
const keptSlips = 62

// Options configures a [Book]. Both are required.
type Options struct {
	// Path is the sealed file; a lock file lies beside it.
	Path string
	// Key is the 32-byte data key; the file's own key is derived from it.
	Key []byte
}

// Book is the file of the shifts. It is safe for concurrent use, by several
// processes too.
type Book struct{ file *sealed.File }

// Shift is one that is open.
type Shift struct {
	OpenedBy string    `json:"openedBy"`
	OpenedAt time.Time `json:"openedAt"`
	// After is the last sequence of the journal before the shift.
	After int64 `json:"after"`
	// Float is what was in the drawer at the start, one amount a currency.
	Float []action.Money `json:"float"`
}

// Taken is the cash of one currency that the journal has for a shift.
type Taken struct {
	action.Money
	Payments int
}

// Ending is how a shift is closed.
type Ending struct {
	By string
	At time.Time
	// Through is the last sequence of the journal that belongs to the shift.
	Through int64
	// Taken is what the journal has from After to Through.
	Taken []Taken
	// Counted is what is in the drawer, one amount a currency.
	Counted []action.Money
	// Note is what whoever closes it has to say, above all about a difference.
	Note string
}

// Line is one currency of a shift, in minor units.
type Line struct {
	Currency action.Currency `json:"currency"`
	Float    int64           `json:"float"`
	Taken    int64           `json:"taken"`
	Payments int             `json:"payments"`
	// Expected is the float with what was taken.
	Expected int64 `json:"expected"`
	Counted  int64 `json:"counted"`
	// Difference is what was counted beyond it; less than nothing is missing.
	Difference int64 `json:"difference"`
}

// Slip is a closed shift.
type Slip struct {
	Shift
	ClosedBy string    `json:"closedBy"`
	ClosedAt time.Time `json:"closedAt"`
	Through  int64     `json:"through"`
	Lines    []Line    `json:"lines"`
	Note     string    `json:"note,omitempty"`
}

type content struct {
	Current *Shift `json:"current,omitempty"`
	// Slips are the closed ones, the last one first.
	Slips []Slip `json:"slips,omitempty"`
}

// Open returns the book kept at o.Path, which need not exist yet.
func Open(o Options) (*Book, error) {
	file, err := sealed.New(sealed.Options{Path: o.Path, Key: o.Key, Purpose: "shift"})
	if err != nil {
		return nil, fmt.Errorf("opening the book of shifts: %w", err)
	}
	return &Book{file: file}, nil
}

// Current returns the open shift; false for none.
func (b *Book) Current(ctx context.Context) (Shift, bool, error) {
	c, err := b.load(ctx)
	if err != nil || c.Current == nil {
		return Shift{}, false, err
	}
	return *c.Current, true, nil
}

// Slips returns the closed shifts, the last one first.
func (b *Book) Slips(ctx context.Context) ([]Slip, error) {
	c, err := b.load(ctx)
	return c.Slips, err
}

// Begin opens a shift. While one is open it is [action.NotPossible].
func (b *Book) Begin(ctx context.Context, s Shift) error {
	return b.change(ctx, func(c *content) error {
		if c.Current != nil {
			return &action.Error{Code: action.NotPossible, Message: "A shift is open already", Hint: "Close it first"}
		}
		c.Current = &s
		return nil
	})
}

// End closes the shift that is open and returns its slip, which is on the disk
// then. Without an open one it is [action.NotPossible].
func (b *Book) End(ctx context.Context, e Ending) (Slip, error) {
	var slip Slip
	err := b.change(ctx, func(c *content) error {
		if c.Current == nil {
			return notOpen()
		}
		slip = Slip{
			Shift: *c.Current, ClosedBy: e.By, ClosedAt: e.At, Through: e.Through,
			Lines: Lines(*c.Current, e.Taken, e.Counted), Note: e.Note,
		}
		c.Current = nil
		c.Slips = append([]Slip{slip}, c.Slips[:min(len(c.Slips), keptSlips-1)]...)
		return nil
	})
	return slip, err
}

// Lines sums a shift up, one line for each currency that is in it anywhere, by
// the currency's name.
func Lines(s Shift, taken []Taken, counted []action.Money) []Line {
	var lines []Line
	at := func(c action.Currency) *Line {
		c = c.Normal()
		i := slices.IndexFunc(lines, func(l Line) bool { return l.Currency == c })
		if i < 0 {
			lines = append(lines, Line{Currency: c})
			i = len(lines) - 1
		}
		return &lines[i]
	}
	for _, m := range s.Float {
		at(m.Currency).Float += m.Minor
	}
	for _, m := range taken {
		l := at(m.Currency)
		l.Taken += m.Minor
		l.Payments += m.Payments
	}
	for _, m := range counted {
		at(m.Currency).Counted += m.Minor
	}
	for i := range lines {
		lines[i].Expected = lines[i].Float + lines[i].Taken
		lines[i].Difference = lines[i].Counted - lines[i].Expected
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Currency, b.Currency) })
	return lines
}

func notOpen() error {
	return &action.Error{Code: action.NotPossible, Message: "No shift is open", Hint: "Open one first"}
}

func (b *Book) load(ctx context.Context) (content, error) {
	text, err := b.file.Load(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return content{}, nil
	case err != nil:
		return content{}, storageFailed("reading the shifts", err)
	}
	return decode(text)
}

func (b *Book) change(ctx context.Context, change func(*content) error) error {
	if _, err := b.load(ctx); err != nil {
		return err // a book that cannot be read is not written over
	}
	err := b.file.Update(ctx, func(old []byte) ([]byte, error) {
		c, err := decode(old)
		if err != nil {
			return nil, err
		}
		if err := change(&c); err != nil {
			return nil, err
		}
		return json.Marshal(c)
	})
	if err != nil && action.CodeOf(err) == action.Internal {
		return storageFailed("writing the shifts", err)
	}
	return err
}

func decode(text []byte) (content, error) {
	var c content
	if len(text) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return content{}, storageFailed("reading the shifts", err)
	}
	return c, nil
}

func storageFailed(op string, err error) error {
	return &action.Error{Code: action.StorageFailed, Message: "The shifts on this device cannot be kept or read", Op: op, Cause: err}
}
