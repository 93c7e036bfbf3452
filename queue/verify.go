package queue

import (
	"bytes"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"hash"
	"slices"

	"fieldpay/action"
)

// maxProblems limits a report: a chain that is broken once is broken from there
// on, and a person reads the first lines.
const maxProblems = 100

// Report is what Verify found.
type Report struct {
	Entries  int64     `json:"entries"`
	Actions  int64     `json:"actions"`
	OK       bool      `json:"ok"`
	Problems []Problem `json:"problems"`
}

// Problem is one thing that is not as FieldPay left it.
type Problem struct {
	Position int64  `json:"position"`
	What     string `json:"what"`
}

// Verify recomputes the whole chain, opens every seal, and compares what the
// chain says with the projection. Every change of a row that was made outside
// FieldPay is a problem; the error is about reading, not about content.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	return j.VerifyWatched(ctx, func(int64, int64) {})
}

// VerifyWatched is Verify for a person who waits: watch hears now and then how
// many entries were checked, of how many.
func (j *Journal) VerifyWatched(ctx context.Context, watch func(checked, total int64)) (Report, error) {
	v := &verifier{watch: watch, j: j, mac: j.keys.newMAC(), tally: map[State]int{}, ahead: map[int64][]byte{}}
	v.before = genesis(v.mac, j.device)
	err := j.read(ctx, "verifying the journal", func(s snapshot) error {
		for _, part := range []func(snapshot) error{v.chain, v.archivedActions, v.projection, v.device, v.files} {
			if err := part(s); err != nil {
				return err
			}
		}
		return nil
	})
	v.report.OK = len(v.report.Problems) == 0
	return v.report, err
}

// verifier folds the chain into what the projection must be.
type verifier struct {
	j      *Journal
	mac    hash.Hash
	before []byte
	watch  func(checked, total int64)
	total  int64
	folded []folded // by sequence - 1
	tally  map[State]int
	report Report

	// mark is how far the archive goes, cold the archive, nil where there is none
	// to read. stayed has the links of entries up to the mark that are still in
	// the journal, staying their actions; ahead has those of copies behind the
	// mark.
	mark    int64
	cold    *cold
	stayed  map[int64][]byte
	staying map[int64]bool
	ahead   map[int64][]byte
	gone    []bool // whether the action is in the archive, by sequence - 1
	// blind says that the archive is lost: what it had cannot be judged.
	blind bool
}

// folded is what the chain says about one action. Little is kept, so that a
// million actions fit.
type folded struct {
	first, last, outcome int64
	state                State
	attempt, try         int
	nextAt               int64
	replaced             bool
	// lost says that a salvage could not save the action.
	lost bool
}

