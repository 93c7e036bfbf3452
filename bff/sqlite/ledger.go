package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

const entryColumns = `envelope, hash, lane, position, received_at, attempts, next_at, waiting,
	lease_owner, lease_token, lease_until, outcome, effect`

type scanner interface {
	Scan(into ...any) error
}

func scanEntry(row scanner) (bff.Entry, error) {
	var (
		e                      bff.Entry
		envelope, outcome      []byte
		received, next, leased int64
	)
	err := row.Scan(&envelope, &e.Hash, &e.Lane, &e.Position, &received, &e.Attempts, &next, &e.Waiting,
		&e.Lease.Owner, &e.Lease.Token, &leased, &outcome, &e.Effect)
	if err != nil {
		return bff.Entry{}, err
	}
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

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// entry reads one entry by a condition; false when there is none.
func entry(ctx context.Context, q querier, where string, args ...any) (bff.Entry, bool, error) {
	e, err := scanEntry(q.QueryRowContext(ctx, "SELECT "+entryColumns+" FROM entries WHERE "+where, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return bff.Entry{}, false, nil
	}
	return e, err == nil, err
}

// Claim implements bff.Ledger.
func (s *Store) Claim(ctx context.Context, claims []bff.Claim) ([]bff.Claimed, error) {
	claimed := make([]bff.Claimed, len(claims))
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for i, c := range claims {
			fresh, err := claimOne(ctx, tx, c)
			if err != nil {
				return fmt.Errorf("claiming %s: %w", c.Action.ID, err)
			}
			e, _, err := entry(ctx, tx, "id = ?", c.Action.ID)
			if err != nil {
				return fmt.Errorf("reading %s: %w", c.Action.ID, err)
			}
			claimed[i] = bff.Claimed{Entry: e, Fresh: fresh}
		}
		return nil
	})
	return claimed, err
}

