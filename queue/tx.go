package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"

	"fieldpay/action"
)

// tip is the end of the journal: the newest link, the newest action, and who
// drains.
type tip struct {
	position int64
	mac      []byte
	sequence int64
	// at is when the newest link was written, in milliseconds.
	at int64
	// fence is that of the device, zero where it is to be read: who changes it
	// says so here.
	fence int64
	bond  bond
}

// tx is one write transaction. It starts from the tip of the journal, read
// inside the transaction because other processes append too.
type tx struct {
	tip
	s    *session
	now  time.Time
	hash hash.Hash
	// writes counts rows, so that the writer knows whether a job that failed
	// left something behind.
	writes int
	// held has the actions that the server held just now. Nothing of this
	// transaction releases them.
	held map[int64]bool
	// ended counts the actions that were closed, for the tally.
	ended map[State]int
	// beside says that the device's row was written.
	beside bool
}

func (s *session) begin() (*tx, error) {
	if err := s.exec(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	t := &tx{s: s, now: s.j.now(), hash: s.mac}
	if err := t.findTip(); err != nil {
		return nil, errors.Join(err, s.exec(context.Background(), "ROLLBACK"))
	}
	if s.j.clockWentBack(t.now) || timeOf(t.at).Sub(t.now) > sleptFor {
		s.j.distrust.Store(t.position)
	}
	return t, nil
}

// clockWentBack reports whether the clock shows an earlier time than at the last
// look of this process. The newest link may not tell: another process can have
// written it since, by the clock as it is now.
func (j *Journal) clockWentBack(now time.Time) bool {
	seen := j.lookedAt.Swap(now.UnixMilli())
	return timeOf(seen).Sub(now) > sleptFor
}

// findTip takes the tip that this session left, unless another process has
// written since.
func (t *tx) findTip() error {
	foreign, err := t.s.foreignWrites()
	if err != nil {
		return err
	}
	if foreign {
		t.s.j.changes.signal()
	}
	if t.s.tip != nil {
		t.tip = *t.s.tip
		return nil
	}
	err = t.row(`SELECT position, mac, at, (SELECT max(sequence) FROM action) FROM entry
		WHERE position = (SELECT max(position) FROM entry)`).
		scan(&t.position, &t.mac, &t.at, &t.sequence)
	if errors.Is(err, sql.ErrNoRows) {
		t.mac, err = genesis(t.hash, t.s.j.device), nil
	}
	if err != nil {
		return err
	}
	if err := t.findBond(); err != nil || !t.bond.broken || t.s.j.unbound {
		return err
	}
	t.s.j.suspect.Store(true)
	return nil
}

// commit makes the transaction durable.
func (t *tx) commit() error {
	for state, n := range t.ended {
		if err := t.exec(`INSERT INTO tally (state, n, at) VALUES (?, ?, ?)
			ON CONFLICT (state) DO UPDATE SET n = n + excluded.n, at = excluded.at`, string(state), n, t.now.UnixMilli()); err != nil {
			return fmt.Errorf("counting what ended: %w", err)
		}
	}
	if err := t.bind(); err != nil {
		return err
	}
	t.s.tip = nil
	if err := t.s.exec(context.Background(), "COMMIT"); err != nil {
		return err
	}
	t.s.tip = &t.tip
	return nil
}

func (t *tx) row(query string, args ...any) result {
	return t.s.row(context.Background(), query, args...)
}

func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	return t.s.rows(context.Background(), query, args...)
}

func (t *tx) exec(query string, args ...any) error {
	t.writes++
	t.beside = t.beside || strings.HasPrefix(query, "UPDATE device")
	return t.s.exec(context.Background(), query, args...)
}

// head is the newest link of the chain.
func (t *tx) head() ChainPoint { return point(t.position, t.mac) }

