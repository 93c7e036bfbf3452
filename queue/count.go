package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"fieldpay/action"
)

// Counts sums the journal up for a status line.
type Counts struct {
	// ByState has every state, those without an action too.
	ByState map[State]int
	// Unsent counts what the server is not known to have.
	Unsent int
	// UnsentSums is the money in hand and InvoiceSums the invoiced amounts among
	// the unsent, one sum per currency.
	UnsentSums, InvoiceSums []action.Money
	// OldestUnsent is when the oldest unsent action was done, LastApplied when
	// the newest outcome "applied" arrived.
	OldestUnsent, LastApplied time.Time
	// OldestDue is when the oldest unsent action was done that goes by itself:
	// tried and not through, or free to go if only the server could be reached.
	// One that is held behind another does not count: what it waits for does, or
	// is a person's to decide.
	OldestDue time.Time
}

// Counts sums the journal up. Its cost grows with the unfinished actions, not
// with history.
func (j *Journal) Counts(ctx context.Context) (Counts, error) {
	c := counting{
		j: j, blocked: map[string]bool{}, open: map[int64]bool{},
		payments: map[action.Currency]int64{}, invoices: map[action.Currency]int64{},
		counts: Counts{ByState: map[State]int{}},
	}
	for _, s := range States() {
		c.counts.ByState[s] = 0
	}
	err := j.read(ctx, "counting actions", func(s snapshot) error {
		if err := c.addClosed(s); err != nil {
			return err
		}
		return eachOpen(s, func(r *record) (bool, error) { return true, c.addOpen(s, r) })
	})
	if err != nil {
		return Counts{}, err
	}
	j.amounts.keepOnly(c.open)
	c.counts.UnsentSums, c.counts.InvoiceSums = sums(c.payments), sums(c.invoices)
	return c.counts, nil
}

// counting is one pass over the unfinished actions, in the order of the lanes.
type counting struct {
	j                  *Journal
	counts             Counts
	blocked            map[string]bool // lanes that a row before has stopped
	open               map[int64]bool
	payments, invoices map[action.Currency]int64
}

func (c *counting) addClosed(q reader) (err error) {
	rows, err := q.rows(`SELECT state, n, at FROM tally`)
	if err != nil {
		return fmt.Errorf("reading the tally: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var state State
		var n int
		var at int64
		if err := rows.Scan(&state, &n, &at); err != nil {
			return fmt.Errorf("reading the tally: %w", err)
		}
		c.counts.ByState[state] = n
		if state == Applied {
			c.counts.LastApplied = timeOf(at)
		}
	}
	return rows.Err()
}

func (c *counting) addOpen(q reader, r *record) error {
	state, behind := r.state, c.blocked[r.lane]
	if state == Pending {
		held := behind
		if !held && r.needs != "" {
			need, err := unmet(q, r)
			if err != nil {
				return err
			}
			held = need != ""
		}
		if held {
			state, behind = Held, true
		}
	}
	if state.Blocks() {
		c.blocked[r.lane] = true
	}
	c.counts.ByState[state]++
	if !state.Unsent() {
		return nil
	}
	c.counts.Unsent++
	at := timeOf(r.createdAt)
	c.counts.OldestUnsent = earlier(c.counts.OldestUnsent, at)
	if state != Held || !behind { // the server alone holds it: nobody here frees it
		c.counts.OldestDue = earlier(c.counts.OldestDue, at)
	}
	return c.addAmount(q, r)
}

// earlier is the earlier of two times; the zero time is none.
func earlier(known, at time.Time) time.Time {
	if known.IsZero() || at.Before(known) {
		return at
	}
	return known
}

func (c *counting) addAmount(q reader, r *record) error {
	if r.kind != action.RecordPaymentType && r.kind != action.CreateInvoiceType {
		return nil
	}
	c.open[r.sequence] = true
	money, err := c.j.amounts.of(r.sequence, func() (action.Money, error) { return c.j.amount(q, r) })
	if err != nil {
		return err
	}
	switch {
	case money.Minor == 0:
	case r.kind == action.RecordPaymentType:
		c.payments[money.Currency] += money.Minor
	default:
		c.invoices[money.Currency] += money.Minor
	}
	return nil
}

// amount reads the money of an action from its sealed payload. A damaged row
// counts for nothing here; the list and Verify show it.
func (j *Journal) amount(q reader, r *record) (action.Money, error) {
	a, _, err := j.content(q, r)
	if action.CodeOf(err) == action.JournalDamaged {
		return action.Money{}, nil
	}
	if err != nil {
		return action.Money{}, err
	}
	p, err := action.Decode(a)
	if err != nil {
		return action.Money{}, nil // of a newer build: shown by the list, summed by that build
	}
	switch p := p.(type) {
	case *action.RecordPayment:
		return action.Money{Minor: p.Amount, Currency: p.Currency.Normal()}, nil
	case *action.CreateInvoice:
		return action.Money{Minor: p.Total(), Currency: p.Currency.Normal()}, nil
	default:
		return action.Money{}, nil
	}
}

func sums(byCurrency map[action.Currency]int64) []action.Money {
	list := make([]action.Money, 0, len(byCurrency))
	for _, c := range slices.Sorted(maps.Keys(byCurrency)) {
		list = append(list, action.Money{Minor: byCurrency[c], Currency: c})
	}
	return list
}

// amounts remembers the money of unsent actions, so that counting opens each
// seal once. A payload never changes, so what is remembered stays right.
type amounts struct {
	mu         sync.Mutex
	bySequence map[int64]action.Money
}

func (a *amounts) of(sequence int64, read func() (action.Money, error)) (action.Money, error) {
	a.mu.Lock()
	money, known := a.bySequence[sequence]
	a.mu.Unlock()
	if known {
		return money, nil
	}
	money, err := read()
	if err != nil {
		return action.Money{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bySequence == nil {
		a.bySequence = map[int64]action.Money{}
	}
	a.bySequence[sequence] = money
	return money, nil
}

func (a *amounts) keepOnly(open map[int64]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.bySequence, func(sequence int64, _ action.Money) bool { return !open[sequence] })
}
