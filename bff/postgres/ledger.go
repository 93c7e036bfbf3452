package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
)

const entryColumns = `envelope, hash, lane, position, received_at, attempts, next_at, waiting,
	lease_owner, lease_token, lease_until, outcome, effect`

// scanEntry reads the entry columns of a row; before are columns that stand
// before them.
func scanEntry(row pgx.CollectableRow, before ...any) (bff.Entry, error) {
	var (
		e                      bff.Entry
		envelope, outcome      []byte
		received, next, leased int64
		waiting                string
	)
	err := row.Scan(append(before, &envelope, &e.Hash, &e.Lane, &e.Position, &received, &e.Attempts, &next, &waiting,
		&e.Lease.Owner, &e.Lease.Token, &leased, &outcome, &e.Effect)...)
	if err != nil {
		return bff.Entry{}, err
	}
	e.Hash, e.Lane, e.Lease.Owner, e.Waiting = told(e.Hash), told(e.Lane), told(e.Lease.Owner), action.Code(waiting)
	e.ReceivedAt, e.NextAt, e.Lease.Until = moment(received), moment(next), moment(leased)
	if err := json.Unmarshal(envelope, &e.Action); err != nil {
		return bff.Entry{}, fmt.Errorf("reading a stored action: %w", err)
	}
	if outcome != nil {
		e.Outcome = &action.Outcome{}
		if err := json.Unmarshal(outcome, e.Outcome); err != nil {
			return bff.Entry{}, fmt.Errorf("reading a stored outcome: %w", err)
		}
	}
	return e, nil
}

// byID reads rows of entries into a map by the id of their action.
func byID(rows pgx.Rows) (map[string]bff.Entry, error) {
	found := map[string]bff.Entry{}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (bff.Entry, error) { return scanEntry(row) })
	for _, e := range entries {
		found[e.Action.ID] = e
	}
	return found, err
}

// one reads the only row, if there is one.
func one(rows pgx.Rows) (bff.Entry, bool, error) {
	e, err := pgx.CollectOneRow(rows, func(row pgx.CollectableRow) (bff.Entry, error) { return scanEntry(row) })
	if errors.Is(err, pgx.ErrNoRows) {
		return bff.Entry{}, false, nil
	}
	return e, err == nil, err
}

// Entries implements bff.Ledger.
func (s *Store) Entries(ctx context.Context, ids []string) (map[string]bff.Entry, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+entryColumns+" FROM entries WHERE id = ANY ($1)", keptAll(ids))
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	found, err := byID(rows)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	return found, nil
}

// maxChain ends a search along a chain of replacements. People do not edit one
// thing that often; a ring is a fault of a sender.
const maxChain = 100

// endsQuery follows each id from its own entry, or from nothing, to the latest
// one that replaces it, and on from there. It is one statement: all of it sees
// one state of the ledger.
const endsQuery = `
	WITH RECURSIVE chain (asked, id, position, depth) AS (
		SELECT a.id, a.id, coalesce(e.position, 0), 0
		FROM (SELECT DISTINCT unnest($1::text[]) COLLATE "C" AS id) AS a LEFT JOIN entries AS e ON e.id = a.id
		UNION ALL
		SELECT c.asked, n.id, n.position, c.depth + 1
		FROM chain AS c CROSS JOIN LATERAL (
			SELECT id, position FROM entries
			WHERE replaces = c.id AND replaces <> '' AND position > c.position ORDER BY position DESC LIMIT 1
		) AS n
		WHERE c.depth < $2
	), ends AS (
		SELECT DISTINCT ON (c.asked) c.asked, c.id FROM chain AS c ORDER BY c.asked, c.depth DESC
	)
	SELECT asked, ` + entryColumns + ` FROM ends JOIN entries USING (id)`

// Ends implements bff.Ledger.
func (s *Store) Ends(ctx context.Context, ids []string) (map[string]bff.Entry, error) {
	rows, err := s.pool.Query(ctx, endsQuery, keptAll(ids), maxChain)
	if err != nil {
		return nil, fmt.Errorf("following replacements: %w", err)
	}
	found := map[string]bff.Entry{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var asked string
		e, err := scanEntry(row, &asked)
		found[told(asked)] = e
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("following replacements: %w", err)
	}
	return found, nil
}

// Next implements bff.Ledger.
func (s *Store) Next(ctx context.Context, lane string) (bff.Entry, bool, error) {
	rows, err := s.pool.Query(ctx,
		"SELECT "+entryColumns+" FROM entries WHERE lane = $1 AND status = 'open' ORDER BY position LIMIT 1", kept(lane))
	if err != nil {
		return bff.Entry{}, false, fmt.Errorf("reading a lane: %w", err)
	}
	e, open, err := one(rows)
	if err != nil {
		return bff.Entry{}, false, fmt.Errorf("reading a lane: %w", err)
	}
	return e, open, nil
}

