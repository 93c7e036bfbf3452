package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var files embed.FS

// ErrNewerSchema says that the database was brought up to date by a newer build.
// Nothing in it was touched.
var ErrNewerSchema = errors.New("the database was written by a newer version")

// The advisory locks of this package. They are shared by all that use the
// database, so each has a first half that nobody else is likely to take.
const (
	migrationLocks = 0x46504d47
	laneLocks      = 0x46504c4e
)

type migration struct {
	number int
	name   string
	text   string
}

// migrations reads the embedded files in order and refuses a gap: a schema must
// be the same everywhere.
func migrations() ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing migrations: %w", err)
	}
	slices.Sort(names)
	steps := make([]migration, 0, len(names))
	for i, path := range names {
		name := strings.TrimPrefix(path, "migrations/")
		head, _, _ := strings.Cut(name, "_")
		if number, err := strconv.Atoi(head); err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", name, err)
		}
		steps = append(steps, migration{number: i + 1, name: name, text: string(text)})
	}
	return steps, nil
}

// migrate applies what is missing, one transaction each. Whoever comes later
// waits for the lock and finds it done.
func migrate(ctx context.Context, pool *pgxpool.Pool, steps []migration) error {
	current := 0
	err := inTurn(ctx, pool, func(tx pgx.Tx) (err error) {
		current, err = schemaVersion(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the schema version: %w", err)
	}
	if current > len(steps) {
		return fmt.Errorf("schema %d, known up to %d: %w", current, len(steps), ErrNewerSchema)
	}
	for _, step := range steps[current:] {
		if err := inTurn(ctx, pool, func(tx pgx.Tx) error { return step.apply(ctx, tx) }); err != nil {
			return fmt.Errorf("applying migration %s: %w", step.name, err)
		}
	}
	return nil
}

// inTurn runs do in a transaction that no other server's runs beside.
func inTurn(ctx context.Context, pool *pgxpool.Pool, do func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, 0)", migrationLocks); err != nil {
			return err
		}
		return do(tx)
	})
}

// schemaVersion is the number of the last migration. It looks for the table in
// the catalogue: to_regclass answers from a cache that does not hear of what
// happened while the lock was waited for.
func schemaVersion(ctx context.Context, tx pgx.Tx) (int, error) {
	var version int
	var there bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_tables
		WHERE tablename = 'fieldpay_migrations' AND schemaname = ANY (current_schemas(false)))`).Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT coalesce(max(number), 0) FROM fieldpay_migrations").Scan(&version)
	return version, err
}

// apply applies the migration unless another server was faster.
func (m migration) apply(ctx context.Context, tx pgx.Tx) error {
	current, err := schemaVersion(ctx, tx)
	if err != nil || current >= m.number {
		return err
	}
	if _, err := tx.Exec(ctx, m.text); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO fieldpay_migrations (number, name) VALUES ($1, $2)", m.number, m.name)
	return err
}

// Schema returns the number of the database's schema, 0 for an empty one, and
// that of this build. It changes nothing.
func Schema(ctx context.Context, o Options) (found, known int, err error) {
	config, err := o.config()
	if err != nil {
		return 0, 0, err
	}
	steps, err := migrations()
	if err != nil {
		return 0, 0, err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return 0, 0, fmt.Errorf("opening the store: %w", err)
	}
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		found, err = schemaVersion(ctx, tx)
		return err
	})
	if err != nil {
		err = fmt.Errorf("reading the schema version: %w", err)
	}
	return found, len(steps), errors.Join(err, conn.Close(ctx))
}
