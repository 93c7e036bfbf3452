package queue

import (
	"bytes"
	"fmt"

	"fieldpay/action"
)

// archived verifies what went to the archive, and what stayed behind of it.
func (v *verifier) archived(s snapshot) error {
	if err := s.row(`SELECT archived FROM device`).scan(&v.mark); err != nil {
		return fmt.Errorf("reading how far the archive goes: %w", err)
	}
	if v.mark == 0 {
		return nil
	}
	if err := v.readStayed(s); err != nil {
		return err
	}
	c, _, err := v.j.coldSide(s.ctx, s)
	if action.CodeOf(err) == action.JournalDamaged {
		v.problem(v.mark, "and all before it went to an archive that is not there")
		return v.withoutArchive(s)
	}
	if err != nil {
		return err
	}
	v.cold = &c
	if err := v.pages(c, 0, v.archivedEntry); err != nil {
		return err
	}
	return v.archiveEnds(s)
}

// readStayed collects the entries that stayed behind.
func (v *verifier) readStayed(s snapshot) error {
	v.stayed, v.staying = map[int64][]byte{}, map[int64]bool{}
	for position := int64(0); position < v.mark; {
		page, err := entriesAfter(s, position)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.position <= v.mark {
				v.stayed[e.position], v.staying[e.sequence] = e.mac, true
			}
			position = e.position
		}
		if len(page) < maxLimit {
			return nil
		}
	}
	return nil
}

// archivedEntry takes one row of the archive. Behind the mark there may be a
// copy of what is still in the journal.
func (v *verifier) archivedEntry(e *entry) {
	if e.position > v.mark {
		v.ahead[e.position] = e.mac
		return
	}
	v.entry(e, v.report.Entries+1)
	mac, here := v.stayed[e.position]
	switch {
	case here && !bytes.Equal(mac, e.mac):
		v.problem(e.position, "is not what the archive says")
	case !here && v.staying[e.sequence]:
		v.problem(e.position, "is missing: only the archive has it")
	}
	delete(v.stayed, e.position)
}

// archiveEnds compares the archive's end with what the journal knows of it.
func (v *verifier) archiveEnds(s snapshot) error {
	for position := range v.stayed {
		v.problem(position, "is not in the archive")
	}
	if v.report.Entries < v.mark {
		v.problem(v.mark, "went to the archive, which ends at %d: an older one was put in its place", v.report.Entries)
		v.report.Entries = v.mark
	}
	known, err := v.j.linkAt(s, v.mark)
	if err != nil {
		return err
	}
	if !bytes.Equal(known, v.before) {
		v.problem(v.mark, "has another link in the archive than here")
	}
	v.before = known
	return nil
}

// withoutArchive goes on with what stayed behind, whose links are partly here.
func (v *verifier) withoutArchive(s snapshot) (err error) {
	v.blind = true
	for position := int64(0); position < v.mark; {
		page, err := entriesAfter(s, position)
		if err != nil {
			return err
		}
		for i := range page {
			e := &page[i]
			if position = e.position; position > v.mark {
				break
			}
			if v.before, err = v.j.linkBefore(s, e.position); err != nil {
				return err
			}
			v.entry(e, e.position)
		}
		if len(page) < maxLimit {
			break
		}
	}
	v.report.Entries = v.mark
	v.before, err = v.j.linkBefore(s, v.mark+1)
	return err
}

// archivedActions compares the actions of the archive with what the chain says.
func (v *verifier) archivedActions(s snapshot) error {
	if v.cold == nil {
		return nil
	}
	v.gone = make([]bool, len(v.folded))
	for sequence := int64(0); ; {
		page, err := many(*v.cold, `SELECT `+recordColumns+` FROM action a WHERE a.sequence > ? ORDER BY a.sequence LIMIT ?`, sequence, maxLimit)
		if err != nil {
			return err
		}
		for _, r := range page {
			sequence = r.sequence
			if twice(*v.cold, sequence) {
				continue // a copy of what is still here
			}
			if err := v.action(*v.cold, r); err != nil {
				return err
			}
			if sequence <= int64(len(v.gone)) {
				v.gone[sequence-1] = true
			}
		}
		if len(page) < maxLimit {
			return nil
		}
	}
}
