package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

type migration struct {
	number int
	name   string
	text   string
}

// load reads the migrations in order and refuses a gap, a double number or a
// foreign file: a schema must be the same on every machine.
func load(from fs.FS) ([]migration, error) {
	names, err := fs.Glob(from, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing migrations: %w", err)
	}
	slices.Sort(names)
	steps := make([]migration, 0, len(names))
	for i, name := range names {
		head, _, ok := strings.Cut(name, "_")
		number, err := strconv.Atoi(head)
		if !ok || err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", name, i+1)
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", name, err)
		}
		steps = append(steps, migration{number: number, name: name, text: string(text)})
	}
	return steps, nil
}

// migrate applies what is missing, one transaction each. The number of the last
// one is the file's user_version; it is read inside the transaction, so openers
// that race apply each migration once.
func migrate(ctx context.Context, db *sql.DB, steps []migration) error {
	var current int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&current); err != nil {
		return fmt.Errorf("reading the schema version: %w", err)
	}
	if current > len(steps) {
		return fmt.Errorf("schema %d, known up to %d: %w", current, len(steps), ErrNewerSchema)
	}
	for _, step := range steps[current:] {
		if err := apply(ctx, db, step); err != nil {
			return fmt.Errorf("applying migration %s: %w", step.name, err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, step migration) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := applyTx(ctx, tx, step); err != nil {
		if rollbackErr := tx.Rollback(); rollbackErr != nil {
			return fmt.Errorf("%w (and rolling back: %w)", err, rollbackErr)
		}
		return err
	}
	return tx.Commit()
}

func applyTx(ctx context.Context, tx *sql.Tx, step migration) error {
	var current int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&current); err != nil {
		return err
	}
	if current >= step.number {
		return nil
	}
	if _, err := tx.ExecContext(ctx, step.text); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "PRAGMA user_version = "+strconv.Itoa(step.number))
	return err
}
