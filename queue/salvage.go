package queue

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"time"

	"fieldpay/action"
)

// Rescue is what a salvage did.
type Rescue struct {
	// Rescued of Known actions are in the new journal.
	Rescued, Known int64
	// Aside is where the damaged file lies now, untouched.
	Aside string
}

// SalvageOptions say which journal is damaged. Path, Key and DeviceID are
// required.
type SalvageOptions struct {
	Path string
	Key  []byte
	// DeviceID is whose journal it is: the file may not be able to tell.
	DeviceID string
	// Now names the file that is put aside. Default: the time.
	Now time.Time
}

// Salvage makes a new journal of what is intact in a damaged one, and puts the
// damaged file aside, untouched. Nobody may have the journal open.
//
// An action is rescued under its id, its sequence and with the bytes of its
// payload if its seal holds. Where the chain vouches for an end, it keeps it;
// everything else becomes unconfirmed: the server is asked about it, and it goes
// out again only under the same id. The chain begins anew, so the server refuses
// the journal until a person goes on with it, see [Replay.GoOn].
//
// A salvage that was interrupted is finished by the next one. Nothing is changed
// if not one action could be rescued.
func Salvage(ctx context.Context, o SalvageOptions) (Rescue, error) {
	if o.Path == "" || o.DeviceID == "" {
		return Rescue{}, &action.Error{Code: action.NotPossible, Op: "salvaging the journal", Message: "Neither the file nor the device is known"}
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	files := newSalvageFiles(o.Path, o.Now)
	keys, err := deriveKeys(o.Key)
	if err != nil {
		return Rescue{}, err
	}
	if err := files.scratch(); err != nil {
		return Rescue{}, &action.Error{Code: action.StorageFailed, Op: "salvaging the journal", Message: action.StorageFailed.Message(), Cause: err}
	}
	w := &wreck{keys: keys, device: o.DeviceID, mac: keys.newMAC(), known: map[int64]*survivor{}}
	if err := w.read(ctx, files.source); err != nil {
		return Rescue{}, errors.Join(storageError("reading the damaged journal", err), files.clear())
	}
	out := Rescue{Rescued: int64(len(w.order)), Known: max(w.highest, int64(len(w.order))), Aside: files.aside}
	if out.Rescued == 0 {
		return Rescue{Known: out.Known}, errors.Join(&action.Error{
			Code: action.JournalDamaged, Op: "salvaging the journal", Message: "Nothing in the journal can be read with this device's key. Nothing was changed",
		}, files.clear())
	}
	if err := w.rebuild(ctx, files.fresh, o.Key); err != nil {
		return Rescue{}, errors.Join(err, files.clear())
	}
	if err := files.swap(); err != nil {
		return Rescue{}, &action.Error{Code: action.StorageFailed, Op: "putting the rescued journal in place", Message: action.StorageFailed.Message(), Cause: err}
	}
	return out, nil
}

// wreck is what can be read of a damaged journal.
type wreck struct {
	keys    *keys
	device  string
	mac     hash.Hash
	known   map[int64]*survivor
	order   []*survivor
	fence   int64
	highest int64 // sequence
	// sides are the journal and, where there is one, the archive.
	sides []plainReader
}

// survivor is an action whose seal holds.
type survivor struct {
	header  header
	payload []byte
	at      int64
	// newest is the last entry of the action that the chain vouches for, and
	// outcome the last answer of the server among those.
	sequence int64
	newest   entry
	outcome  *action.Outcome
	try      int
	// broken says that an entry between may be missing.
	broken bool
}

// stretch is how many entries may be unreadable in a row before the end is
// believed to be there.
const stretch = 100_000

// read collects the survivors, of the archive too. Where pages are broken it
// looks for the entries one by one.
func (w *wreck) read(ctx context.Context, path string) error {
	var sides []plainReader
	for _, name := range []string{path, beside(path)} {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		db, err := sql.Open("sqlite", "file:"+name)
		if err != nil {
			return err
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		sides = append(sides, plainReader{ctx: ctx, db: db})
	}
	w.sides = sides
	last := w.most(`SELECT coalesce(max(position), 0) FROM entry`, `SELECT coalesce(max(last), 0) FROM action`)
	// What cannot be read stays zero: the server knows the fence, and the count
	// of what is known is told as what was seen.
	_ = sides[0].row(`SELECT fence FROM device`).scan(&w.fence)
	w.highest = w.most(`SELECT coalesce(max(sequence), 0) FROM action`)
	before := genesis(w.mac, w.device)
	for position, missed := int64(1), 0; position <= last || missed < stretch && last == 0; position++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e := w.entryAt(position)
		if e == nil {
			before = w.linkAt(position)
			missed++
			continue
		}
		missed = 0
		vouched := before != nil && bytes.Equal(e.link(w.mac, before), e.mac)
		w.take(e, vouched)
		before = e.mac
	}
	return nil
}

// most is the highest of what the queries find on any side.
func (w *wreck) most(queries ...string) (highest int64) {
	for _, side := range w.sides {
		for _, query := range queries {
			var n int64
			if side.row(query).scan(&n) == nil {
				highest = max(highest, n)
			}
		}
	}
	return highest
}

// entryAt is the entry at a position on whichever side it can be read.
func (w *wreck) entryAt(position int64) *entry {
	for _, side := range w.sides {
		if e, err := entryAt(side, position); err == nil {
			return e
		}
	}
	return nil
}

// linkAt is the link that was kept of an entry that only the archive had.
func (w *wreck) linkAt(position int64) []byte {
	var mac []byte
	if w.sides[0].row(`SELECT mac FROM link WHERE position = ?`, position).scan(&mac) != nil {
		return nil
	}
	return bytes.Clone(mac)
}

func (w *wreck) take(e *entry, vouched bool) {
	w.highest = max(w.highest, e.sequence)
	plain, err := []byte(nil), error(nil)
	if len(e.sealed) > 0 {
		plain, err = w.keys.open(binding{device: w.device, position: e.position, sequence: e.sequence}, e.sealed)
	}
	s := w.known[e.sequence]
	switch {
	case e.prior == 0 && err == nil && s == nil:
		h, payload, err := decodeFirst(e.position, plain)
		if err != nil || h.ID == "" {
			return
		}
		s = &survivor{header: h, payload: payload, at: e.at, sequence: e.sequence, newest: *e, broken: !vouched}
		w.known[e.sequence] = s
		w.order = append(w.order, s)
	case s == nil || e.prior == 0:
	case err != nil || !vouched || e.prior != s.newest.position || e.from != s.newest.to:
		s.broken = true
	default:
		n, err := decodeNote(e.position, plain)
		s.broken = s.broken || err != nil
		s.newest = *e
		s.try = max(s.try, n.Try)
		if n.Outcome != nil {
			s.outcome = n.Outcome
		}
	}
}

// state is where the action goes on: an end, or a person's turn, that the chain
// vouches for; else the server must say.
func (s *survivor) state() State {
	switch to := s.newest.to; to {
	case Applied, Superseded, Discarded, HandedOver, Review, Failed:
		if !s.broken {
			return to
		}
	}
	return Unconfirmed
}

// rebuild writes the new journal.
func (w *wreck) rebuild(ctx context.Context, path string, key []byte) error {
	j, err := Open(ctx, Options{Path: path, Key: key, DeviceID: w.device})
	if err != nil {
		return err
	}
	for from := 0; from < len(w.order) && err == nil; from += portion {
		err = j.writer.write(ctx, func(t *tx) error {
			for i := from; i < min(from+portion, len(w.order)); i++ {
				if err := t.rescue(w, i); err != nil {
					return err
				}
			}
			t.fence = 0
			return t.exec(`UPDATE device SET fence = ?`, w.fence)
		})
	}
	return errors.Join(err, j.Close())
}

// rescue adds the i-th survivor: its first entry as it was, and one that says
// where it stands.
func (t *tx) rescue(w *wreck, i int) error {
	s := w.order[i]
	h := s.header
	h.Gap = s.sequence - t.sequence - 1
	plain, err := encodeFirst(h, s.payload)
	if err != nil {
		return fmt.Errorf("encoding an action: %w", err)
	}
	e := &entry{sequence: s.sequence, cause: WasAppended, to: Pending, at: s.at}
	if err := t.add(e, plain); err != nil {
		return err
	}
	a := action.Action{
		ID: h.ID, Type: h.Type, Version: h.Version, Sequence: s.sequence, Lane: h.Lane, Needs: h.Needs,
		CreatedAt: h.CreatedAt, Payload: s.payload,
	}
	if err := t.addRow(a, h.Place, e.position); err != nil {
		return err
	}
	r, err := bySequence(t, s.sequence)
	if err != nil {
		return err
	}
	r.try = s.try
	return t.move(r, WasRescued, s.state(), change{
		attempt: s.newest.attempt, code: s.newest.code, note: note{Outcome: s.outcome, Try: s.try}, replacedBy: w.successor(s),
	})
}

// successor is the sequence of the action that s was edited into, 0 for none.
func (w *wreck) successor(s *survivor) int64 {
	if s.state() != Superseded {
		return 0
	}
	for _, other := range w.order {
		if other.header.Replaces == s.header.ID {
			return other.sequence
		}
	}
	return 0
}

// plainReader reads a database without a transaction and without keeping
// statements: an error on one page leaves the next query alone.
type plainReader struct {
	ctx context.Context
	db  querier
}

// querier is a database, or a transaction on it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (p plainReader) row(query string, args ...any) result {
	return result{row: p.db.QueryRowContext(p.ctx, query, args...)}
}

func (p plainReader) rows(query string, args ...any) (*sql.Rows, error) {
	return p.db.QueryContext(p.ctx, query, args...)
}
