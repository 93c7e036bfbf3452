package queue

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash"
	"sync"

	"fieldpay/action"
)

// maxGroup limits how many callers share one commit.
const maxGroup = 256

// job is one caller's write. It may run more than once, each time in a fresh
// transaction, so it must not keep anything of an earlier run.
type job struct {
	run  func(*tx) error
	done chan error
}

// writer is the one goroutine of the process that writes. Callers that arrive
// while a commit is being flushed share the next one: a flush costs the same
// for one row and for a hundred.
type writer struct {
	j     *Journal
	jobs  chan job
	peeks chan struct{}
	quit  chan struct{}
	owner sync.WaitGroup
	// session is the connection with its statements, nil until it is needed and
	// after a failure.
	session *session
}

func startWriter(j *Journal) *writer {
	w := &writer{j: j, jobs: make(chan job), peeks: make(chan struct{}), quit: make(chan struct{})}
	w.owner.Go(w.loop)
	return w
}

// stop waits for the jobs that were taken, and for the goroutine.
func (w *writer) stop() {
	close(w.quit)
	w.owner.Wait()
}

// write runs a job and returns when it is durable. Once the writer has taken
// the job, the caller learns how it ended, whatever becomes of ctx: an answer
// that is not known would be worse than a late one.
func (w *writer) write(ctx context.Context, run func(*tx) error) error {
	done := make(chan error, 1)
	select {
	case w.jobs <- job{run: run, done: done}:
		return <-done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return &action.Error{Code: action.StorageFailed, Op: "writing to the journal", Cause: errors.New("it is closed")}
	}
}

func (w *writer) loop() {
	defer w.dropSession()
	for {
		select {
		case first := <-w.jobs:
			w.commitGroup(w.gather(first))
		case <-w.peeks:
			w.peek()
		case <-w.quit:
			return
		}
	}
}

func (w *writer) gather(first job) []job {
	group := []job{first}
	for len(group) < maxGroup {
		select {
		case another := <-w.jobs:
			group = append(group, another)
		default:
			return group
		}
	}
	return group
}

// commitGroup commits the jobs together. A job that fails after it has written
// spoils the common transaction; then each gets its own.
func (w *writer) commitGroup(group []job) {
	errs, err := w.commit(group)
	if err != nil && len(group) > 1 {
		for i, one := range group {
			single, err := w.commit([]job{one})
			errs[i] = errors.Join(single[0], err)
		}
		err = nil
	}
	for i, one := range group {
		if err != nil {
			errs[i] = err
		}
		one.done <- errs[i]
	}
}

// commit runs the jobs in one transaction. errs has the refusal of each job
// that wrote nothing; err says that nothing at all was written.
func (w *writer) commit(group []job) (errs []error, err error) {
	errs = make([]error, len(group))
	s, err := w.connect()
	if err != nil {
		return errs, storageError("opening the journal for writing", err)
	}
	t, err := s.begin()
	if err != nil {
		w.dropSession()
		return errs, storageError("writing to the journal", err)
	}
	for i, one := range group {
		before := t.writes
		errs[i] = one.run(t)
		if _, refused := errors.AsType[*action.Error](errs[i]); errs[i] != nil && (!refused || t.writes != before) {
			err = errs[i]
			break
		}
	}
	if err == nil && t.writes > 0 {
		err = t.commit()
	}
	if err != nil || t.writes == 0 {
		if rollbackErr := s.exec("ROLLBACK"); rollbackErr != nil {
			w.dropSession()
		}
	}
	if err != nil {
		return errs, storageError("writing to the journal", err)
	}
	if t.writes > 0 {
		w.j.changes.signal()
	}
	return errs, nil
}

// peek tells subscribers when another process has written. The version that it
// looks at changes for writes of other connections only, and this is the one
// that writes here.
func (w *writer) peek() {
	// A fresh connection cannot tell what was written before it: better one
	// signal too many.
	fresh := w.session == nil
	s, err := w.connect()
	if err != nil {
		return // the next write reports it to somebody who can act
	}
	foreign, err := s.foreignWrites()
	if err != nil {
		w.dropSession()
		return
	}
	if fresh || foreign {
		w.j.changes.signal()
	}
}

func (w *writer) connect() (*session, error) {
	if w.session != nil {
		return w.session, nil
	}
	s, err := newSession(w.j)
	if err != nil {
		return nil, err
	}
	w.session = s
	return s, nil
}

// dropSession gives the connection up: after a failure nothing is assumed about
// it, so that writing works again as soon as the disk does.
func (w *writer) dropSession() {
	if w.session == nil {
		return
	}
	if err := w.session.close(); err != nil {
		w.j.log.Debug().Err(err).Msg("closing the writing connection")
	}
	w.session = nil
}

// session is the writing connection with its prepared statements.
type session struct {
	j           *Journal
	conn        *sql.Conn
	statements  map[string]*sql.Stmt
	mac         hash.Hash
	seenVersion int64
	// tip is where the last commit left the journal, nil when that is not known.
	tip *tip
}

func newSession(j *Journal) (*session, error) {
	conn, err := j.db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	s := &session{j: j, conn: conn, statements: map[string]*sql.Stmt{}, mac: j.keys.newMAC()}
	if s.seenVersion, err = s.dataVersion(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *session) close() error {
	var errs []error
	for _, st := range s.statements {
		errs = append(errs, st.Close())
	}
	// Not back to the pool: a reader must not inherit an open transaction.
	if err := s.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// prepared returns the statement of a query, made at its first use.
func (s *session) prepared(query string) (*sql.Stmt, error) {
	if st, ok := s.statements[query]; ok {
		return st, nil
	}
	st, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("preparing a statement: %w", err)
	}
	s.statements[query] = st
	return st, nil
}

func (s *session) exec(query string) error {
	st, err := s.prepared(query)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(context.Background())
	return err
}

// foreignWrites reports whether another connection has written since the last
// look. The tip that this session knows is stale then.
func (s *session) foreignWrites() (bool, error) {
	version, err := s.dataVersion()
	if err != nil || version == s.seenVersion {
		return false, err
	}
	s.seenVersion, s.tip = version, nil
	return true, nil
}

func (s *session) dataVersion() (int64, error) {
	st, err := s.prepared("PRAGMA data_version")
	if err != nil {
		return 0, err
	}
	var v int64
	err = st.QueryRowContext(context.Background()).Scan(&v)
	return v, err
}
