package queue

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"fieldpay/action"
)

// portion is how many entries move to the archive at a time. The journal is
// locked for as long as it takes to delete them, which is milliseconds.
const portion = 250

// Archived is what Archive moved.
type Archived struct {
	// Actions left the journal; Entries were copied, also those of actions that
	// stayed.
	Actions, Entries int64
}

// Archive moves what ended before a moment to the archive, a file beside the
// journal, where it can still be read, listed, exported and verified. An action
// stays that can still move, or that one refers to which can: as the one before
// it in its lane, as a need, or as its edit.
//
// It works in small steps, each of which survives a power cut, and may be called
// by any process at any time. An archive that is gone is JournalDamaged; nothing
// is moved then.
func (j *Journal) Archive(ctx context.Context, before time.Time) (Archived, error) {
	var sum Archived
	for {
		moved, err := j.archiveStep(ctx, before)
		sum.Actions += moved.Actions
		sum.Entries += moved.Entries
		if err != nil || moved.Entries == 0 {
			return sum, err
		}
	}
}

// bale is what the next step moves: the entries behind the archive's mark, and
// the actions that are done with.
type bale struct {
	// mark is how far the archive reached, mac the link there.
	mark    int64
	mac     []byte
	entries []entry
	actions []*record
}

func (b *bale) end() entry { return b.entries[len(b.entries)-1] }

// archiveStep moves one portion: the copy is durable before anything leaves.
func (j *Journal) archiveStep(ctx context.Context, before time.Time) (Archived, error) {
	b, err := j.pack(ctx, before)
	if err != nil || len(b.entries) == 0 {
		return Archived{}, err
	}
	if err := j.archive.keep(ctx, b); err != nil {
		return Archived{}, storageError("archiving", err)
	}
	moved := Archived{Entries: int64(len(b.entries))}
	err = j.writer.write(ctx, func(t *tx) error {
		moved.Actions, err = t.remove(b)
		return err
	})
	if err != nil {
		return Archived{}, err
	}
	return moved, nil
}

// pack chooses the next portion, and checks its links: the archive takes nothing
// that the chain does not vouch for. The newest entry stays, because the next one
// builds on it.
func (j *Journal) pack(ctx context.Context, before time.Time) (*bale, error) {
	b := &bale{}
	err := j.read(ctx, "choosing what to archive", func(s snapshot) error {
		*b = bale{}
		var head int64
		if err := s.row(`SELECT archived, (SELECT coalesce(max(position), 0) FROM entry) FROM device`).scan(&b.mark, &head); err != nil {
			return fmt.Errorf("reading how far the archive goes: %w", err)
		}
		rows, err := s.rows(`SELECT `+entryColumns+` FROM entry WHERE position > ? AND position < ? ORDER BY position LIMIT ?`, b.mark, head, portion)
		if err != nil {
			return fmt.Errorf("reading journal entries: %w", err)
		}
		if b.entries, err = scanEntries(rows); err != nil {
			return err
		}
		if young := slices.IndexFunc(b.entries, func(e entry) bool { return e.at >= before.UnixMilli() }); young >= 0 {
			b.entries = b.entries[:young]
		}
		if len(b.entries) == 0 {
			return nil
		}
		if b.mac, err = j.linkBefore(s, b.mark+1); err != nil {
			return err
		}
		if err := b.check(j.keys); err != nil {
			return err
		}
		b.actions, err = movable(s, b.end().position, b.newest())
		return err
	})
	return b, err
}

func (b *bale) check(k *keys) error {
	mac, link, due := k.newMAC(), b.mac, b.mark
	for i := range b.entries {
		e := &b.entries[i]
		if due++; e.position != due || !bytes.Equal(e.link(mac, link), e.mac) {
			return damaged(e.position, "is not what was written: its link does not fit")
		}
		link = e.mac
	}
	return nil
}

// newest is the highest sequence among the entries.
func (b *bale) newest() (sequence int64) {
	for _, e := range b.entries {
		sequence = max(sequence, e.sequence)
	}
	return sequence
}

// movable are the actions up to a sequence that ended up to a position and that
// nothing refers to which can still move.
func movable(q reader, position, sequence int64) ([]*record, error) {
	ended, err := many(q, `SELECT `+recordColumns+` FROM action a WHERE a.sequence <= ? AND a.last <= ? AND NOT a.open ORDER BY a.sequence`, sequence, position)
	if err != nil || len(ended) == 0 {
		return nil, err
	}
	k := &keeping{q: q, lanes: map[string]bool{}, needed: map[int64]bool{}}
	if err := k.needs(); err != nil {
		return nil, err
	}
	var free []*record
	for _, r := range ended {
		stays, err := k.stays(r)
		if err != nil {
			return nil, err
		}
		if !stays {
			free = append(free, r)
		}
	}
	return free, nil
}