// add appends a row to the chain. The caller fills everything but position, seal
// and MAC, and the time where it is not now; plain is sealed.
func (t *tx) add(e *entry, plain []byte) error {
	e.position = t.position + 1
	if e.at == 0 {
		e.at = t.now.UnixMilli()
	}
	e.sealed = []byte{}
	if len(plain) > 0 {
		e.sealed = t.s.j.keys.seal(binding{device: t.s.j.device, position: e.position, sequence: e.sequence}, plain)
	}
	e.mac = e.link(t.hash, t.mac)
	err := t.exec(`INSERT INTO entry (position, prior, sequence, cause, from_state, to_state, attempt, next_at, at, code, sealed, mac)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.position, e.prior, e.sequence, string(e.cause), string(e.from), string(e.to),
		e.attempt, e.nextAt, e.at, string(e.code), e.sealed, e.mac)
	if err != nil {
		return fmt.Errorf("adding journal entry %d: %w", e.position, err)
	}
	t.position, t.mac, t.at = e.position, e.mac, e.at
	return nil
}

// change is what a move does beside the state.
type change struct {
	attempt    int
	nextAt     time.Time
	code       action.Code
	note       note
	replacedBy int64
}

// move takes an action to another state: one row of the chain, and the
// projection. A move that is not in the table is refused.
func (t *tx) move(r *record, cause Cause, to State, c change) error {
	if !Allowed(r.state, cause, to) {
		return notPossible(r, cause)
	}
	plain, err := encodeNote(c.note)
	if err != nil {
		return fmt.Errorf("encoding a journal note: %w", err)
	}
	e := &entry{
		prior: r.last, sequence: r.sequence, cause: cause, from: r.state, to: to,
		attempt: c.attempt, nextAt: unixMilli(c.nextAt), code: c.code,
	}
	if err := t.add(e, plain); err != nil {
		return err
	}
	if c.note.Outcome != nil {
		r.outcome = e.position
	}
	if c.replacedBy != 0 {
		r.replacedBy = c.replacedBy
	}
	t.bond.open.add(r.mark(t.hash))
	r.state, r.attempt, r.nextAt, r.last = to, c.attempt, e.nextAt, e.position
	if err := t.exec(`UPDATE action SET state = ?, attempt = ?, next_at = ?, try = ?, last = ?, outcome = ?, replaced_by = ?
		WHERE sequence = ?`,
		string(r.state), r.attempt, r.nextAt, r.try, r.last, r.outcome, r.replacedBy, r.sequence); err != nil {
		return fmt.Errorf("moving action %d: %w", r.sequence, err)
	}
	t.bond.open.add(r.mark(t.hash))
	if !to.Open() {
		if t.ended == nil {
			t.ended = map[State]int{}
		}
		t.ended[to]++
	}
	return nil
}

func notPossible(r *record, cause Cause) error {
	return &action.Error{
		Code: action.NotPossible, Message: action.NotPossible.Message(), Op: "changing an action",
		Cause: fmt.Errorf("%s is not allowed in state %s", cause, r.state),
	}
}

// fenced refuses to go on when another process has taken the drain over.
func (t *tx) fenced(fence int64) error {
	if t.fence == 0 {
		if err := t.row(`SELECT fence FROM device`).scan(&t.fence); err != nil {
			return fmt.Errorf("reading the fence: %w", err)
		}
	}
	if t.fence != fence {
		return errFenced
	}
	return nil
}

// errFenced says that another process drains now.
var errFenced = &action.Error{Code: action.NotPossible, Op: "sending", Message: "Another FieldPay on this device has taken over the sending"}

func point(position int64, mac []byte) ChainPoint {
	if position == 0 {
		return ChainPoint{}
	}
	return ChainPoint{Position: position, MAC: hexText(mac)}
}

// acknowledged is the link that the journal has where the server acknowledged
// it last. A journal that was rolled back has none there.
func (t *tx) acknowledged() (ChainPoint, error) {
	var at int64
	if err := t.row(`SELECT acknowledged FROM device`).scan(&at); err != nil {
		return ChainPoint{}, fmt.Errorf("reading the acknowledged position: %w", err)
	}
	mac, err := t.s.j.linkAt(t, at)
	return ChainPoint{Position: at, MAC: hexText(mac)}, err
}

func unixMilli(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

func timeOf(milli int64) time.Time {
	if milli == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milli).UTC()
}
