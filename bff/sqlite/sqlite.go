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
	"fmt"
	"io/fs"
	"time"

	"fieldpay/bff"
	"fieldpay/internal/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Options say which file to open.
type Options struct {
	// Path is the file; its folder must exist.
	Path string
}

// Store is an open store.
type Store struct {
	db *sql.DB
}

// Open opens the file and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	db, err := sqldb.Open(ctx, sqldb.Options{Path: o.Path, Migrations: migrations})
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return &Store{db: db}, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Stores returns the store by its ports.
func (s *Store) Stores() bff.Stores {
	return bff.Stores{
		Ledger: s, Users: s, Sessions: s, Keys: s, Devices: s, Events: s,
		Enrolments: s, Audit: s, PaymentRequests: s,
		Ping: s.db.PingContext, Close: s.Close,
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
