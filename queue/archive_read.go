package queue

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"fieldpay/action"
)

// cold reads the archive. hot is the journal, for what the archive refers to.
type cold struct {
	plainReader
	hot reader
}

// coldSide opens the archive for reading, and reports whether anything went
// there. An archive that should be there and is not is errArchiveLost.
func (j *Journal) coldSide(ctx context.Context, hot reader) (cold, bool, error) {
	var mark int64
	if err := hot.row(`SELECT archived FROM device`).scan(&mark); err != nil {
		return cold{}, false, fmt.Errorf("reading how far the archive goes: %w", err)
	}
	if mark == 0 {
		return cold{}, false, nil
	}
	if !j.archive.there() {
		return cold{}, true, errArchiveLost
	}
	db, err := j.archive.open(ctx)
	if err != nil {
		return cold{}, true, err
	}
	return cold{plainReader: plainReader{ctx: ctx, db: db}, hot: hot}, true, nil
}

// anywhere runs find in the journal, and in the archive where the journal does
// not have it.
func (j *Journal) anywhere(ctx context.Context, hot reader, find func(reader) error) error {
	err := find(hot)
	if action.CodeOf(err) != action.NotFound {
		return err
	}
	c, some, coldErr := j.coldSide(ctx, hot)
	if coldErr != nil || !some {
		return errors.Join(coldErr, onlyIf(coldErr == nil, err))
	}
	return find(c)
}

func onlyIf(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

// linked finds the action that one of q refers to, on whichever side it is.
func (j *Journal) linked(q reader, sequence int64) (*record, error) {
	r, err := bySequence(q, sequence)
	if action.CodeOf(err) != action.NotFound {
		return r, err
	}
	if c, ok := q.(cold); ok {
		return bySequence(c.hot, sequence)
	}
	c, some, coldErr := j.coldSide(context.Background(), q)
	if coldErr != nil {
		return nil, coldErr
	}
	if !some {
		return nil, err
	}
	return bySequence(c, sequence)
}

// linkBefore is the link that the entry at a position builds on, nil where it is
// not known.
func (j *Journal) linkBefore(q reader, position int64) ([]byte, error) {
	if position == 1 {
		return genesis(j.keys.newMAC(), j.device), nil
	}
	return j.linkAt(q, position-1)
}

// linkAt is the link at a position, nil where the journal has none there. It is
// looked for in the journal, among the links that were kept of what was archived,
// and in the archive. Position 0 stands before the first.
func (j *Journal) linkAt(q reader, position int64) ([]byte, error) {
	if position == 0 {
		return nil, nil
	}
	var mac []byte
	err := q.row(`SELECT mac FROM entry WHERE position = ?1 UNION ALL SELECT mac FROM link WHERE position = ?1 LIMIT 1`, position).scan(&mac)
	if err == nil {
		return bytes.Clone(mac), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading the link of entry %d: %w", position, err)
	}
	c, some, err := j.coldSide(context.Background(), q)
	if err != nil || !some {
		return nil, onlyIf(action.CodeOf(err) != action.JournalDamaged, err)
	}
	switch err := c.row(`SELECT mac FROM entry WHERE position = ?`, position).scan(&mac); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the link of archived entry %d: %w", position, err)
	}
	return bytes.Clone(mac), nil
}
