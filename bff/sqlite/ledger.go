package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// The ways a transaction begins: with the write lock at once, so that what is
// read in it can be relied on when it writes, or as a snapshot that blocks
// nobody.
const (
	writing = "BEGIN IMMEDIATE"
	reading = "BEGIN"
)

// Claim implements bff.Ledger.
func (s *Store) Claim(ctx context.Context, claims []bff.Claim) ([]bff.Claimed, error) {
	envelopes := make([][]byte, len(claims))
	for i, c := range claims {
		raw, err := json.Marshal(c.Action)
		if err != nil {
			return nil, fmt.Errorf("encoding the action %s: %w", c.Action.ID, err)
		}
		envelopes[i] = raw
	}
	claimed := make([]bff.Claimed, len(claims))
	err := s.writer.in(ctx, writing, func(t *tx) error {
		for i, c := range claims {
			var err error
			if claimed[i], err = t.claim(c, envelopes[i]); err != nil {
				return fmt.Errorf("claiming %s: %w", c.Action.ID, err)
			}
		}
		return nil
	})
	return claimed, err
}

const (
	// openInLane finds out whether a lane has an open entry. It is an index of
	// the open ones alone that says so, which stays as small as they are few.
	openInLane = "SELECT 1 FROM entries WHERE lane = ?3 AND status = 'open'"
	insertOpen = `INSERT INTO entries (id, actor, lane, replaces, try, hash, envelope, received_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	insertBegun = `INSERT INTO entries (id, actor, lane, replaces, try, hash, envelope, received_at,
			attempts, lease_token, lease_owner, lease_until, begun_at, provider, key)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1, ?9, ?10, ?11, ?12, ?13
		WHERE NOT EXISTS (` + openInLane + `) ON CONFLICT (id) DO NOTHING`
	// reopen is for a person's retry of what had no effect.
	reopen = `UPDATE entries SET envelope = ?, try = ?, status = 'open', outcome = NULL, attempts = 0, next_at = 0, waiting = ''
		WHERE id = ? AND hash = ? AND actor = ? AND try < ? AND effect = 0 AND status IN ('review', 'failed')`
	byID = "id = ?"
)

func (t *tx) claim(c bff.Claim, envelope []byte) (bff.Claimed, error) {
	a, s := c.Action, c.Start
	args := []driver.Value{a.ID, a.Actor, c.Lane, a.Replaces, int64(a.Try), c.Hash, envelope, nanos(c.At)}
	fresh := bff.Claimed{Entry: bff.Entry{Action: a, Hash: c.Hash, Lane: c.Lane, ReceivedAt: c.At}, Fresh: true}
	if s.Owner != "" {
		position, err := t.insert(insertBegun, append(args, s.Owner, nanos(s.Until), nanos(s.At), s.Provider, s.Key)...)
		if err != nil {
			return bff.Claimed{}, err
		}
		if position > 0 {
			fresh.Position, fresh.Begun, fresh.Attempts, fresh.BegunAt = position, true, 1, s.At
			fresh.Lease = bff.Lease{Owner: s.Owner, Token: 1, Until: s.Until}
			return fresh, nil
		}
	}
	position, err := t.insert(insertOpen, args...)
	if err != nil {
		return bff.Claimed{}, err
	}
	if position > 0 {
		fresh.Position = position
		return fresh, nil
	}
	n, err := t.exec(reopen, envelope, int64(a.Try), a.ID, c.Hash, a.Actor, int64(a.Try))
	if err != nil {
		return bff.Claimed{}, err
	}
	e, _, err := t.entry(byID, a.ID)
	return bff.Claimed{Entry: e, Fresh: n > 0}, err
}

// Entries implements bff.Ledger.
func (s *Store) Entries(ctx context.Context, ids []string) (map[string]bff.Entry, error) {
	found, err := s.read(ctx, ids, func(t *tx, id string) (bff.Entry, bool, error) { return t.entry(byID, id) })
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	return found, nil
}

// Ends implements bff.Ledger.
func (s *Store) Ends(ctx context.Context, ids []string) (map[string]bff.Entry, error) {
	found, err := s.read(ctx, ids, (*tx).end)
	if err != nil {
		return nil, fmt.Errorf("following replacements: %w", err)
	}
	return found, nil
}

// Heads implements bff.Ledger.
func (s *Store) Heads(ctx context.Context, lanes []string) (map[string]bff.Entry, error) {
	found, err := s.read(ctx, lanes, func(t *tx, lane string) (bff.Entry, bool, error) {
		return t.entry("lane = ? AND status = 'open' ORDER BY position LIMIT 1", lane)
	})
	if err != nil {
		return nil, fmt.Errorf("reading lanes: %w", err)
	}
	return found, nil
}

// read looks each name up in one state of the file.
func (s *Store) read(ctx context.Context, names []string, look func(*tx, string) (bff.Entry, bool, error)) (map[string]bff.Entry, error) {
	found := make(map[string]bff.Entry, len(names))
	err := s.reader.in(ctx, reading, func(t *tx) error {
		for _, name := range names {
			e, there, err := look(t, name)
			if err != nil {
				return err
			}
			if there {
				found[name] = e
			}
		}
		return nil
	})
	return found, err
}

// maxChain ends a search along a chain of replacements. People do not edit one
// thing that often; a ring is a fault of a sender.
const maxChain = 100

func (t *tx) end(id string) (bff.Entry, bool, error) {
	last, there, err := t.entry(byID, id)
	if err != nil {
		return bff.Entry{}, false, err
	}
	for range maxChain {
		next, more, err := t.entry("replaces = ? AND replaces <> '' AND position > ? ORDER BY position DESC LIMIT 1", id, last.Position)
		if err != nil || !more {
			return last, there, err
		}
		last, there, id = next, true, next.Action.ID
	}
	return last, there, nil
}

// lease gives an entry to an owner unless its lane has another.
const lease = `UPDATE entries AS e SET attempts = attempts + 1, lease_owner = ?2, lease_token = lease_token + 1, lease_until = ?3,
		begun_at = CASE begun_at WHEN 0 THEN ?4 ELSE begun_at END, provider = ?5, key = ?6
	WHERE id = ?1 AND status = 'open' AND NOT EXISTS (SELECT 1 FROM entries
		WHERE lane = e.lane AND status = 'open' AND lease_owner <> ?2 AND lease_until > ?4)
	RETURNING lease_token, attempts, begun_at`

// Begin implements bff.Ledger.
func (s *Store) Begin(ctx context.Context, starts []bff.Start) (map[string]bff.Begun, error) {
	begun := make(map[string]bff.Begun, len(starts))
	err := s.writer.in(ctx, writing, func(t *tx) error {
		for _, b := range starts {
			err := t.each(lease, func(row []driver.Value) error {
				r := reader{row: row}
				begun[b.ID] = bff.Begun{Token: r.number(), Attempts: int(r.number()), BegunAt: moment(r.number())}
				return nil
			}, b.ID, b.Owner, nanos(b.Until), nanos(b.At), b.Provider, b.Key)
			if err != nil {
				return fmt.Errorf("leasing %s: %w", b.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return begun, nil
}

const (
	mine   = " WHERE id = ? AND lease_token = ? AND status = 'open'"
	settle = "UPDATE entries SET status = ?, outcome = ?, effect = ?, waiting = '', lease_owner = '', lease_until = 0" + mine
	drop   = "DELETE FROM entries" + mine + " AND attempts = 0"
	putOff = "UPDATE entries SET waiting = ?, next_at = ?, lease_owner = '', lease_until = 0" + mine
)

// Record implements bff.Ledger.
func (s *Store) Record(ctx context.Context, results []bff.Result) ([]string, error) {
	outcomes := make([][]byte, len(results))
	for i, r := range results {
		if !r.Outcome.Class.Settles() {
			continue
		}
		raw, err := json.Marshal(r.Outcome)
		if err != nil {
			return nil, fmt.Errorf("encoding the outcome of %s: %w", r.ID, err)
		}
		outcomes[i] = raw
	}
	var fenced []string
	err := s.writer.in(ctx, writing, func(t *tx) error {
		for i, r := range results {
			done, err := t.record(r, outcomes[i])
			if err != nil {
				return fmt.Errorf("recording %s: %w", r.ID, err)
			}
			if !done {
				fenced = append(fenced, r.ID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fenced, nil
}

func (t *tx) record(r bff.Result, outcome []byte) (bool, error) {
	if r.Outcome.Class.Settles() {
		n, err := t.exec(settle, string(r.Outcome.Status), outcome, r.Effect, r.ID, r.Token)
		return n > 0, err
	}
	if r.Outcome.Class == action.Held {
		if n, err := t.exec(drop, r.ID, r.Token); n > 0 || err != nil {
			return n > 0, err
		}
	}
	n, err := t.exec(putOff, string(r.Outcome.Code), nanos(r.NextAt), r.ID, r.Token)
	return n > 0, err
}

// Due implements bff.Ledger.
func (s *Store) Due(ctx context.Context, owner string, now time.Time, limit int) ([]string, error) {
	var lanes []string
	err := s.reader.in(ctx, reading, func(t *tx) error {
		return t.each(`
			SELECT lane FROM entries AS e
			WHERE status = 'open' AND next_at <= ?1 AND (lease_owner = ?2 OR lease_until <= ?1)
			  AND position = (SELECT MIN(position) FROM entries WHERE lane = e.lane AND status = 'open')
			ORDER BY next_at, position LIMIT ?3`, func(row []driver.Value) error {
			lanes = append(lanes, (&reader{row: row}).text())
			return nil
		}, nanos(now), owner, int64(limit))
	})
	if err != nil {
		return nil, fmt.Errorf("reading due lanes: %w", err)
	}
	return lanes, nil
}

// Expire implements bff.Ledger.
func (s *Store) Expire(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := s.writer.in(ctx, writing, func(t *tx) (err error) {
		// The oldest are looked at and no others: there may be millions.
		n, err = t.exec(`DELETE FROM entries WHERE position IN (
			SELECT position FROM (SELECT position, received_at FROM entries WHERE status <> 'open' ORDER BY position LIMIT ?)
			WHERE received_at < ?)`, int64(limit), nanos(before))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting old entries: %w", err)
	}
	return int(n), nil
}
