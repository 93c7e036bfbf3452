package proof_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/internal/crashfs"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// specimen is a journal's files, and what is in it.
type specimen struct {
	files map[string][]byte
	items map[string]queue.Item
}

// collect makes specimens of one life: closed in order, and left by a power cut
// with the log beside the database. The older of each kind comes first.
func collect(t *testing.T, folder string) (closed, crashed []specimen) {
	t.Helper()
	inBubble(t, scriptSeed, folder, func(d *device) error {
		keep := func(to *[]specimen) {
			s := specimen{files: d.disk.Files(), items: map[string]queue.Item{}}
			for _, item := range d.known {
				s.items[item.ID] = item
			}
			*to = append(*to, s)
		}
		// What goes to the archive is damaged by the tests of package queue.
		steps := slices.DeleteFunc(script(), func(s step) bool { return s.kind == "archive" })
		for _, part := range [][]step{steps[:12], steps[13:23], steps[24:]} {
			if err := d.open(); err != nil {
				return err
			}
			if _, err := d.play(part); err != nil {
				return err
			}
			if err := d.reboot(); err != nil {
				return err
			}
			keep(&crashed)
			if err := d.close(); err != nil {
				return err
			}
			keep(&closed)
		}
		return nil
	})
	return closed, crashed
}

// damage changes the files of a journal. older is what
// was there before.
type damage struct {
	name string
	do   func(r *rand.Rand, files map[string][]byte, older specimen)
	// statement, where set, changes a row from outside instead.
	statement string
	key       []byte
	// log: only the newest acknowledged actions can be hit, and they vanish as a
	// whole. That is told by the server, which has seen the chain's end.
	log bool
}

const pageSize = 4096

func damages(foreign []byte) []damage {
	page := func(r *rand.Rand, b []byte) []byte {
		n := r.IntN(len(b) / pageSize)
		return b[n*pageSize : (n+1)*pageSize]
	}
	onFile := func(name string, do func(r *rand.Rand, b []byte) []byte) func(*rand.Rand, map[string][]byte, specimen) {
		return func(r *rand.Rand, files map[string][]byte, _ specimen) {
			if len(files[name]) > 0 {
				files[name] = do(r, files[name])
			}
		}
	}
	flip := func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b }
	cut := func(r *rand.Rand, b []byte) []byte { return b[:1+r.IntN(len(b)-1)] }
	const wal = journalFile + "-wal"
	return append([]damage{
		{name: "a bit flipped", do: onFile(journalFile, flip)},
		{name: "many bits flipped", do: onFile(journalFile, func(r *rand.Rand, b []byte) []byte {
			for range 1 + r.IntN(200) {
				flip(r, b)
			}
			return b
		})},
		{name: "the end cut off", do: onFile(journalFile, cut)},
		{name: "two pages swapped", do: onFile(journalFile, func(r *rand.Rand, b []byte) []byte {
			one, other := page(r, b), page(r, b)
			kept := slices.Clone(one)
			copy(one, other)
			copy(other, kept)
			return b
		})},
		{name: "a page of zeros", do: onFile(journalFile, func(r *rand.Rand, b []byte) []byte { clear(page(r, b)); return b })},
		{name: "noise instead", do: onFile(journalFile, func(r *rand.Rand, b []byte) []byte {
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		})},
		{name: "an old log put back", do: func(_ *rand.Rand, files map[string][]byte, older specimen) { files[wal] = older.files[wal] }, log: true},
		{name: "a bit of the log flipped", do: onFile(wal, flip), log: true},
		{name: "the end of the log cut off", do: onFile(wal, cut), log: true},
		{name: "a foreign database", do: func(_ *rand.Rand, files map[string][]byte, _ specimen) {
			maps.DeleteFunc(files, func(string, []byte) bool { return true })
			files[journalFile] = foreign
		}},
		{name: "emptied", do: func(_ *rand.Rand, files map[string][]byte, _ specimen) { files[journalFile] = nil; delete(files, wal) }},
		{name: "lost", do: func(_ *rand.Rand, files map[string][]byte, _ specimen) { clear(files) }},
		{name: "another key", key: slices.Repeat([]byte{8}, 32)},
	}, statements()...)
}

