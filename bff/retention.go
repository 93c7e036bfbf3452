package bff

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
)

// Leftover is a kind of rows that come to an end and are kept for a while.
type Leftover string

// The kinds, and when a row of each comes to its end.
const (
	// EndedSessions ended when they expired.
	EndedSessions Leftover = "sessions"
	// EndedCodes ended when they could be used no more.
	EndedCodes Leftover = "codes"
	// HandledEvents ended when they were finished.
	HandledEvents Leftover = "events"
	// SpentNonces ended when a signature of that time was taken no more.
	SpentNonces Leftover = "nonces"
	// OldRequests ended when somebody tried for the last time.
	OldRequests Leftover = "requests"
	// UnseenDevices ended when they were heard of for the last time; one that is
	// enrolled, or barred, does not end.
	UnseenDevices Leftover = "devices"
	// OldAudit ended when it was written. What is younger than 400 days cannot
	// be forgotten.
	OldAudit Leftover = "audit"
)

// Leftovers returns every kind.
func Leftovers() []Leftover {
	return []Leftover{EndedSessions, EndedCodes, HandledEvents, SpentNonces, OldRequests, UnseenDevices, OldAudit}
}

// Retention forgets what came to its end.
type Retention interface {
	// Sweep forgets up to limit rows of a kind that ended before a moment, and
	// reports how many it forgot.
	Sweep(ctx context.Context, kind Leftover, before time.Time, limit int) (int, error)
}

const (
	// ledgerMemory is how long outcomes are kept: 13 months and a little.
	ledgerMemory = 400 * 24 * time.Hour
	// memoryMargin is how much longer an entry is kept than it is counted on, for
	// clocks that differ.
	memoryMargin = 7 * 24 * time.Hour
	// AuditLife is how long the audit log is kept unless told otherwise.
	AuditLife = 10 * 365 * 24 * time.Hour

	// Nonces end within minutes, all else within months.
	nonceEvery = 5 * time.Minute
	sweepEvery = time.Hour
	// sweepBatch bounds what a store does at a time for this, and sweepRest lets
	// others in between.
	sweepBatch = 500
	sweepRest  = 50 * time.Millisecond
)

// keepFor is how long rows of a kind are kept after their end. Stripe repeats an
// event for three days, and on demand for thirty.
func keepFor(kind Leftover, audit time.Duration) time.Duration {
	switch kind {
	case SpentNonces:
		return 0
	case EndedSessions, EndedCodes:
		return 30 * 24 * time.Hour
	case HandledEvents:
		return 90 * 24 * time.Hour
	case OldRequests, OldAudit:
		// A request that is forgotten could be made again, so that it is kept as
		// long as what was done with money.
		return audit
	default:
		return ledgerMemory
	}
}

// sweeper keeps the store from growing without bound. Any number of servers may
// sweep one store.
type sweeper struct {
	ledger Ledger
	rest   Retention
	audit  time.Duration
	rand   func() float64
	log    zerolog.Logger
}

// run sweeps every hour until ctx ends, first within an hour, so that servers
// that start together do not sweep together.
func (s sweeper) run(ctx context.Context) {
	next := time.Now().Add(time.Duration(s.rand() * float64(sweepEvery)))
	for pause(ctx, nonceEvery) {
		kinds := []Leftover{SpentNonces}
		if now := time.Now(); !now.Before(next) {
			kinds, next = Leftovers(), now.Add(sweepEvery)
		}
		if err := s.sweep(ctx, kinds); err != nil && ctx.Err() == nil {
			s.log.Warn().Err(err).Msg("forgetting what is old")
		}
	}
}

// sweep forgets what is old enough now of some kinds; of all, also the ledger's.
func (s sweeper) sweep(ctx context.Context, kinds []Leftover) error {
	now := time.Now()
	var errs []error
	forget := func(kind string, batch func() (int, error)) {
		n, err := s.inBatches(ctx, batch)
		errs = append(errs, err)
		if n > 0 {
			s.log.Info().Str("kind", kind).Int("rows", n).Msg("forgotten, because it is old")
		}
	}
	if len(kinds) > 1 {
		forget("ledger", func() (int, error) {
			return s.ledger.Expire(ctx, now.Add(-ledgerMemory-memoryMargin), sweepBatch)
		})
	}
	for _, kind := range kinds {
		forget(string(kind), func() (int, error) {
			return s.rest.Sweep(ctx, kind, now.Add(-keepFor(kind, s.audit)), sweepBatch)
		})
	}
	return errors.Join(errs...)
}

func (s sweeper) inBatches(ctx context.Context, batch func() (int, error)) (all int, err error) {
	for {
		n, err := batch()
		all += n
		if err != nil || n < sweepBatch {
			return all, err
		}
		if !pause(ctx, sweepRest) {
			return all, ctx.Err()
		}
	}
}