// claimOne inserts an action that is not there, or opens it again for a
// person's retry of one that had no effect.
func claimOne(ctx context.Context, tx *sql.Tx, c bff.Claim) (bool, error) {
	envelope, err := json.Marshal(c.Action)
	if err != nil {
		return false, fmt.Errorf("encoding the action: %w", err)
	}
	fresh, err := changed(tx.ExecContext(ctx, `
		INSERT INTO entries (id, actor, lane, replaces, try, hash, envelope, received_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		c.Action.ID, c.Action.Actor, c.Lane, c.Action.Replaces, c.Action.Try, c.Hash, envelope, nanos(c.At)))
	if err != nil || fresh {
		return fresh, err
	}
	return changed(tx.ExecContext(ctx, `
		UPDATE entries SET envelope = ?, try = ?, status = 'open', outcome = NULL, attempts = 0, next_at = 0, waiting = ''
		WHERE id = ? AND hash = ? AND actor = ? AND try < ? AND effect = 0 AND status IN ('review', 'failed')`,
		envelope, c.Action.Try, c.Action.ID, c.Hash, c.Action.Actor, c.Action.Try))
}

// Entries implements bff.Ledger.
func (s *Store) Entries(ctx context.Context, ids []string) (map[string]bff.Entry, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("encoding ids: %w", err)
	}
	rows, err := s.db.QueryContext(ctx,
		"SELECT "+entryColumns+" FROM entries WHERE id IN (SELECT value FROM json_each(?))", string(list))
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	defer rows.Close()
	found := map[string]bff.Entry{}
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, fmt.Errorf("reading entries: %w", err)
		}
		found[e.Action.ID] = e
	}
	return found, rows.Err()
}

// maxChain ends a search along a chain of replacements. People do not edit one
// thing that often; a ring is a fault of a sender.
const maxChain = 100

// Ends implements bff.Ledger.
func (s *Store) Ends(ctx context.Context, ids []string) (map[string]bff.Entry, error) {
	found := map[string]bff.Entry{}
	err := s.snapshot(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			e, there, err := end(ctx, tx, id)
			if err != nil {
				return fmt.Errorf("following %s: %w", id, err)
			}
			if there {
				found[id] = e
			}
		}
		return nil
	})
	return found, err
}

// snapshot runs read on one state of the file without blocking writers.
func (s *Store) snapshot(ctx context.Context, read func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning a snapshot: %w", err)
	}
	// Nothing was written: how a snapshot ends does not matter.
	defer func() { _ = tx.Rollback() }()
	return read(tx)
}

func end(ctx context.Context, q querier, id string) (bff.Entry, bool, error) {
	last, there, err := entry(ctx, q, "id = ?", id)
	if err != nil {
		return bff.Entry{}, false, err
	}
	for range maxChain {
		next, more, err := entry(ctx, q, "replaces = ? AND position > ? ORDER BY position DESC LIMIT 1", id, last.Position)
		if err != nil || !more {
			return last, there, err
		}
		last, there, id = next, true, next.Action.ID
	}
	return last, there, nil
}

// Next implements bff.Ledger.
func (s *Store) Next(ctx context.Context, lane string) (bff.Entry, bool, error) {
	return entry(ctx, s.db, "lane = ? AND status = 'open' ORDER BY position LIMIT 1", lane)
}

// Begin implements bff.Ledger.
func (s *Store) Begin(ctx context.Context, b bff.Start) (bff.Entry, error) {
	var begun bff.Entry
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		free, err := changed(tx.ExecContext(ctx, `
			UPDATE entries AS e SET attempts = attempts + 1, lease_owner = ?2, lease_token = lease_token + 1, lease_until = ?3
			WHERE id = ?1 AND status = 'open' AND NOT EXISTS (SELECT 1 FROM entries
				WHERE lane = e.lane AND status = 'open' AND lease_owner <> ?2 AND lease_until > ?4)`,
			b.ID, b.Owner, nanos(b.Until), nanos(b.At)))
		if err != nil {
			return fmt.Errorf("leasing %s: %w", b.ID, err)
		}
		if !free {
			return bff.ErrFenced
		}
		if begun, _, err = entry(ctx, tx, "id = ?", b.ID); err != nil {
			return fmt.Errorf("reading %s: %w", b.ID, err)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO intents (entry, token, owner, provider, key, at) VALUES (?, ?, ?, ?, ?, ?)",
			b.ID, begun.Lease.Token, b.Owner, b.Provider, b.Key, nanos(b.At))
		if err != nil {
			return fmt.Errorf("storing the intent of %s: %w", b.ID, err)
		}
		return nil
	})
	return begun, err
}

// Record implements bff.Ledger.
func (s *Store) Record(ctx context.Context, r bff.Result) error {
	const mine = " WHERE id = ? AND lease_token = ? AND status = 'open'"
	var res sql.Result
	var err error
	switch {
	case r.Outcome.Class.Settles():
		outcome, marshalErr := json.Marshal(r.Outcome)
		if marshalErr != nil {
			return fmt.Errorf("encoding the outcome of %s: %w", r.ID, marshalErr)
		}
		res, err = s.db.ExecContext(ctx,
			"UPDATE entries SET status = ?, outcome = ?, effect = ?, waiting = '', lease_owner = '', lease_until = 0"+mine,
			r.Outcome.Status, outcome, r.Effect, r.ID, r.Token)
	case r.Outcome.Class == action.Held:
		res, err = s.db.ExecContext(ctx, "DELETE FROM entries"+mine+" AND attempts = 0", r.ID, r.Token)
		if done, checkErr := changed(res, err); checkErr != nil || done {
			return checkErr
		}
		fallthrough
	default:
		res, err = s.db.ExecContext(ctx,
			"UPDATE entries SET waiting = ?, next_at = ?, lease_owner = '', lease_until = 0"+mine,
			r.Outcome.Code, nanos(r.NextAt), r.ID, r.Token)
	}
	done, err := changed(res, err)
	if err != nil {
		return fmt.Errorf("recording %s: %w", r.ID, err)
	}
	if !done {
		return bff.ErrFenced
	}
	return nil
}

// Due implements bff.Ledger.
func (s *Store) Due(ctx context.Context, owner string, now time.Time, limit int) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT lane FROM entries AS e
		WHERE status = 'open' AND next_at <= ? AND (lease_owner = ? OR lease_until <= ?)
		  AND position = (SELECT MIN(position) FROM entries WHERE lane = e.lane AND status = 'open')
		ORDER BY next_at, position LIMIT ?`, nanos(now), owner, nanos(now), limit)
	if err != nil {
		return nil, fmt.Errorf("reading due lanes: %w", err)
	}
	defer rows.Close()
	var lanes []string
	for rows.Next() {
		var lane string
		if err := rows.Scan(&lane); err != nil {
			return nil, fmt.Errorf("reading due lanes: %w", err)
		}
		lanes = append(lanes, lane)
	}
	return lanes, rows.Err()
}
