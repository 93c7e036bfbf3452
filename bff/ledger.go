package bff

import (
	"context"
	"time"

	"fieldpay/action"
)

// Ledger keeps every action that was taken and what came of it. It is the one
// place that makes an action take effect once.
//
// An entry is claimed, begun (leased, with the intent to call a provider made
// durable first) and recorded. An entry that is not settled and whose lease ran
// out was left by a crash and is begun again. Every change takes many entries,
// in one transaction that is durable when it returns: what a transaction costs
// is shared by all that waited for it.
type Ledger interface {
	// Claim stores the actions in order and answers each with its entry. An id
	// that is there already keeps its entry, and Fresh is false; a claim that
	// differs in Hash or Actor changes nothing. An entry that is settled without
	// effect, not applied, is opened again by a claim with a higher Try, and is
	// then Fresh. A claim with a Start that is stored as the only open entry of
	// its lane is begun at once.
	Claim(ctx context.Context, claims []Claim) ([]Claimed, error)
	// Entries returns the entries of the ids that are there, by id.
	Entries(ctx context.Context, ids []string) (map[string]Entry, error)
	// Ends returns, for each id, the entry at the end of its supersession
	// chain: the one that replaces it, or what replaces that, else its own.
	Ends(ctx context.Context, ids []string) (map[string]Entry, error)
	// Heads returns, for each lane, its first entry that is not settled.
	Heads(ctx context.Context, lanes []string) (map[string]Entry, error)
	// Begin leases entries of different lanes and stores what is about to be
	// done. It answers those that were begun, by id. Missing is one that is
	// settled or not there, and one whose lane has an entry that another owner
	// leases until after now: a lane has one worker at a time, also where a
	// retry opens an earlier entry.
	Begin(ctx context.Context, starts []Start) (map[string]Begun, error)
	// Record stores what came of entries and ends their leases: a class that
	// settles is kept for good, Held removes an entry that was never begun, and
	// any other leaves it to be begun again at NextAt. It answers the ids of
	// those that were fenced, which changed nothing, because Token is not the
	// entry's: another worker leased it, or it was settled in the meantime.
	Record(ctx context.Context, results []Result) (fenced []string, err error)
	// Due returns the lanes that have an entry which may be begun at now by
	// owner, the longest waiting first.
	Due(ctx context.Context, owner string, now time.Time, limit int) ([]string, error)
	// Expire forgets up to limit entries that were received before a moment and
	// are settled, the oldest first, and reports how many it forgot.
	Expire(ctx context.Context, before time.Time, limit int) (int, error)
}

// Claim is an action on its way into the ledger. Action.ID is in lower case.
type Claim struct {
	Action action.Action
	Hash   string
	Lane   string
	At     time.Time
	// Start begins the action along with the claim, if it may be. The zero
	// Start, which has no owner, leaves it to Begin.
	Start Start
}

// Claimed is the answer to a claim.
type Claimed struct {
	Entry
	Fresh bool
	// Begun says that the entry was begun by this claim, under its Start.
	Begun bool
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
	// BegunAt is when the action was begun for the first time; zero: never. It
	// is for whoever asks how long something has been under way.
	BegunAt time.Time
	// Outcome is set when the entry is settled; Effect says that something
	// happened upstream, or may have, so that nobody does it again.
	Outcome *action.Outcome
	Effect  bool
}

// Settled reports whether the entry has its final outcome.
func (e Entry) Settled() bool { return e.Outcome != nil }

// Done reports whether the entry is applied.
func (e Entry) Done() bool { return e.Outcome != nil && e.Outcome.Status == action.StatusApplied }

// begun is the entry after a beginning.
func (e Entry) begun(s Start, b Begun) Entry {
	e.Lease = Lease{Owner: s.Owner, Token: b.Token, Until: s.Until}
	e.Attempts, e.BegunAt = b.Attempts, b.BegunAt
	return e
}

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

// Begun is what a beginning made of an entry.
type Begun struct {
	Token    int64
	Attempts int
	// BegunAt is when the action was begun for the first time.
	BegunAt time.Time
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
