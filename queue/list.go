package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"fieldpay/action"
)

// Pages of a list.
const (
	defaultLimit = 50
	maxLimit     = 500
)

// Filter says which actions a list shows. The zero value shows all.
type Filter struct {
	// States limits the list to these. An action that an earlier one holds back
	// counts as held.
	States []State
	// Lane limits the list to one record, e.g. "invoice:<id>".
	Lane string
	// Unsent limits the list to what the server is not known to have.
	Unsent bool
	// Before continues a list: the Next of the page before. Default: the start.
	Before int64
	// Limit is the size of the page: default 50, at most 500.
	Limit int
	// Recent leaves out what was archived.
	Recent bool
}

// Page is one page of a list, newest first.
type Page struct {
	Items []Item
	// Next is what Before must be for the page that follows, 0 after the last.
	// Below 0 it is in the archive.
	Next int64
}

// List returns one page of actions, newest first. An edited action that is not
// finished stands where the original stood, because that is its turn. What was
// archived comes after all that was not.
func (j *Journal) List(ctx context.Context, f Filter) (Page, error) {
	page := Page{Items: []Item{}}
	err := j.read(ctx, "listing actions", func(s snapshot) error {
		page = Page{Items: []Item{}}
		l := newListing(f)
		if f.Before >= 0 {
			if err := j.fillPage(s, l, &page); err != nil || page.Next != 0 {
				return err
			}
		}
		if l.open || f.Recent {
			return nil
		}
		c, some, err := j.coldSide(ctx, s)
		if action.CodeOf(err) == action.JournalDamaged && len(page.Items) > 0 {
			page.Next = -math.MaxInt64 // what is here is shown; who reads on is told
			return nil
		}
		if err != nil || !some {
			return err
		}
		l.archived, l.before = true, math.MaxInt64
		if f.Before < 0 {
			l.before = -f.Before
		}
		return j.fillPage(c, l, &page)
	})
	return page, err
}

// fillPage reads one side of the journal until the page is full.
func (j *Journal) fillPage(q reader, l *listing, page *Page) error {
	for {
		found, err := many(q, l.query(), l.args()...)
		if err != nil {
			return err
		}
		for _, r := range found {
			item, err := j.item(q, r)
			if err != nil {
				return err
			}
			l.before = l.cursorOf(r)
			if !l.shows(item.State) || twice(q, r.sequence) {
				continue
			}
			page.Items = append(page.Items, item)
			if len(page.Items) == l.limit {
				page.Next = l.before
				if l.archived {
					page.Next = -l.before
				}
				return nil
			}
		}
		if len(found) < l.limit {
			return nil
		}
	}
}

// listing is a filter on its way through the rows.
type listing struct {
	states []State // nil for all
	stored []State // what their rows say
	lane   string
	open   bool // only unfinished ones: their own index gives the order
	// archived says that the listing is on the other side.
	archived bool
	before   int64
	limit    int
}

func newListing(f Filter) *listing {
	l := &listing{states: f.States, lane: f.Lane, before: f.Before, limit: f.Limit}
	if f.Unsent {
		l.states = slices.DeleteFunc(States(), func(s State) bool {
			return !s.Unsent() || len(f.States) > 0 && !slices.Contains(f.States, s)
		})
	}
	if l.limit <= 0 {
		l.limit = defaultLimit
	}
	l.limit = min(l.limit, maxLimit)
	if l.before <= 0 {
		l.before = math.MaxInt64
	}
	l.stored = slices.Clone(l.states)
	if slices.Contains(l.states, Held) && !slices.Contains(l.states, Pending) {
		l.stored = append(l.stored, Pending)
	}
	if slices.Contains(l.states, Pending) && !slices.Contains(l.states, Held) {
		l.stored = append(l.stored, Held)
	}
	l.open = l.lane == "" && len(l.states) > 0 && !slices.ContainsFunc(l.states, func(s State) bool { return !s.Open() })
	return l
}

func (l *listing) shows(s State) bool { return len(l.states) == 0 || slices.Contains(l.states, s) }

func (l *listing) cursorOf(r *record) int64 {
	if l.open {
		return r.place
	}
	return r.sequence
}

func (l *listing) query() string {
	var where []string
	column := "a.sequence"
	if l.open {
		where, column = append(where, "a.open"), "a.place"
	}
	if l.lane != "" {
		where = append(where, "a.lane = ?")
	}
	where = append(where, column+" < ?")
	if len(l.stored) > 0 {
		where = append(where, "a.state IN (?"+strings.Repeat(", ?", len(l.stored)-1)+")")
	}
	return `SELECT ` + recordColumns + ` FROM action a WHERE ` + strings.Join(where, " AND ") + ` ORDER BY ` + column + ` DESC LIMIT ?`
}

func (l *listing) args() []any {
	var args []any
	if l.lane != "" {
		args = append(args, l.lane)
	}
	args = append(args, l.before)
	for _, s := range l.stored {
		args = append(args, string(s))
	}
	return append(args, l.limit)
}

// Export writes every action in every state to w, one JSON object a line: first
// what was archived, then the others, each part oldest first. It has what people
// typed: the caller decides who may read it.
func (j *Journal) Export(ctx context.Context, w io.Writer) error {
	enc := json.NewEncoder(w)
	return j.read(ctx, "exporting the journal", func(s snapshot) error {
		c, some, err := j.coldSide(ctx, s)
		if err != nil {
			return err
		}
		if some {
			// A copy of what is still here may be in the archive too.
			err = j.exportSide(enc, c, func(r *record) (bool, error) { return absent(s, r.sequence) })
		}
		if err != nil {
			return err
		}
		return j.exportSide(enc, s, func(*record) (bool, error) { return true, nil })
	})
}

// twice reports whether an archived action is still in the journal as well: a
// copy was made, and then something came that refers to it.
func twice(q reader, sequence int64) bool {
	c, archived := q.(cold)
	if !archived {
		return false
	}
	_, err := bySequence(c.hot, sequence)
	return err == nil
}

func absent(q reader, sequence int64) (bool, error) {
	_, err := bySequence(q, sequence)
	if action.CodeOf(err) == action.NotFound {
		return true, nil
	}
	return false, err
}

func (j *Journal) exportSide(enc *json.Encoder, q reader, wanted func(*record) (bool, error)) error {
	for sequence := int64(0); ; {
		found, err := many(q, `SELECT `+recordColumns+` FROM action a WHERE a.sequence > ? ORDER BY a.sequence LIMIT ?`, sequence, maxLimit)
		if err != nil {
			return err
		}
		for _, r := range found {
			sequence = r.sequence
			if want, err := wanted(r); err != nil || !want {
				if err != nil {
					return err
				}
				continue
			}
			item, err := j.item(q, r)
			if err != nil {
				return err
			}
			if err := enc.Encode(item); err != nil {
				return fmt.Errorf("writing action %d: %w", r.sequence, err)
			}
		}
		if len(found) < maxLimit {
			return nil
		}
	}
}
