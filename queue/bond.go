package queue

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"fieldpay/action"
)

// bond is what stands beside the chain and is bound to its head by a MAC: without
// the key nobody can put rows back, or cut the newest entries off, unseen.
type bond struct {
	// open is the sum of the marks of all actions that are not finished. It
	// changes with each of them, whatever their number.
	open digest
	// row is the device's row, tally the counts of what ended.
	row, tally []byte
	// broken says that the bond did not hold. It is never mended by a commit.
	broken bool
}

// digest adds up marks: the order does not matter, and adding one twice takes it
// away.
type digest [sha256.Size]byte

func (d *digest) add(mark digest) {
	for i := range d {
		d[i] ^= mark[i]
	}
}

// mark is what an unfinished action adds to the digest; a finished one nothing.
func (r *record) mark(h hash.Hash) (d digest) {
	if !r.state.Open() {
		return d
	}
	b := append(make([]byte, 0, 96), "fieldpay open\x00"...)
	for _, n := range [...]int64{r.sequence, r.last, r.place} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, r.state...)
	h.Reset()
	h.Write(b)
	h.Sum(d[:0])
	return d
}

// of computes the MAC of a bond at a head.
func (b *bond) of(h hash.Hash, position int64, mac []byte) []byte {
	h.Reset()
	h.Write([]byte("fieldpay bond\x00"))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(position)))
	for _, part := range [][]byte{mac, b.open[:], b.row, b.tally} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return h.Sum(nil)
}

// readBond reads what is bound, and the MAC that binds it: empty where a build
// before bonds wrote the journal last.
func readBond(q reader) (b bond, stored []byte, err error) {
	var open []byte
	var row [4]int64
	err = q.row(`SELECT fence, acknowledged, synced_at, archived, open_digest, bond FROM device`).
		scan(&row[0], &row[1], &row[2], &row[3], &open, &stored)
	if err != nil {
		return b, nil, fmt.Errorf("reading the device: %w", err)
	}
	copy(b.open[:], open)
	b.row = rowBytes(row)
	b.tally, err = tallyBytes(q)
	return b, bytes.Clone(stored), err
}

func rowBytes(row [4]int64) (b []byte) {
	for _, n := range row {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func tallyBytes(q reader) (b []byte, err error) {
	rows, err := q.rows(`SELECT state, n, at FROM tally ORDER BY state`)
	if err != nil {
		return nil, fmt.Errorf("reading the tally: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var state string
		var n, at int64
		if err := rows.Scan(&state, &n, &at); err != nil {
			return nil, fmt.Errorf("reading the tally: %w", err)
		}
		b = binary.AppendUvarint(b, uint64(len(state)))
		b = append(b, state...)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
		b = binary.BigEndian.AppendUint64(b, uint64(at))
	}
	return b, rows.Err()
}

// findBond reads the bond that the last commit left.
func (t *tx) findBond() error {
	b, stored, err := readBond(t)
	if err != nil {
		return err
	}
	b.broken = !hmac.Equal(stored, b.of(t.hash, t.position, t.mac))
	t.bond = b
	return nil
}

// bind renews the bond for what this transaction leaves.
func (t *tx) bind() error {
	if t.bond.broken {
		return nil // whoever changed the rows is not to be covered up for
	}
	if t.beside || len(t.ended) > 0 {
		b, _, err := readBond(t)
		if err != nil {
			return err
		}
		t.bond.row, t.bond.tally = b.row, b.tally
	}
	if err := t.exec(`UPDATE device SET open_digest = ?, bond = ?`, t.bond.open[:], t.bond.of(t.hash, t.position, t.mac)); err != nil {
		return fmt.Errorf("binding the journal to its head: %w", err)
	}
	return nil
}

// errSuspect says that nothing is sent from rows that somebody put back.
var errSuspect = &action.Error{
	Code: action.JournalDamaged, Op: "sending",
	Message: "The journal was changed outside FieldPay. Nothing is sent from it until it is salvaged",
}

// Suspect reports whether the journal was not as FieldPay left it when it was
// opened, or when another process had written: entries were cut off, or rows put
// back. New actions are kept all the same; nothing is sent. Verify says more.
func (j *Journal) Suspect() bool { return j.suspect.Load() }

// checkBond compares what stands beside the chain with what is bound to its
// head. old says that a build before bonds wrote the journal.
func (j *Journal) checkBond(q reader) (old bool, err error) {
	b, stored, err := readBond(q)
	if err != nil {
		return false, err
	}
	if len(stored) == 0 && j.unbound {
		return true, nil
	}
	position, mac, err := j.head(q)
	if err != nil {
		return false, err
	}
	open, err := openDigest(q, j.keys.newMAC())
	if err != nil {
		return false, err
	}
	if !hmac.Equal(stored, b.of(j.keys.newMAC(), position, mac)) || open != b.open {
		j.suspect.Store(true)
		j.log.Error().Int64("position", position).Msg("journal rows were put back or cut off outside FieldPay")
	}
	return false, nil
}

// head is the newest link, genesis before the first.
func (j *Journal) head(q reader) (position int64, mac []byte, err error) {
	if err := q.row(`SELECT coalesce(max(position), 0) FROM entry`).scan(&position); err != nil {
		return 0, nil, fmt.Errorf("reading the chain's end: %w", err)
	}
	mac, err = j.linkBefore(q, position+1)
	return position, mac, err
}

func openDigest(q reader, h hash.Hash) (d digest, err error) {
	err = eachOpen(q, func(r *record) (bool, error) {
		d.add(r.mark(h))
		return true, nil
	})
	return d, err
}

// bindOld gives a journal of an older build its first bond.
func (j *Journal) bindOld(ctx context.Context) error {
	return j.writer.write(ctx, func(t *tx) error {
		open, err := openDigest(t, t.hash)
		if err != nil {
			return err
		}
		t.bond.open, t.bond.broken, t.beside = open, false, true
		check := j.keys.seal(binding{device: j.device}, []byte(boundCheck))
		return t.exec(`UPDATE device SET key_check = ?`, check)
	})
}

// firstBond is that of a journal without an action.
func (j *Journal) firstBond(device string) []byte {
	b := bond{row: rowBytes([4]int64{})}
	return b.of(j.keys.newMAC(), 0, genesis(j.keys.newMAC(), device))
}
