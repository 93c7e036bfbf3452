package app

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"fieldpay/action"
	"fieldpay/queue"
)

// view is what the device knows at one moment: the reference cache, and what
// the journal adds to it. The two are never mixed up: what a row says of status
// and paid amount is the server's, what it says of an action is the journal's.
type view struct {
	device *Device
	// local has what the journal adds, by invoice.
	local map[string]*local
	// made are the contacts that this device makes, in sequence order.
	made []entry
}

// local is what the journal knows of one invoice and the cache does not: what
// is still open, and what took effect after the cache was filled.
type local struct {
	create  *entry
	entries []entry // in sequence order, create included
}

// entry is an action with its decoded payload.
type entry struct {
	queue.Item
	payload action.Payload
}

const (
	// pageSize is how many actions are read at a time.
	pageSize = 500
	// recentApplied limits how far back is looked for what took effect after
	// the cache was filled. A refresh follows each effect, so it is rarely one.
	recentApplied = 200
)

// openStates are those in which something can still happen to an action.
func openStates() []queue.State {
	return slices.DeleteFunc(queue.States(), func(s queue.State) bool { return !s.Open() })
}

func (d *Device) view(ctx context.Context) (*view, error) {
	v := &view{device: d, local: map[string]*local{}}
	items, err := d.list(ctx, queue.Filter{States: openStates(), Limit: pageSize})
	if err != nil {
		return nil, err
	}
	applied, err := d.journal.List(ctx, queue.Filter{States: []queue.State{queue.Applied}, Limit: recentApplied, Recent: true})
	if err != nil {
		return nil, fmt.Errorf("listing what took effect: %w", err)
	}
	asOf := d.cache.AsOf()
	for _, item := range applied.Items {
		if item.Since.After(asOf) {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b queue.Item) int { return cmp.Compare(a.Sequence, b.Sequence) })
	for _, item := range items {
		v.add(item)
	}
	return v, nil
}

// list reads every page of f.
func (d *Device) list(ctx context.Context, f queue.Filter) ([]queue.Item, error) {
	var items []queue.Item
	for {
		page, err := d.journal.List(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("listing actions: %w", err)
		}
		items = append(items, page.Items...)
		if page.Next == 0 {
			return items, nil
		}
		f.Before = page.Next
	}
}

func (v *view) add(item queue.Item) {
	kind, id, _ := strings.Cut(item.Lane, ":")
	if kind != action.InvoiceKind && kind != action.ContactKind {
		return
	}
	payload, err := action.Decode(item.Action)
	if err != nil {
		return // written by a newer build: it is listed in the outbox all the same
	}
	if kind == action.ContactKind {
		v.made = append(v.made, entry{item, payload})
		return
	}
	l := v.local[id]
	if l == nil {
		l = &local{}
		v.local[id] = l
	}
	e := entry{item, payload}
	l.entries = append(l.entries, e)
	if item.Type == action.CreateInvoiceType {
		l.create = &e
	}
}

// invoice returns the row of one invoice.
func (v *view) invoice(id string) (InvoiceRow, bool) {
	l := v.local[id]
	cached, known := v.device.cache.Invoice(id)
	switch {
	case known:
		row := confirmedRow(cached)
		if l != nil {
			l.overlay(&row)
		}
		row.AccountName = v.accountName(row.AccountID)
		return row, true
	case l != nil && l.create != nil:
		row := localRow(id, *l.create)
		l.overlay(&row)
		row.AccountName = v.accountName(row.AccountID)
		return row, true
	default:
		return InvoiceRow{}, false
	}
}

// invoices returns the rows of an account, or all with an empty id, newest
// first.
func (v *view) invoices(accountID string) []InvoiceRow {
	rows := []InvoiceRow{}
	seen := map[string]bool{}
	for _, i := range v.device.cache.Invoices(accountID) {
		seen[i.ID] = true
		if row, ok := v.invoice(i.ID); ok {
			rows = append(rows, row)
		}
	}
	for id := range v.local {
		if seen[id] {
			continue
		}
		if row, ok := v.invoice(id); ok && (accountID == "" || row.AccountID == accountID) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b InvoiceRow) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return rows
}

func (v *view) accountName(id string) string {
	a, _ := v.device.cache.Account(id)
	return a.Name
}

// overlay adds to a row what the journal knows.
func (l *local) overlay(row *InvoiceRow) {
	if row.Origin == originConfirmed {
		row.Origin = originBoth
	}
	shown := l.entries[len(l.entries)-1]
	for _, e := range l.entries {
		if e.State.NeedsPerson() && !shown.State.NeedsPerson() {
			shown = e
		}
		switch p := e.payload.(type) {
		case *action.RecordPayment:
			if !e.State.NeedsPerson() {
				row.PendingPaid += p.Amount
			}
		case *action.UpdateInvoice:
			if !e.State.NeedsPerson() {
				patch(row, p)
			}
		}
		row.UpdatedAt = max(row.UpdatedAt, stamp(e.CreatedAt))
	}
	row.ActionID, row.ActionState = shown.ID, string(shown.State)
}

// patch shows what a person changed, before the server has it.
func patch(row *InvoiceRow, p *action.UpdateInvoice) {
	for _, f := range []struct {
		to   *string
		from *string
	}{{&row.Description, p.Description}, {&row.DueDate, p.DueDate}, {&row.ContactID, p.ContactID}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
}

// baseVersion is the version that a change of the invoice is based on: none
// while an action of this device is still to change it, but for the one that the
// change takes the place of.
func (v *view) baseVersion(row InvoiceRow, replaces string) int64 {
	l := v.local[row.ID]
	if l == nil {
		return row.Version
	}
	version := row.Version
	for _, e := range l.entries {
		if e.ID == replaces {
			continue
		}
		if e.State.Open() && e.Sequence < l.sequenceOf(replaces) {
			return 0
		}
		if e.Outcome != nil {
			version = max(version, e.Outcome.Version)
		}
	}
	return version
}

// sequenceOf is the place in the lane that a change takes: that of the action it
// replaces, or the end.
func (l *local) sequenceOf(replaces string) int64 {
	for _, e := range l.entries {
		if e.ID == replaces {
			return e.Sequence
		}
	}
	return math.MaxInt64
}
