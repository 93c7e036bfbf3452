package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// session is one connection that the ledger keeps for itself, with its
// statements prepared. It talks to the driver without database/sql in between,
// which would cost as much as SQLite does for a small statement.
type session struct {
	conn *sql.Conn
	// turn holds a token while nobody uses the connection.
	turn  chan struct{}
	ready map[string]driver.Stmt
}

func newSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, turn: make(chan struct{}, 1), ready: map[string]driver.Stmt{}}
	s.turn <- struct{}{}
	return s, nil
}

// in runs do in one transaction, which begins with a statement such as BEGIN
// IMMEDIATE. A caller that gives up leaves the queue; a transaction that runs
// is short, and always ends.
func (s *session) in(ctx context.Context, begin string, do func(t *tx) error) error {
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.conn.Raw(func(raw any) error {
		conn, ok := raw.(driver.Conn)
		if !ok {
			return errors.New("the driver of SQLite is not the one that was expected")
		}
		t := &tx{conn: conn, ready: s.ready}
		if _, err := t.exec(begin); err != nil {
			return fmt.Errorf("beginning a transaction: %w", err)
		}
		err := do(t)
		if err == nil {
			if _, err = t.exec("COMMIT"); err == nil {
				return nil
			}
			err = fmt.Errorf("committing: %w", err)
		}
		if _, undo := t.exec("ROLLBACK"); undo != nil {
			return fmt.Errorf("%w (and rolling back: %w)", err, undo)
		}
		return err
	})
}

func (s *session) close() error {
	<-s.turn
	var all []error
	for _, stmt := range s.ready {
		all = append(all, stmt.Close())
	}
	return errors.Join(append(all, s.conn.Close())...)
}

// tx is a transaction of a session.
type tx struct {
	conn  driver.Conn
	ready map[string]driver.Stmt
}

func (t *tx) stmt(query string) (driver.Stmt, error) {
	if stmt, there := t.ready[query]; there {
		return stmt, nil
	}
	stmt, err := t.conn.Prepare(query)
	if err == nil {
		t.ready[query] = stmt
	}
	return stmt, err
}

// exec runs a statement and reports how many rows it changed.
func (t *tx) exec(query string, args ...driver.Value) (int64, error) {
	result, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insert runs a statement that inserts one row or none, and answers the number
// of the row, 0 for none.
func (t *tx) insert(query string, args ...driver.Value) (int64, error) {
	result, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return 0, err
	}
	return result.LastInsertId()
}

func (t *tx) run(query string, args []driver.Value) (driver.Result, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 the newer call takes a context, which costs a goroutine for each statement
	return stmt.Exec(args)
}

// each runs a query and gives its rows to read, whose slice is used again.
func (t *tx) each(query string, read func(row []driver.Value) error, args ...driver.Value) (err error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return err
	}
	//lint:ignore SA1019 as in run
	rows, err := stmt.Query(args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := read(row); err != nil {
			return err
		}
	}
}
