package queue

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"fieldpay/action"
	"fieldpay/internal/sqldb"
)

//go:embed archive/*.sql
var archiveSchema embed.FS

// archivePath is where the archive of a journal lies.
func archivePath(journal string) string {
	return strings.TrimSuffix(journal, ".db") + "-archive.db"
}

// archive is the file that keeps what left the journal: the chain from its first
// entry on without a hole, and the actions that left. It is only appended to. It
// is opened when it is needed first, and stays open, so that what a failed commit
// left in its log is never taken for written.
type archive struct {
	path, vfs string

	mu sync.Mutex
	db *sql.DB // nil until it is opened
}

// errArchiveLost says that the journal knows of an archive that is not there.
var errArchiveLost = &action.Error{
	Code: action.JournalDamaged, Op: "reading the archive",
	Message: "The archive of the journal is gone, or an older one was put in its place. What is not finished is not in it",
	Hint:    "Bring the file back from a backup, or call support, and do not delete anything",
}

func (a *archive) open(ctx context.Context) (*sql.DB, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.db != nil {
		return a.db, nil
	}
	schema, err := fs.Sub(archiveSchema, "archive")
	if err != nil {
		return nil, fmt.Errorf("reading the archive's schema: %w", err)
	}
	db, err := sqldb.Open(ctx, sqldb.Options{Path: a.path, Migrations: schema, MaxConns: readers, Private: true, VFS: a.vfs})
	if err != nil {
		return nil, err
	}
	a.db = db
	return db, nil
}

func (a *archive) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.db == nil {
		return nil
	}
	return a.db.Close()
}

// there reports whether the file exists, without making it.
func (a *archive) there() bool {
	if a.vfs != "" {
		return true // a file system of tests: an archive that is made anew is empty
	}
	info, err := os.Stat(a.path)
	return err == nil && info.Size() > 0
}

// keep copies a portion and returns when it would survive a power cut. What an
// earlier attempt has copied must be the same.
func (a *archive) keep(ctx context.Context, b *bale) error {
	if b.mark > 0 && !a.there() {
		return errArchiveLost
	}
	db, err := a.open(ctx)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := b.copyTo(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	// The log alone would do, were it not for one that another process has left
	// behind after a flush that failed: it looks written and is not. Moving it
	// into the file writes it once more.
	var busy, logged, moved int
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &logged, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return &action.Error{Code: action.StorageFailed, Op: "flushing the archive", Cause: errors.New("it is being read")}
	}
	return nil
}

func (b *bale) copyTo(ctx context.Context, tx *sql.Tx) error {
	q := plainReader{ctx: ctx, db: tx}
	var end int64
	if err := q.row(`SELECT coalesce(max(position), 0) FROM entry`).scan(&end); err != nil {
		return fmt.Errorf("reading the archive's end: %w", err)
	}
	if end < b.mark {
		return errArchiveLost
	}
	if b.mark > 0 {
		if e, err := entryAt(q, b.mark); err != nil || !bytes.Equal(e.mac, b.mac) {
			return errors.Join(errArchiveLost, err)
		}
	}
	for i := range b.entries {
		e := &b.entries[i]
		if e.position <= end {
			if there, err := entryAt(q, e.position); err != nil || !bytes.Equal(there.mac, e.mac) {
				return damaged(e.position, "is in the archive with another content")
			}
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO entry (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.position, e.prior, e.sequence, string(e.cause), string(e.from), string(e.to),
			e.attempt, e.nextAt, e.at, string(e.code), append([]byte{}, e.sealed...), e.mac); err != nil {
			return fmt.Errorf("copying entry %d: %w", e.position, err)
		}
	}
	for _, r := range b.actions {
		if _, err := tx.ExecContext(ctx, `INSERT INTO action (sequence, id, type, version, lane, place, needs, try, state, attempt, next_at, created_at, size, entry, last, outcome, replaced_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			r.sequence, r.id, string(r.kind), r.version, r.lane, r.place, r.needs, r.try, string(r.state), r.attempt,
			r.nextAt, r.createdAt, r.size, r.first, r.last, r.outcome, r.replacedBy); err != nil {
			return fmt.Errorf("copying action %d: %w", r.sequence, err)
		}
	}
	return nil
}
