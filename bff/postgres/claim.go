package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldpay/bff"
)

// claimQuery stores claims whose ids differ, and answers the ids that are fresh.
//
// The positions follow the order in which the actions were sent; the rows are
// locked in the order of their ids, so that two claims of the same actions wait
// for each other rather than both for ever. An id that is there already keeps
// its row, which is nevertheless locked until the commit: nobody can remove or
// settle it between this statement and the one that reads it.
const claimQuery = `
	WITH arrived AS MATERIALIZED (
		SELECT nextval('entries_position') AS position, sent.*
		FROM (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[], $8::bigint[])
			WITH ORDINALITY AS u (id, actor, lane, replaces, try, hash, envelope, received_at, nth) ORDER BY nth) AS sent
	)
	INSERT INTO entries AS e (position, id, actor, lane, replaces, try, hash, envelope, received_at)
	SELECT position, id, actor, lane, replaces, try, hash, envelope, received_at FROM arrived ORDER BY id COLLATE "C"
	ON CONFLICT (id) DO UPDATE SET
		envelope = excluded.envelope, try = excluded.try,
		status = 'open', outcome = NULL, attempts = 0, next_at = 0, waiting = ''
	WHERE e.hash = excluded.hash AND e.actor = excluded.actor AND e.try < excluded.try
	  AND NOT e.effect AND e.status IN ('review', 'failed')
	RETURNING e.id`

// columns are claims as the arrays that claimQuery takes.
type columns struct {
	ids, actors, lanes, replaces, hashes []string
	tries, received                      []int64
	envelopes                            [][]byte
}

func (c *columns) add(claim bff.Claim) error {
	a := claim.Action
	envelope, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encoding the action %s: %w", a.ID, err)
	}
	c.ids, c.actors, c.lanes = append(c.ids, kept(a.ID)), append(c.actors, kept(a.Actor)), append(c.lanes, kept(claim.Lane))
	c.replaces, c.hashes = append(c.replaces, kept(a.Replaces)), append(c.hashes, kept(claim.Hash))
	c.tries, c.received = append(c.tries, int64(a.Try)), append(c.received, nanos(claim.At))
	c.envelopes = append(c.envelopes, envelope)
	return nil
}

// Claim implements bff.Ledger. All statements travel together and are one
// transaction.
func (s *Store) Claim(ctx context.Context, claims []bff.Claim) ([]bff.Claimed, error) {
	claimed := make([]bff.Claimed, len(claims))
	batch := &pgx.Batch{}
	ids := make([]string, len(claims))
	for i, c := range claims {
		ids[i] = kept(c.Action.ID)
	}
	for _, wave := range waves(claims) {
		var c columns
		first := map[string]int{}
		for _, i := range wave {
			first[ids[i]] = i
			if err := c.add(claims[i]); err != nil {
				return nil, err
			}
		}
		batch.Queue(claimQuery, c.ids, c.actors, c.lanes, c.replaces, c.tries, c.hashes, c.envelopes, c.received).
			Query(func(rows pgx.Rows) error {
				fresh, err := pgx.CollectRows(rows, pgx.RowTo[string])
				for _, id := range fresh {
					claimed[first[id]].Fresh = true
				}
				return err
			})
	}
	var stored map[string]bff.Entry
	batch.Queue("SELECT "+entryColumns+" FROM entries WHERE id = ANY ($1)", ids).Query(func(rows pgx.Rows) (err error) {
		stored, err = byID(rows)
		return err
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("claiming %d actions: %w", len(claims), err)
	}
	for i, c := range claims {
		claimed[i].Entry = stored[c.Action.ID]
	}
	return claimed, nil
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
