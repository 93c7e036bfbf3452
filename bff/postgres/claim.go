package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldpay/bff"
)

// claimQuery stores claims whose ids differ, and answers those that are fresh.
//
// The positions follow the order in which the actions were sent; the rows are
// locked in the order of their ids, so that two claims of the same actions wait
// for each other rather than both for ever. An id that is there already keeps
// its row, which is nevertheless locked until the commit: nobody can remove or
// settle it between this statement and the one that reads it. A claim that is to
// be begun is, if it is the first of its lane and nothing else there is open,
// which nobody changes meanwhile who holds the lock of the lane.
const claimQuery = `
	WITH sent AS MATERIALIZED (
		SELECT u.*, u.owner <> '' AND row_number() OVER (PARTITION BY u.lane ORDER BY u.nth) = 1
			AND (SELECT count(*) FROM entries WHERE lane = u.lane COLLATE "C" AND status = 'open') = 0 AS begins
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[], $8::bigint[],
				$9::text[], $10::bigint[], $11::bigint[], $12::text[], $13::text[])
			WITH ORDINALITY AS u (id, actor, lane, replaces, try, hash, envelope, received_at, owner, until, at, provider, key, nth)
	), arrived AS MATERIALIZED (
		SELECT nextval('entries_position') AS position, sent.* FROM (SELECT * FROM sent ORDER BY nth) AS sent
	)
	INSERT INTO entries AS e (position, id, actor, lane, replaces, try, hash, envelope, received_at,
		attempts, lease_token, lease_owner, lease_until, begun_at, provider, key)
	SELECT position, id, actor, lane, replaces, try, hash, envelope, received_at,
		begins::int, begins::int, CASE WHEN begins THEN owner ELSE '' END, CASE WHEN begins THEN until ELSE 0 END,
		CASE WHEN begins THEN at ELSE 0 END, CASE WHEN begins THEN provider ELSE '' END, CASE WHEN begins THEN key ELSE '' END
	FROM arrived ORDER BY id COLLATE "C"
	ON CONFLICT (id) DO UPDATE SET
		envelope = excluded.envelope, try = excluded.try,
		status = 'open', outcome = NULL, attempts = 0, next_at = 0, waiting = ''
	WHERE e.hash = excluded.hash AND e.actor = excluded.actor AND e.try < excluded.try
	  AND NOT e.effect AND e.status IN ('review', 'failed')
	RETURNING e.id, e.position, e.received_at, e.attempts, e.lease_owner, e.lease_token, e.lease_until, e.begun_at`

// keptQuery reads what was there before this transaction.
const keptQuery = "SELECT " + entryColumns + ` FROM entries
	WHERE id = ANY ($1) AND NOT xmin = pg_current_xact_id()::xid`

// lockLanes takes the locks of lanes, always in one order.
const lockLanes = `SELECT pg_advisory_xact_lock($2, lock) FROM
	(SELECT DISTINCT hashtext(lane) AS lock FROM unnest($1::text[]) AS u (lane) ORDER BY lock) AS locks`

// columns are claims as the arrays that claimQuery takes.
type columns struct {
	ids, actors, lanes, replaces, hashes []string
	owners, providers, keys              []string
	tries, received, untils, starts      []int64
	envelopes                            [][]byte
}

func (c *columns) add(claim bff.Claim) error {
	a, s := claim.Action, claim.Start
	envelope, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encoding the action %s: %w", a.ID, err)
	}
	c.ids, c.actors, c.lanes = append(c.ids, kept(a.ID)), append(c.actors, kept(a.Actor)), append(c.lanes, kept(claim.Lane))
	c.replaces, c.hashes = append(c.replaces, kept(a.Replaces)), append(c.hashes, kept(claim.Hash))
	c.tries, c.received = append(c.tries, int64(a.Try)), append(c.received, nanos(claim.At))
	c.envelopes = append(c.envelopes, envelope)
	c.owners, c.untils, c.starts = append(c.owners, kept(s.Owner)), append(c.untils, nanos(s.Until)), append(c.starts, nanos(s.At))
	c.providers, c.keys = append(c.providers, s.Provider), append(c.keys, kept(s.Key))
	return nil
}

func (c *columns) queue(batch *pgx.Batch) *pgx.QueuedQuery {
	return batch.Queue(claimQuery, c.ids, c.actors, c.lanes, c.replaces, c.tries, c.hashes, c.envelopes, c.received,
		c.owners, c.untils, c.starts, c.providers, c.keys)
}

// Claim implements bff.Ledger. All statements travel together and are one
// transaction.
func (s *Store) Claim(ctx context.Context, claims []bff.Claim) ([]bff.Claimed, error) {
	claimed := make([]bff.Claimed, len(claims))
	batch := &pgx.Batch{}
	ids := make([]string, len(claims))
	var begins []string
	for i, c := range claims {
		ids[i] = kept(c.Action.ID)
		if c.Start.Owner != "" {
			begins = append(begins, kept(c.Lane))
		}
	}
	if len(begins) > 0 {
		batch.Queue(lockLanes, begins, laneLocks)
	}
	fresh := make(map[string]bff.Entry, len(claims))
	for _, wave := range waves(claims) {
		var c columns
		nth := make(map[string]int, len(wave))
		for _, i := range wave {
			nth[ids[i]] = i
			if err := c.add(claims[i]); err != nil {
				return nil, err
			}
		}
		c.queue(batch).Query(func(rows pgx.Rows) error {
			return scanFresh(rows, func(id string, e bff.Entry) {
				i := nth[id]
				e.Action, e.Hash, e.Lane = claims[i].Action, claims[i].Hash, claims[i].Lane
				claimed[i] = bff.Claimed{Entry: e, Fresh: true, Begun: e.Attempts > 0}
				fresh[claims[i].Action.ID] = e
			})
		})
	}
	var old map[string]bff.Entry
	batch.Queue(keptQuery, ids).Query(func(rows pgx.Rows) (err error) {
		old, err = byID(rows)
		return err
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("claiming %d actions: %w", len(claims), err)
	}
	for i, c := range claims {
		if claimed[i].Fresh {
			continue
		}
		var there bool
		if claimed[i].Entry, there = old[c.Action.ID]; !there {
			claimed[i].Entry = fresh[c.Action.ID]
		}
	}
	return claimed, nil
}

// scanFresh reads what claimQuery answers: ids as they are stored, and what the
// claims do not say of their entries.
func scanFresh(rows pgx.Rows, take func(id string, e bff.Entry)) error {
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var id string
		var e bff.Entry
		var received, until, begun int64
		err := row.Scan(&id, &e.Position, &received, &e.Attempts, &e.Lease.Owner, &e.Lease.Token, &until, &begun)
		e.ReceivedAt, e.Lease.Until, e.BegunAt, e.Lease.Owner = moment(received), moment(until), moment(begun), told(e.Lease.Owner)
		take(id, e)
		return struct{}{}, err
	})
	return err
}

// waves splits claims so that no wave names an id twice, which one statement
// must not. There is one wave unless a sender repeats itself within a batch.
func waves(claims []bff.Claim) [][]int {
	var all [][]int
	seen := map[string]int{}
	for i, c := range claims {
		nth := seen[c.Action.ID]
		seen[c.Action.ID]++
		if nth == len(all) {
			all = append(all, nil)
		}
		all[nth] = append(all[nth], i)
	}
	return all
}
