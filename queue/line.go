package queue

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// line is one connection with its prepared statements: preparing costs more
// than most of the journal's queries. It serves one caller at a time.
type line struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func newLine(ctx context.Context, db *sql.DB) (*line, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &line{conn: conn, statements: map[string]*sql.Stmt{}}, nil
}

func (l *line) close() error {
	var errs []error
	for _, st := range l.statements {
		errs = append(errs, st.Close())
	}
	// Not back to the pool: nobody must inherit an open transaction.
	if err := l.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// prepared returns the statement of a query, made at its first use.
func (l *line) prepared(query string) (*sql.Stmt, error) {
	if st, ok := l.statements[query]; ok {
		return st, nil
	}
	st, err := l.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("preparing a statement: %w", err)
	}
	l.statements[query] = st
	return st, nil
}

// result is a query of one row whose error waits for scan.
type result struct {
	row *sql.Row
	err error
}

func (r result) scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.row.Scan(into...)
}

func (l *line) row(ctx context.Context, query string, args ...any) result {
	st, err := l.prepared(query)
	if err != nil {
		return result{err: err}
	}
	return result{row: st.QueryRowContext(ctx, args...)}
}

func (l *line) rows(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := l.prepared(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (l *line) exec(ctx context.Context, query string, args ...any) error {
	st, err := l.prepared(query)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

// snapshot is a set of reads that see one state of the journal and block
// nobody.
type snapshot struct {
	ctx  context.Context
	line *line
}

func (s snapshot) row(query string, args ...any) result { return s.line.row(s.ctx, query, args...) }

func (s snapshot) rows(query string, args ...any) (*sql.Rows, error) {
	return s.line.rows(s.ctx, query, args...)
}

// read runs do in a snapshot.
func (j *Journal) read(ctx context.Context, op string, do func(snapshot) error) error {
	l, err := j.borrow(ctx)
	if err != nil {
		return failedRead(ctx, op, err)
	}
	err = l.exec(ctx, "BEGIN")
	if err == nil {
		err = do(snapshot{ctx: ctx, line: l})
	}
	j.giveLineBack(l, l.exec(context.WithoutCancel(ctx), "ROLLBACK") == nil)
	return failedRead(ctx, op, err)
}

// readOnce runs do, which makes one query: that sees one state by itself, and a
// transaction around it would cost as much again.
func (j *Journal) readOnce(ctx context.Context, op string, do func(snapshot) error) error {
	l, err := j.borrow(ctx)
	if err != nil {
		return failedRead(ctx, op, err)
	}
	err = do(snapshot{ctx: ctx, line: l})
	j.giveLineBack(l, err == nil)
	return failedRead(ctx, op, err)
}

func failedRead(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return storageError(op, err)
}

// borrow takes a free line for reading, or makes one: there are as many as the
// pool has connections beside the anchor and the writer.
func (j *Journal) borrow(ctx context.Context) (*line, error) {
	select {
	case l := <-j.lines:
		return l, nil
	default:
	}
	select {
	case l := <-j.lines:
		return l, nil
	case j.lineSlots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l, err := newLine(ctx, j.db)
	if err != nil {
		<-j.lineSlots
	}
	return l, err
}

// giveLineBack keeps a line for the next reader, or closes it after a failure:
// nothing is assumed about it then.
func (j *Journal) giveLineBack(l *line, sound bool) {
	if sound {
		j.lines <- l
		return
	}
	j.closeLine(l)
	<-j.lineSlots
}

func (j *Journal) closeLine(l *line) {
	if err := l.close(); err != nil {
		j.log.Debug().Err(err).Msg("closing a reading connection")
	}
}