// statements are changes by somebody who has SQL and no key.
func statements() []damage {
	var list []damage
	for name, statement := range map[string]string{
		"two sealed texts swapped":   `UPDATE entry SET sealed = (SELECT e.sealed FROM entry e WHERE e.position = 3 - entry.position) WHERE position IN (1, 2)`,
		"two whole entries swapped":  `UPDATE entry SET position = CASE position WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE position IN (2, 3); UPDATE entry SET position = -position WHERE position < 0`,
		"an entry deleted":           `DELETE FROM entry WHERE position = 4`,
		"the newest entry deleted":   `DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)`,
		"an action deleted":          `DELETE FROM action WHERE sequence = 2`,
		"an action called applied":   `UPDATE action SET state = 'applied' WHERE state <> 'applied'`,
		"a discarded action revived": `UPDATE action SET state = 'pending' WHERE state IN ('discarded', 'superseded')`,
		"an attempt changed":         `UPDATE entry SET attempt = attempt + 1 WHERE position = 5`,
		"a code changed":             `UPDATE entry SET code = 'offline' WHERE position = (SELECT max(position) FROM entry)`,
		"two ids swapped":            `UPDATE action SET id = 'x' || id WHERE sequence IN (1, 2); UPDATE action SET id = (SELECT substr(a.id, 2) FROM action a WHERE a.sequence = 3 - action.sequence AND a.id LIKE 'x%') WHERE sequence = 1; UPDATE action SET id = '00000000-0000-4000-8000-000000000000' WHERE sequence = 2`,
		"a lane changed":             `UPDATE action SET lane = 'invoice:other', place = place + 100 WHERE sequence = 1`,
		"a try raised":               `UPDATE action SET try = try + 1 WHERE sequence = 3`,
		"the device renamed":         `UPDATE device SET id = 'somebody else'`,
		"a tally changed":            `UPDATE tally SET n = n + 1`,
		"a table dropped":            `DROP TABLE tally`,
		"a column dropped":           `ALTER TABLE device DROP COLUMN synced_at`,
	} {
		list = append(list, damage{name: name, statement: statement})
	}
	slices.SortFunc(list, func(a, b damage) int { return len(a.statement) - len(b.statement) })
	return list
}

// Invariant 9: a damaged or changed journal makes no panic, shows nothing wrong
// as right, sends nothing wrong, and says that something is not as it was.
func TestDamage(t *testing.T) {
	t.Parallel()
	folder, start, n := t.TempDir(), time.Now(), 0
	closed, crashed := collect(t, folder)
	kinds, seen := damages(foreignDatabase(t)), map[string]int{}
	eachSeed(t, damagedFiles, func(seed uint64) {
		r, kind := rand.New(rand.NewPCG(seed, 4)), kinds[seed%uint64(len(kinds))]
		from, age := closed, 1+r.IntN(2)
		if kind.log || r.IntN(3) == 0 {
			from = crashed
		}
		verdict, err := examine(t, seed, kind, r, from[age], from[r.IntN(age)], folder)
		if err != nil {
			t.Errorf("%s: %s: %v", replayOf(t, seed), kind.name, err)
		}
		seen[verdict]++
		n++
	})
	t.Logf("damaged journals: %s; %v", rate(n, start), seen)
}

// examine damages one specimen, uses it, and words how the damage showed.
func examine(t *testing.T, seed uint64, kind damage, r *rand.Rand, truth, older specimen, folder string) (string, error) {
	t.Helper()
	d, err := crashfs.New(seed)
	if err != nil {
		return "", err
	}
	files := map[string][]byte{}
	for name, b := range truth.files {
		files[name] = slices.Clone(b)
	}
	if kind.do != nil {
		kind.do(r, files, older)
	}
	for name, b := range files {
		d.Put(name, b)
	}
	if kind.statement != "" {
		if err := execute(d, kind.statement); err != nil {
			return "", errors.Join(err, d.Close())
		}
	}
	verdict, err := judge(d, kind, truth, filepath.Join(folder, "damage.lock"))
	return verdict, errors.Join(err, d.Close())
}

