package bff

import (
	"context"
	"time"

	"fieldpay/action"
)

// EntryQuery selects entries of the ledger. A zero field selects all.
type EntryQuery struct {
	// Statuses are of an outcome, or [EntryOpen].
	Statuses []action.Status
	DeviceID string
	Actor    string
	// Before continues a list: the Position of its last entry.
	Before int64
	// Limit is how many at most. Default 50.
	Limit int
}

// EntryOpen stands for entries without an outcome in a query.
const EntryOpen action.Status = "open"

// EntryLimit is how many entries a list has when the query names no number.
const EntryLimit = 50

// Desk is the ledger as the office works on it.
type Desk interface {
	// EntryList returns entries, the newest first.
	EntryList(ctx context.Context, q EntryQuery) ([]Entry, error)
	// Decide replaces the outcome of an entry that needs a person or failed, if
	// it is still the one that was decided at seen, and reports whether it did:
	// of two that decide at once, the first wins. Effect says that something
	// happened, or must be treated as if, so that nobody does it again.
	Decide(ctx context.Context, id string, seen time.Time, out action.Outcome, effect bool) (bool, error)
}
