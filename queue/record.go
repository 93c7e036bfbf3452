package queue

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"fieldpay/action"
)

// record is one row of the projection: what replay knows of an action without
// opening a seal.
type record struct {
	sequence          int64
	id                string
	kind              action.Type
	version           int
	lane              string
	place             int64
	needs             string
	try               int
	state             State
	attempt           int
	nextAt, createdAt int64
	size              int
	first, last       int64
	outcome           int64
	replacedBy        int64
}

const recordColumns = `a.sequence, a.id, a.type, a.version, a.lane, a.place, a.needs, a.try, a.state, a.attempt,
	a.next_at, a.created_at, a.size, a.entry, a.last, a.outcome, a.replaced_by`

func (r *record) fields() []any {
	return []any{
		&r.sequence, &r.id, &r.kind, &r.version, &r.lane, &r.place, &r.needs, &r.try, &r.state, &r.attempt,
		&r.nextAt, &r.createdAt, &r.size, &r.first, &r.last, &r.outcome, &r.replacedBy,
	}
}

// follows reports as damage that e, the newest entry of the action, says
// something else than the row.
func (r *record) follows(e *entry) error {
	if e.sequence != r.sequence || e.to != r.state || e.attempt != r.attempt || e.nextAt != r.nextAt {
		return damaged(e.position, "is not what the action's row says")
	}
	return nil
}

func (r *record) needIDs() []string { return strings.Fields(r.needs) }

// reader runs prepared queries: a write transaction, or a snapshot.
type reader interface {
	row(query string, args ...any) result
	rows(query string, args ...any) (*sql.Rows, error)
}

// byID finds an action. An unknown id is NotFound.
func byID(q reader, id string) (*record, error) {
	return one(q, `SELECT `+recordColumns+` FROM action a WHERE a.id = ?`, strings.ToLower(id))
}

func bySequence(q reader, sequence int64) (*record, error) {
	return one(q, `SELECT `+recordColumns+` FROM action a WHERE a.sequence = ?`, sequence)
}

func one(q reader, query string, arg any) (*record, error) {
	r := &record{}
	err := q.row(query, arg).scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &action.Error{Code: action.NotFound, Op: "looking up an action", Message: "There is no such action on this device"}
	}
	if err != nil {
		return nil, fmt.Errorf("looking up an action: %w", err)
	}
	return r, nil
}

// many reads records in the order of the query.
func many(q reader, query string, args ...any) (found []*record, err error) {
	rows, err := q.rows(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading actions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r := &record{}
		if err := rows.Scan(r.fields()...); err != nil {
			return nil, fmt.Errorf("reading actions: %w", err)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// before returns the id of the action before a place of a lane: the newest one
// that was neither edited nor discarded. Empty means the place is the first.
func before(q reader, lane string, place int64) (id string, state State, err error) {
	err = q.row(`SELECT id, state FROM action WHERE lane = ? AND place < ? AND state NOT IN ('superseded', 'discarded')
		ORDER BY place DESC LIMIT 1`, lane, place).scan(&id, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("reading a lane: %w", err)
	}
	return id, state, nil
}

// ahead is the action that must not be overtaken by another of its lane: the one
// before it, unless that is applied. Empty means there is none.
func ahead(q reader, r *record) (string, error) {
	id, state, err := before(q, r.lane, r.place)
	if err != nil || state == Applied {
		return "", err
	}
	return id, nil
}

// openPage bounds how much of the open actions is in memory at a time.
const openPage = 256

// eachOpen visits the actions that are not finished in the order of their
// places, until visit says stop.
func eachOpen(q reader, visit func(*record) (more bool, err error)) error {
	for place := int64(0); ; {
		page, err := many(q, `SELECT `+recordColumns+` FROM action a WHERE a.open AND a.place > ? ORDER BY a.place LIMIT ?`, place, openPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			more, err := visit(r)
			if err != nil || !more {
				return err
			}
			place = r.place
		}
		if len(page) < openPage {
			return nil
		}
	}
}

// currentNeeds are the ids that the action needs and that are not applied, each
// that of the newest edit.
func currentNeeds(q reader, r *record) ([]string, error) {
	var needs []string
	for _, id := range r.needIDs() {
		need, err := newestEdit(q, id)
		switch {
		case action.CodeOf(err) == action.NotFound:
			needs = append(needs, id) // the server's to judge
		case err != nil:
			return nil, err
		case need.state != Applied:
			needs = append(needs, need.id)
		}
	}
	return needs, nil
}

// newestEdit returns the action, or what it was edited into at last.
func newestEdit(q reader, id string) (*record, error) {
	r, err := byID(q, id)
	for err == nil && r.replacedBy != 0 {
		r, err = bySequence(q, r.replacedBy)
	}
	return r, err
}

// unmet returns the id of the first need that the server is not known to have,
// or "". An id that this journal does not know is the server's to judge.
func unmet(q reader, r *record) (string, error) {
	for _, id := range r.needIDs() {
		need, err := newestEdit(q, id)
		if action.CodeOf(err) == action.NotFound {
			continue
		}
		if err != nil {
			return "", err
		}
		if need.state != Applied && need.state != Accepted && need.state != HandedOver {
			return need.id, nil
		}
	}
	return "", nil
}

// blocker returns the id of the action that holds r back, or "": the first
// earlier one of its lane that is not going through, else a need of its own.
func blocker(q reader, r *record) (string, error) {
	stops, err := many(q, `SELECT `+recordColumns+` FROM action a WHERE a.stops AND a.lane = ? AND a.place < ? ORDER BY a.place`, r.lane, r.place)
	if err != nil {
		return "", err
	}
	for _, s := range stops {
		if s.state.Blocks() {
			return s.id, nil
		}
		switch need, err := unmet(q, s); {
		case err != nil:
			return "", err
		case need != "":
			return s.id, nil
		}
	}
	return unmet(q, r)
}