// beginLock lets one server at a time look for leases in the lane of an entry.
// The condition on leases in beginQuery spans rows, which read committed does
// not guard; it runs as the next statement, and so sees what the last holder of
// the lock committed. An entry that is open is named by its lack of an outcome,
// because the index of open entries is the wrong one to find it by.
const (
	beginLock  = "SELECT pg_advisory_xact_lock($2, hashtext(lane)) FROM entries WHERE id = $1"
	beginQuery = `
	WITH begun AS (
		UPDATE entries SET attempts = attempts + 1, lease_owner = $2, lease_token = lease_token + 1, lease_until = $3
		WHERE id = $1 AND outcome IS NULL AND (lease_owner = $2 OR lease_until <= $4)
		  AND NOT EXISTS (SELECT FROM entries
			WHERE lane = (SELECT lane FROM entries WHERE id = $1) AND status = 'open' AND lease_owner <> $2 AND lease_until > $4)
		RETURNING *
	), intent AS (
		INSERT INTO intents (entry, token, owner, provider, key, at) SELECT id, lease_token, $2, $5, $6, $4 FROM begun
	)
	SELECT ` + entryColumns + ` FROM begun`
)

// Begin implements bff.Ledger.
func (s *Store) Begin(ctx context.Context, b bff.Start) (begun bff.Entry, err error) {
	free := false
	batch := &pgx.Batch{}
	batch.Queue(beginLock, kept(b.ID), laneLocks)
	batch.Queue(beginQuery, kept(b.ID), kept(b.Owner), nanos(b.Until), nanos(b.At), b.Provider, kept(b.Key)).
		Query(func(rows pgx.Rows) (err error) {
			begun, free, err = one(rows)
			return err
		})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return bff.Entry{}, fmt.Errorf("leasing %s: %w", b.ID, err)
	}
	if !free {
		return bff.Entry{}, bff.ErrFenced
	}
	return begun, nil
}

// Record implements bff.Ledger. Each way is one statement on one row, whose
// condition is checked again on the row's latest state if another server was
// faster.
func (s *Store) Record(ctx context.Context, r bff.Result) error {
	const mine = " WHERE id = $1 AND lease_token = $2 AND outcome IS NULL"
	doing := "recording " + r.ID
	var done bool
	var err error
	switch {
	case r.Outcome.Class.Settles():
		outcome, marshalErr := json.Marshal(r.Outcome)
		if marshalErr != nil {
			return fmt.Errorf("encoding the outcome of %s: %w", r.ID, marshalErr)
		}
		done, err = s.change(ctx, doing,
			"UPDATE entries SET status = $3, outcome = $4, effect = $5, waiting = '', lease_owner = '', lease_until = 0"+mine,
			kept(r.ID), r.Token, string(r.Outcome.Status), outcome, r.Effect)
	case r.Outcome.Class == action.Held:
		done, err = s.change(ctx, doing, "DELETE FROM entries"+mine+" AND attempts = 0", kept(r.ID), r.Token)
		if err != nil || done {
			return err
		}
		fallthrough
	default:
		done, err = s.change(ctx, doing,
			"UPDATE entries SET waiting = $3, next_at = $4, lease_owner = '', lease_until = 0"+mine,
			kept(r.ID), r.Token, string(r.Outcome.Code), nanos(r.NextAt))
	}
	if err == nil && !done {
		return bff.ErrFenced
	}
	return err
}

// Due implements bff.Ledger. It locks nothing and skips nothing: it is a hint,
// and of the servers that follow it Begin lets one in.
func (s *Store) Due(ctx context.Context, owner string, now time.Time, limit int) ([]string, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT lane FROM (
			SELECT DISTINCT ON (lane) lane, position, next_at, lease_owner, lease_until
			FROM entries WHERE status = 'open' ORDER BY lane, position
		) AS heads
		WHERE next_at <= $1 AND (lease_owner = $2 OR lease_until <= $1)
		ORDER BY next_at, position LIMIT $3`, nanos(now), kept(owner), limit)
	if err != nil {
		return nil, fmt.Errorf("reading due lanes: %w", err)
	}
	lanes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (lane string, err error) {
		err = row.Scan(&lane)
		return told(lane), err
	})
	if err != nil {
		return nil, fmt.Errorf("reading due lanes: %w", err)
	}
	return lanes, nil
}
