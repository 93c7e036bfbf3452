package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
)

const entryColumns = `envelope, hash, lane, position, received_at, attempts, next_at, waiting,
	lease_owner, lease_token, lease_until, begun_at, outcome, effect`

// scanEntry reads the entry columns of a row; before are columns that stand
// before them.
func scanEntry(row pgx.CollectableRow, before ...any) (bff.Entry, error) {
	var (
		e                             bff.Entry
		envelope, outcome             []byte
		received, next, leased, begun int64
		waiting                       string
	)
	err := row.Scan(append(before, &envelope, &e.Hash, &e.Lane, &e.Position, &received, &e.Attempts, &next, &waiting,
		&e.Lease.Owner, &e.Lease.Token, &leased, &begun, &outcome, &e.Effect)...)
	if err != nil {
		return bff.Entry{}, err
	}
	e.Hash, e.Lane, e.Lease.Owner, e.Waiting = told(e.Hash), told(e.Lane), told(e.Lease.Owner), action.Code(waiting)
	e.ReceivedAt, e.NextAt, e.Lease.Until, e.BegunAt = moment(received), moment(next), moment(leased), moment(begun)
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

// Heads implements bff.Ledger.
func (s *Store) Heads(ctx context.Context, lanes []string) (map[string]bff.Entry, error) {
	heads := make(map[string]bff.Entry, len(lanes))
	rows, err := s.pool.Query(ctx, `SELECT e.* FROM unnest($1::text[]) AS u (lane) CROSS JOIN LATERAL (
		SELECT `+entryColumns+` FROM entries WHERE lane = u.lane COLLATE "C" AND status = 'open' ORDER BY position LIMIT 1) AS e`,
		keptAll(lanes))
	if err != nil {
		return nil, fmt.Errorf("reading lanes: %w", err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (bff.Entry, error) { return scanEntry(row) })
	if err != nil {
		return nil, fmt.Errorf("reading lanes: %w", err)
	}
	for _, e := range entries {
		heads[e.Lane] = e
	}
	return heads, nil
}

// The locks come first, each kind in one order, so that servers wait for each
// other and never in a ring. One server at a time looks for leases in a lane:
// what beginQuery asks of the lane spans rows, which read committed does not
// guard; it runs as a statement of its own, and so sees what the last holder of
// the locks committed. An entry that is open is named by its lack of an outcome,
// because the index of open entries is the wrong one to find it by. Leases are
// counted, because a condition that asks whether there is one may be planned as a
// look through all open entries.
const (
	lockLanesOf = `SELECT pg_advisory_xact_lock($2, lock) FROM
		(SELECT DISTINCT hashtext(lane) AS lock FROM entries WHERE id = ANY ($1) ORDER BY lock) AS locks`
	lockRows   = "SELECT FROM entries WHERE id = ANY ($1) ORDER BY id FOR UPDATE"
	beginQuery = `
	UPDATE entries AS e SET attempts = attempts + 1, lease_owner = s.owner, lease_token = lease_token + 1, lease_until = s.until,
		begun_at = CASE begun_at WHEN 0 THEN s.at ELSE begun_at END, provider = s.provider, key = s.key
	FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]) AS s (id, owner, until, at, provider, key)
	WHERE e.id = s.id COLLATE "C" AND e.outcome IS NULL
	  AND (SELECT count(*) FROM entries AS o
		WHERE o.lane = e.lane AND o.status = 'open' AND o.lease_owner <> s.owner COLLATE "C" AND o.lease_until > s.at) = 0
	RETURNING e.id, e.lease_token, e.attempts, e.begun_at`
)

// Begin implements bff.Ledger.
func (s *Store) Begin(ctx context.Context, starts []bff.Start) (map[string]bff.Begun, error) {
	var ids, owners, providers, keys []string
	var untils, ats []int64
	for _, b := range starts {
		ids, owners, untils = append(ids, kept(b.ID)), append(owners, kept(b.Owner)), append(untils, nanos(b.Until))
		ats, providers, keys = append(ats, nanos(b.At)), append(providers, b.Provider), append(keys, kept(b.Key))
	}
	begun := make(map[string]bff.Begun, len(starts))
	batch := &pgx.Batch{}
	batch.Queue(lockLanesOf, ids, laneLocks)
	batch.Queue(lockRows, ids)
	batch.Queue(beginQuery, ids, owners, untils, ats, providers, keys).Query(func(rows pgx.Rows) error {
		_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
			var id string
			var b bff.Begun
			var at int64
			err := row.Scan(&id, &b.Token, &b.Attempts, &at)
			b.BegunAt = moment(at)
			begun[told(id)] = b
			return struct{}{}, err
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("leasing %d entries: %w", len(starts), err)
	}
	return begun, nil
}

// What is recorded. The rows are locked first, in one order; that the lease is
// still the worker's is asked by each change of the row's latest state.
const (
	dropQuery = `DELETE FROM entries AS e USING unnest($1::text[], $2::bigint[]) AS r (id, token)
		WHERE e.id = r.id COLLATE "C" AND e.lease_token = r.token AND e.outcome IS NULL AND e.attempts = 0 RETURNING e.id`
	recordQuery = `UPDATE entries AS e SET lease_owner = '', lease_until = 0,
			status = r.status, outcome = r.outcome, effect = r.effect, waiting = r.waiting, next_at = coalesce(r.next_at, e.next_at)
		FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bool[], $6::text[], $7::bigint[])
			AS r (id, token, status, outcome, effect, waiting, next_at)
		WHERE e.id = r.id COLLATE "C" AND e.lease_token = r.token AND e.outcome IS NULL RETURNING e.id`
)

// Record implements bff.Ledger.
func (s *Store) Record(ctx context.Context, results []bff.Result) ([]string, error) {
	var c recorded
	for _, r := range results {
		if err := c.add(r); err != nil {
			return nil, err
		}
	}
	done := make(map[string]bool, len(results))
	collect := func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, id := range ids {
			done[id] = true
		}
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(lockRows, c.ids)
	if len(c.held) > 0 {
		batch.Queue(dropQuery, c.held, c.heldTokens).Query(collect)
	}
	batch.Queue(recordQuery, c.ids, c.tokens, c.statuses, c.outcomes, c.effects, c.waiting, c.next).Query(collect)
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("recording %d results: %w", len(results), err)
	}
	var fenced []string
	for i, r := range results {
		if !done[c.ids[i]] {
			fenced = append(fenced, r.ID)
		}
	}
	return fenced, nil
}

// recorded is results as the arrays that recordQuery takes.
type recorded struct {
	ids, statuses, waiting []string
	tokens                 []int64
	outcomes               [][]byte
	effects                []bool
	next                   []*int64
	// held are those that leave the ledger if they were never begun.
	held       []string
	heldTokens []int64
}

func (c *recorded) add(r bff.Result) error {
	var outcome []byte
	var next *int64
	status, waiting := "open", ""
	if r.Outcome.Class.Settles() {
		raw, err := json.Marshal(r.Outcome)
		if err != nil {
			return fmt.Errorf("encoding the outcome of %s: %w", r.ID, err)
		}
		outcome, status = raw, string(r.Outcome.Status)
	} else {
		at := nanos(r.NextAt)
		waiting, next = string(r.Outcome.Code), &at
	}
	if r.Outcome.Class == action.Held {
		c.held, c.heldTokens = append(c.held, kept(r.ID)), append(c.heldTokens, r.Token)
	}
	c.ids, c.tokens, c.statuses = append(c.ids, kept(r.ID)), append(c.tokens, r.Token), append(c.statuses, status)
	c.outcomes, c.effects = append(c.outcomes, outcome), append(c.effects, outcome != nil && r.Effect)
	c.waiting, c.next = append(c.waiting, waiting), append(c.next, next)
	return nil
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

// Expire implements bff.Ledger. The oldest are looked at and no others: there
// may be millions.
func (s *Store) Expire(ctx context.Context, before time.Time, limit int) (int, error) {
	tag, err := s.pool.Exec(ctx, `DELETE FROM entries WHERE outcome IS NOT NULL AND position IN (
		SELECT position FROM (SELECT position, received_at FROM entries WHERE outcome IS NOT NULL ORDER BY position LIMIT $2) AS oldest
		WHERE received_at < $1)`, nanos(before), limit)
	if err != nil {
		return 0, fmt.Errorf("forgetting old entries: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
