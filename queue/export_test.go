package queue

import (
	"context"
	"database/sql"
	"strconv"
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
