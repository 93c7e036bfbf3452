package queue

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"fieldpay/action"
)

// Takeover is what a second process does that gets the lock.
func Takeover(j *Journal, ctx context.Context) (int64, error) { return j.takeover(ctx) }

// DB is the database, for tests that damage it.
func DB(j *Journal) *sql.DB { return j.db }

// LimitPages makes the disk full at n pages.
func LimitPages(j *Journal, n int) error {
	return j.writer.write(context.Background(), func(t *tx) error {
		var got int
		return t.s.conn.QueryRowContext(context.Background(), "PRAGMA max_page_count = "+strconv.Itoa(n)).Scan(&got)
	})
}

// Statements are the queries that the journal has used so far: of the writer and
// of the readers.
func Statements(j *Journal) []string {
	var all []string
	lines := []*line{j.writer.session.line}
	for range len(j.lines) {
		l := <-j.lines
		lines = append(lines, l)
		j.lines <- l
	}
	for _, l := range lines {
		for query := range l.statements {
			all = append(all, query)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Grow adds n applied actions, a thousand in a commit: the rows are those that
// appending and sending leave.
func Grow(j *Journal, n int, p action.Payload) error {
	const portion = 1000
	for done := 0; done < n; done += portion {
		err := j.writer.write(context.Background(), func(t *tx) error {
			for range min(portion, n-done) {
				if err := t.grow(p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) grow(p action.Payload) error {
	d := Draft{Payload: p, Actor: "rep-1"}
	a, err := t.s.j.prepare(d)
	if err != nil {
		return err
	}
	item, err := t.appendOnce(a, d, nil)
	if err != nil {
		return err
	}
	r, err := byID(t, item.ID)
	if err != nil {
		return err
	}
	if err := t.move(r, WasSent, Sending, change{}); err != nil {
		return err
	}
	o := action.AppliedOutcome(r.id, "inv-"+r.id[:8], 1, t.now)
	return t.settle(r, o, WasApplied, Applied, 0)
}

// Keep appends n actions in one commit.
func Keep(j *Journal, n int, p action.Payload) error {
	return j.writer.write(context.Background(), func(t *tx) error {
		for range n {
			d := Draft{Payload: p}
			a, err := t.s.j.prepare(d)
			if err != nil {
				return err
			}
			if _, err := t.appendOnce(a, d, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// Unbind makes the journal one of a build before bonds.
func Unbind(j *Journal) error {
	check := j.keys.seal(binding{device: j.device}, []byte(keyCheck))
	_, err := j.db.ExecContext(context.Background(), `UPDATE device SET key_check = ?, open_digest = x'', bond = x''`, check)
	return err
}
