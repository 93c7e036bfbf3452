package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"fieldpay/action"
	"fieldpay/bff"
)

const selectEntry = `SELECT envelope, hash, lane, position, received_at, attempts, next_at, waiting,
	lease_owner, lease_token, lease_until, begun_at, outcome, effect FROM entries WHERE `

var errForeignRow = errors.New("a stored action has another form than expected")

// entryOf reads a row of selectEntry.
func entryOf(row []driver.Value) (bff.Entry, error) {
	r := reader{row: row}
	var e bff.Entry
	envelope := r.bytes()
	e.Hash, e.Lane, e.Position = r.text(), r.text(), r.number()
	e.ReceivedAt, e.Attempts, e.NextAt = moment(r.number()), int(r.number()), moment(r.number())
	e.Waiting = action.Code(r.text())
	e.Lease = bff.Lease{Owner: r.text(), Token: r.number(), Until: moment(r.number())}
	e.BegunAt = moment(r.number())
	outcome := r.bytes()
	e.Effect = r.number() != 0
	if r.foreign {
		return bff.Entry{}, errForeignRow
	}
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

// reader takes the values of a row in turn.
type reader struct {
	row     []driver.Value
	foreign bool
}

func take[T any](r *reader) T {
	var none T
	if len(r.row) == 0 {
		r.foreign = true
		return none
	}
	value := r.row[0]
	r.row = r.row[1:]
	v, ok := value.(T)
	r.foreign = r.foreign || !ok && value != nil
	return v
}

func (r *reader) bytes() []byte { return take[[]byte](r) }
func (r *reader) text() string  { return take[string](r) }
func (r *reader) number() int64 { return take[int64](r) }

// entry reads one entry by a condition; false when there is none.
func (t *tx) entry(where string, args ...driver.Value) (e bff.Entry, there bool, err error) {
	err = t.each(selectEntry+where, func(row []driver.Value) (err error) {
		e, err = entryOf(row)
		there = true
		return err
	}, args...)
	return e, there && err == nil, err
}