func (v *verifier) problem(position int64, format string, args ...any) {
	if len(v.report.Problems) < maxProblems {
		v.report.Problems = append(v.report.Problems, Problem{Position: position, What: fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) chain(s snapshot) error {
	if err := s.row(`SELECT coalesce(max(position), 0) FROM entry`).scan(&v.total); err != nil {
		return fmt.Errorf("reading the chain's end: %w", err)
	}
	if err := v.archived(s); err != nil {
		return err
	}
	err := v.pages(s, v.mark, func(e *entry) {
		if copied, ok := v.ahead[e.position]; ok && !bytes.Equal(copied, e.mac) {
			v.problem(e.position, "is not what the archive says")
		}
		delete(v.ahead, e.position)
		v.entry(e, v.report.Entries+1)
	})
	for position := range v.ahead {
		v.problem(position, "is in the archive and missing here: the journal was rolled back")
	}
	return err
}

// pages visits the entries behind a position.
func (v *verifier) pages(q reader, position int64, visit func(*entry)) error {
	for {
		page, err := entriesAfter(q, position)
		if err != nil {
			return err
		}
		for i := range page {
			visit(&page[i])
			position = page[i].position
		}
		v.watch(v.report.Entries, v.total)
		if len(page) < maxLimit {
			return nil
		}
	}
}

func entriesAfter(q reader, position int64) ([]entry, error) {
	rows, err := q.rows(`SELECT `+entryColumns+` FROM entry WHERE position > ? ORDER BY position LIMIT ?`, position, maxLimit)
	if err != nil {
		return nil, fmt.Errorf("reading journal entries: %w", err)
	}
	return scanEntries(rows)
}

func (v *verifier) entry(e *entry, expected int64) {
	v.report.Entries++
	if e.position != expected {
		v.problem(expected, "is missing: the chain goes on at %d", e.position)
		v.report.Entries = e.position
	}
	if !bytes.Equal(e.link(v.mac, v.before), e.mac) {
		v.problem(e.position, "is not what was written: its link does not fit")
	}
	v.before = e.mac
	if e.prior == 0 {
		v.firstEntry(e)
		return
	}
	v.laterEntry(e)
}

func (v *verifier) firstEntry(e *entry) {
	v.report.Actions++
	h, _, err := v.j.first(e)
	if err != nil {
		v.problem(e.position, "cannot be opened")
	}
	if h.Gap > 0 && e.sequence == int64(len(v.folded))+1+h.Gap {
		v.folded = append(v.folded, slices.Repeat([]folded{{lost: true}}, int(h.Gap))...)
	}
	if e.sequence > int64(len(v.folded))+1 && v.blind {
		v.folded = append(v.folded, slices.Repeat([]folded{{lost: true}}, int(e.sequence)-1-len(v.folded))...)
	}
	if e.sequence != int64(len(v.folded))+1 {
		v.problem(e.position, "has sequence %d where %d was due", e.sequence, len(v.folded)+1)
		if e.sequence <= int64(len(v.folded)) || e.sequence > int64(len(v.folded))+maxProblems {
			return
		}
		v.folded = append(v.folded, make([]folded, e.sequence-1-int64(len(v.folded)))...)
	}
	if !Allowed(e.from, e.cause, e.to) {
		v.problem(e.position, "is a first entry that cannot be")
	}
	v.folded = append(v.folded, folded{first: e.position, last: e.position, state: e.to})
}

func (v *verifier) laterEntry(e *entry) {
	if e.sequence < 1 || e.sequence > int64(len(v.folded)) {
		v.problem(e.position, "is about action %d, which is not there", e.sequence)
		return
	}
	f := &v.folded[e.sequence-1]
	if e.prior != f.last || e.from != f.state || !Allowed(e.from, e.cause, e.to) {
		v.problem(e.position, "does not follow from the entry before it of action %d", e.sequence)
	}
	n, err := v.j.note(e)
	if err != nil {
		v.problem(e.position, "cannot be opened")
	}
	if n.Outcome != nil {
		f.outcome = e.position
	}
	if n.Try != 0 {
		f.try = n.Try
	}
	f.last, f.state, f.attempt, f.nextAt = e.position, e.to, e.attempt, e.nextAt
	f.replaced = f.replaced || e.cause == WasEdited
	if !e.to.Open() {
		v.tally[e.to]++
	}
}

func (v *verifier) projection(s snapshot) error {
	expected := int64(1)
	for {
		page, err := many(s, `SELECT `+recordColumns+` FROM action a WHERE a.sequence >= ? ORDER BY a.sequence LIMIT ?`, expected, maxLimit)
		if err != nil {
			return err
		}
		for _, r := range page {
			for ; expected < r.sequence && expected <= int64(len(v.folded)); expected++ {
				v.missing(expected)
			}
			if err := v.action(s, r); err != nil {
				return err
			}
			expected = r.sequence + 1
		}
		if len(page) < maxLimit {
			break
		}
	}
	for ; expected <= int64(len(v.folded)); expected++ {
		v.missing(expected)
	}
	return nil
}

func (v *verifier) missing(sequence int64) {
	archived := sequence <= int64(len(v.gone)) && v.gone[sequence-1]
	if f := v.folded[sequence-1]; !f.lost && !archived {
		v.problem(f.first, "has no row for action %d", sequence)
	}
}

func (v *verifier) action(s reader, r *record) error {
	if r.sequence > int64(len(v.folded)) {
		v.problem(r.first, "is not in the chain, but action %d has a row", r.sequence)
		return nil
	}
	f := v.folded[r.sequence-1]
	if (folded{r.first, r.last, r.outcome, r.state, r.attempt, r.try, r.nextAt, r.replacedBy != 0, false}) != f {
		v.problem(r.last, "is not what the row of action %d says", r.sequence)
	}
	a, _, err := v.j.content(s, r)
	switch {
	case action.CodeOf(err) == action.JournalDamaged:
		v.problem(r.first, "does not fit the row of action %d", r.sequence)
	case err != nil:
		return err
	case r.size != len(a.Payload) || r.createdAt != a.CreatedAt.UnixMilli():
		v.problem(r.first, "has another size or time than the row of action %d", r.sequence)
	}
	if r.replacedBy == 0 {
		return nil
	}
	by, err := v.j.linked(s, r.replacedBy)
	if v.blind && action.CodeOf(err) == action.JournalDamaged {
		return nil
	}
	if action.CodeOf(err) == action.NotFound {
		v.problem(r.last, "names a successor of action %d that is not there", r.sequence)
		return nil
	}
	if err != nil {
		return err
	}
	side, err := v.sideOf(s, by)
	if err != nil {
		return err
	}
	if successor, _, err := v.j.content(side, by); err == nil && successor.Replaces != r.id {
		v.problem(r.last, "names a successor of action %d that replaces another", r.sequence)
	}
	return nil
}

// device checks what is counted beside the chain.
func (v *verifier) device(s snapshot) (err error) {
	var acknowledged int64
	if err := s.row(`SELECT acknowledged FROM device`).scan(&acknowledged); err != nil {
		return fmt.Errorf("reading the device: %w", err)
	}
	if acknowledged > v.report.Entries {
		v.problem(acknowledged, "was acknowledged by the server and is missing: the journal was rolled back")
	}
	if err := v.bound(s); err != nil {
		return err
	}
	rows, err := s.rows(`SELECT state, n FROM tally`)
	if err != nil {
		return fmt.Errorf("reading the tally: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	counted := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return fmt.Errorf("reading the tally: %w", err)
		}
		counted[state] = n
	}
	for _, state := range States() {
		if counted[state] != v.tally[state] && !v.blind {
			v.problem(0, "%d actions are %s, but %d are counted", v.tally[state], state, counted[state])
		}
	}
	for state := range counted {
		if !slices.Contains(States(), state) {
			v.problem(0, "the tally has an unknown state")
		}
	}
	return rows.Err()
}

// bound checks the bond between the head and what is beside the chain.
func (v *verifier) bound(s snapshot) error {
	b, stored, err := readBond(s)
	if err != nil {
		return err
	}
	open, err := openDigest(s, v.mac)
	if err != nil {
		return err
	}
	position, mac, err := v.j.head(s)
	if err != nil {
		return err
	}
	if open != b.open || !hmac.Equal(stored, b.of(v.mac, position, mac)) {
		v.problem(position, "is not the end that was written last, or rows beside the chain were put back")
	}
	return nil
}

// sideOf is where an action that one of q refers to can be read.
func (v *verifier) sideOf(q reader, r *record) (reader, error) {
	switch there, err := absent(q, r.sequence); {
	case err != nil || !there:
		return q, err
	}
	if c, ok := q.(cold); ok {
		return c.hot, nil
	}
	return *v.cold, nil
}

// files lets SQLite compare its indexes with the rows: an index that hides a row
// would keep an action from being sent.
func (v *verifier) files(s snapshot) error {
	if err := v.file(s, "file"); err != nil || v.cold == nil {
		return err
	}
	return v.file(*v.cold, "archive")
}

func (v *verifier) file(q reader, name string) (err error) {
	rows, err := q.rows(`PRAGMA integrity_check(10)`)
	if err != nil {
		return fmt.Errorf("checking the %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return fmt.Errorf("checking the %s: %w", name, err)
		}
		if line != "ok" {
			v.problem(0, "the %s is not sound: %s", name, line)
		}
	}
	return rows.Err()
}