// keeping finds what refers to an action.
type keeping struct {
	q      reader
	lanes  map[string]bool // whether something in it is open
	needed map[int64]bool  // by sequence
}

// needs notes what open actions need, with all that it was edited into.
func (k *keeping) needs() error {
	return eachOpen(k.q, func(r *record) (bool, error) {
		for _, id := range r.needIDs() {
			need, err := byID(k.q, id)
			for err == nil && !k.needed[need.sequence] {
				k.needed[need.sequence] = true
				if need.replacedBy != 0 {
					need, err = bySequence(k.q, need.replacedBy)
				}
			}
			if err != nil && action.CodeOf(err) != action.NotFound {
				return false, err
			}
		}
		return true, nil
	})
}

func (k *keeping) stays(r *record) (bool, error) {
	if k.needed[r.sequence] {
		return true, nil
	}
	busy, known := k.lanes[r.lane]
	if !known {
		if err := k.q.row(`SELECT EXISTS (SELECT 1 FROM action WHERE lane = ? AND open)`, r.lane).scan(&busy); err != nil {
			return false, fmt.Errorf("looking for open actions of a lane: %w", err)
		}
		k.lanes[r.lane] = busy
	}
	if busy || r.replacedBy == 0 {
		return busy, nil
	}
	newest, err := bySequence(k.q, r.replacedBy)
	for err == nil && newest.replacedBy != 0 {
		newest, err = bySequence(k.q, newest.replacedBy)
	}
	if action.CodeOf(err) == action.NotFound {
		return false, nil // its edit is in the archive
	}
	return err == nil && newest.state.Open(), err
}

// remove takes out of the journal what the archive has, unless something has
// come meanwhile that refers to it.
func (t *tx) remove(b *bale) (actions int64, err error) {
	var mark int64
	if err := t.row(`SELECT archived FROM device`).scan(&mark); err != nil {
		return 0, fmt.Errorf("reading how far the archive goes: %w", err)
	}
	if mark != b.mark {
		return 0, nil // another process was faster
	}
	free, err := movable(t, b.end().position, b.newest())
	if err != nil {
		return 0, err
	}
	gone := map[int64][]byte{} // links by position
	for _, r := range free {
		if !slices.ContainsFunc(b.actions, func(kept *record) bool { return kept.sequence == r.sequence }) {
			continue
		}
		actions++
		if err := t.removeAction(r, gone); err != nil {
			return 0, err
		}
	}
	if err := t.exec(`UPDATE device SET archived = ?`, b.end().position); err != nil {
		return 0, fmt.Errorf("noting how far the archive goes: %w", err)
	}
	return actions, t.keepLinks(gone)
}

func (t *tx) removeAction(r *record, gone map[int64][]byte) error {
	for position := r.last; position != 0; {
		e, err := entryAt(t, position)
		if err != nil {
			return err
		}
		if e.sequence != r.sequence || e.prior >= position {
			return damaged(position, "does not belong to the history that leads to it")
		}
		gone[position] = e.mac
		if err := t.exec(`DELETE FROM entry WHERE position = ?`, position); err != nil {
			return fmt.Errorf("archiving journal entry %d: %w", position, err)
		}
		position = e.prior
	}
	if err := t.exec(`DELETE FROM action WHERE sequence = ?`, r.sequence); err != nil {
		return fmt.Errorf("archiving action %d: %w", r.sequence, err)
	}
	return nil
}

// keepLinks keeps of the entries that are gone the links that something builds
// on, and drops those that nothing builds on any more.
func (t *tx) keepLinks(gone map[int64][]byte) error {
	for position, mac := range gone {
		if err := t.exec(`INSERT INTO link (position, mac) VALUES (?, ?)`, position, mac); err != nil {
			return fmt.Errorf("keeping the link of entry %d: %w", position, err)
		}
	}
	if err := t.exec(`DELETE FROM link WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.position = link.position + 1)
		AND position <> (SELECT acknowledged FROM device)`); err != nil {
		return fmt.Errorf("dropping links: %w", err)
	}
	return nil
}