// foreignDatabase is a sound database that is no journal.
func foreignDatabase(t *testing.T) []byte {
	t.Helper()
	d, err := crashfs.New(1)
	if err != nil {
		t.Fatal(err)
	}
	err = execute(d, `CREATE TABLE action (name TEXT); CREATE TABLE song (title TEXT); PRAGMA user_version = 1`)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return d.Files()[journalFile]
}

func execute(d *crashfs.Disk, statement string) error {
	db, err := sql.Open("sqlite", "file:"+journalFile+"?vfs="+d.Name())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

// judge opens and uses the journal. Every answer must be an error, or true.
func judge(d *crashfs.Disk, kind damage, truth specimen, lock string) (string, error) {
	ctx, o := context.Background(), options(d.Name())
	o.Expect = deviceID // as the app does once the journal was made
	if kind.key != nil {
		o.Key = kind.key
	}
	j, err := queue.Open(ctx, o)
	if err != nil {
		if c := action.CodeOf(err); c.Class() != action.Device && c != action.UpdateNeeded {
			return "", fmt.Errorf("opening says %q: %w", c, err)
		}
		return "told by Open", nil
	}
	report, verifyErr := j.Verify(ctx)
	reported := verifyErr != nil || !report.OK
	found, listErr := readAll(ctx, j)
	err = same(found, truth, reported)
	sendErr := sendAll(ctx, j, kind, truth, lock)
	closeErr := j.Close()
	switch {
	case err != nil || sendErr != nil:
		return "", errors.Join(err, sendErr)
	case reported:
		return "told by Verify", nil
	case listErr != nil || closeErr != nil:
		return "told by use", nil
	case len(found) == len(truth.items) && sameStates(found, truth):
		return "without effect", nil
	case kind.log:
		return "an earlier state, told by the server", nil
	}
	return "", fmt.Errorf("%d of %d actions are there, and nothing is reported", len(found), len(truth.items))
}

// same compares content: where an action is shown whole, it is the one that was
// kept.
func same(found []queue.Item, truth specimen, reported bool) error {
	for _, item := range found {
		if item.Damaged {
			if !reported {
				return fmt.Errorf("action %d is shown as damaged, and Verify knows nothing", item.Sequence)
			}
			continue
		}
		was, known := truth.items[item.ID]
		if !known || was.ContentHash() != item.ContentHash() || was.Sequence != item.Sequence {
			return fmt.Errorf("action %d is shown with content that was never kept: %+v", item.Sequence, item)
		}
	}
	return nil
}

func sameStates(found []queue.Item, truth specimen) bool {
	return !slices.ContainsFunc(found, func(item queue.Item) bool { return truth.items[item.ID].State != item.State })
}

// sendAll lets everything go out that the journal would send.
func sendAll(ctx context.Context, j *queue.Journal, kind damage, truth specimen, lock string) error {
	server := queuetest.NewServer()
	r, err := queue.NewReplay(queue.ReplayOptions{Journal: j, Sender: server, Prober: server, LockPath: lock})
	if err != nil {
		return err
	}
	_, _ = r.Once(ctx) // may say that the journal is damaged; what counts is what went out
	sent := map[string]action.Action{}
	for _, b := range server.Batches() {
		for _, a := range b.Actions {
			sent[a.ID] = a
		}
	}
	for _, id := range slices.Sorted(maps.Keys(sent)) {
		was, known := truth.items[id]
		switch {
		case !known || was.ContentHash() != sent[id].ContentHash():
			return fmt.Errorf("action %s was sent with content that was never kept", id)
		case !kind.log && (was.State == queue.Discarded || was.State == queue.Superseded):
			return fmt.Errorf("action %d was sent although a person had made it %s", was.Sequence, was.State)
		}
	}
	return nil
}
