package bff

import (
	"context"
	"errors"
	"time"

	"fieldpay/action"
)

// ErrFenced is the answer of a [Ledger] to a worker that does not hold the
// entry: another one leased it, or it was settled in the meantime. The worker
// drops the entry and forgets what it did; whoever holds it records the result.
var ErrFenced = errors.New("the entry is held by another worker")

// Ledger keeps every action that was taken and what came of it. It is the one
// place that makes an action take effect once.
//
// An entry is claimed, begun (leased, with the intent to call a provider made
// durable first) and recorded. An entry that is not settled and whose lease ran
// out was left by a crash and is begun again.
type Ledger interface {
	// Claim stores the actions in order, in one transaction that is durable
	// when it returns, and answers each with its entry. An id that is there
	// already keeps its entry, and Fresh is false; a claim that differs in Hash
	// or Actor changes nothing. An entry that is settled without effect, not
	// applied, is opened again by a claim with a higher Try, and is then Fresh.
	Claim(ctx context.Context, claims []Claim) ([]Claimed, error)
	// Entries returns the entries of the ids that are there, by id.
	Entries(ctx context.Context, ids []string) (map[string]Entry, error)
	// Ends returns, for each id, the entry at the end of its supersession
	// chain: the one that replaces it, or what replaces that, else its own.
	Ends(ctx context.Context, ids []string) (map[string]Entry, error)
	// Next returns the first entry of the lane that is not settled.
	Next(ctx context.Context, lane string) (Entry, bool, error)
	// Begin leases an entry and stores what is about to be done, in one durable
	// transaction. It answers ErrFenced when the entry is settled, or when it or
	// another entry of its lane is leased by another owner until after now: a
	// lane has one worker at a time, also where a retry opens an earlier entry.
	Begin(ctx context.Context, s Start) (Entry, error)
	// Record stores what came of an entry and ends the lease: a class that
	// settles is kept for good, Held removes an entry that was never begun, and
	// any other leaves it to be begun again at NextAt. It answers ErrFenced
	// unless Token is the entry's.
	Record(ctx context.Context, r Result) error
	// Due returns the lanes that have an entry which may be begun at now by
	// owner, the longest waiting first.
	Due(ctx context.Context, owner string, now time.Time, limit int) ([]string, error)
}

// Claim is an action on its way into the ledger. Action.ID is in lower case.
type Claim struct {
	Action action.Action
	Hash   string
	Lane   string
	At     time.Time
}

// Claimed is the answer to a claim.
type Claimed struct {
	Entry
	Fresh bool
}

// Entry is an action in the ledger.
type Entry struct {
	Action action.Action
	Hash   string
	Lane   string
	// Position is the order of arrival.
	Position   int64
	ReceivedAt time.Time
	// Attempts counts the beginnings, NextAt is not before which the next may
	// be, and Waiting is why the last one did not settle.
	Attempts int
	NextAt   time.Time
	Waiting  action.Code
	Lease    Lease
	// Outcome is set when the entry is settled; Effect says that something
	// happened upstream, or may have, so that nobody does it again.
	Outcome *action.Outcome
	Effect  bool
}

// Settled reports whether the entry has its final outcome.
func (e Entry) Settled() bool { return e.Outcome != nil }

// Done reports whether the entry is applied.
func (e Entry) Done() bool { return e.Outcome != nil && e.Outcome.Status == action.StatusApplied }

// Lease says who works on an entry until when. Token rises with every lease, so
// that a worker that lost its lease cannot record a result.
type Lease struct {
	Owner string
	Token int64
	Until time.Time
}

// Start is the beginning of work on an entry: the lease, and the intent to call
// a provider under a key.
type Start struct {
	ID    string
	Owner string
	Until time.Time
	At    time.Time
	// Provider and Key name the call that is about to be made.
	Provider string
	Key      string
}

// Result is what came of an entry.
type Result struct {
	ID      string
	Token   int64
	Outcome action.Outcome
	Effect  bool
	// NextAt is for an outcome that does not settle.
	NextAt time.Time
}
