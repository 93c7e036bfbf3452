// Package sqlite keeps everything the server keeps in one SQLite file: the
// default for a server of one instance. What a call has stored when it returns
// survives a power cut.
//
//	store, err := sqlite.Open(ctx, sqlite.Options{Path: "bff.db"})
//	defer store.Close()
//	server := … store.Stores() …
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"fieldpay/bff"
	"fieldpay/internal/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// conns is the three connections that are kept and some for what is asked for
// seldom.
const conns = 6

// Options say which file to open.
type Options struct {
	// Path is the file; its folder must exist.
	Path string
}

// Store is an open store.
type Store struct {
	db *sql.DB
	// The ledger is where speed matters: it has a connection for its writes,
	// which SQLite takes one at a time anyway, and one for its reads.
	writer, reader *session
	// quick writes what need not survive a power cut: it does not wait for the
	// disk.
	quick *session
	// schema is the number of the last migration.
	schema int
}

// Open opens the file and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	db, err := sqldb.Open(ctx, sqldb.Options{Path: o.Path, Migrations: migrations, MaxConns: conns})
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	steps, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listing migrations: %w", err), db.Close())
	}
	s := &Store{db: db, schema: len(steps)}
	if s.writer, err = newSession(ctx, db); err == nil {
		s.reader, err = newSession(ctx, db)
	}
	if err == nil {
		if s.quick, err = newSession(ctx, db); err == nil {
			_, err = s.quick.conn.ExecContext(ctx, "PRAGMA synchronous = NORMAL")
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", err), db.Close())
	}
	return s, nil
}

// Close closes the file.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.reader.close(), s.quick.close(), s.db.Close())
}

// Stores returns the store by its ports.
func (s *Store) Stores() bff.Stores {
	return bff.Stores{
		Ledger: s, Desk: s, Telemetry: s, Users: s, Sessions: s, Keys: s, Devices: s, Events: s,
		Enrolments: s, Audit: s, PaymentRequests: s, Retention: s,
		Ping: s.Ping, Close: s.Close,
	}
}

// inTx runs do in one transaction that holds the write lock from its beginning.
func (s *Store) inTx(ctx context.Context, do func(tx *sql.Tx) error) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := do(tx); err != nil {
		if undo := tx.Rollback(); undo != nil {
			return fmt.Errorf("%w (and rolling back: %w)", err, undo)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// Ping reports whether the store takes work: a file that a newer build has
// changed since does not.
func (s *Store) Ping(ctx context.Context) error {
	var found int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return fmt.Errorf("asking the store: %w", err)
	}
	if found != s.schema {
		return fmt.Errorf("the store has schema %d, and this build knows %d", found, s.schema)
	}
	return nil
}

// Schema returns the number of the file's schema, 0 for a file that is not
// there, and that of this build. It changes nothing.
func Schema(ctx context.Context, o Options) (found, known int, err error) {
	steps, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("listing migrations: %w", err)
	}
	known = len(steps)
	if _, err := os.Stat(o.Path); errors.Is(err, fs.ErrNotExist) {
		return 0, known, nil
	}
	db, err := sqldb.Open(ctx, sqldb.Options{Path: o.Path, MaxConns: 1})
	if err != nil {
		return 0, known, fmt.Errorf("opening the store: %w", err)
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return 0, known, errors.Join(fmt.Errorf("reading the schema version: %w", err), db.Close())
	}
	return found, known, db.Close()
}

type scanner interface {
	Scan(into ...any) error
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
