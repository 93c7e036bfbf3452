package queue

import (
	"context"
	"errors"
	"hash"
	"runtime"
	"slices"
	"sync"

	"fieldpay/action"
)

// maxGroup limits how many callers share one commit.
const maxGroup = 256

// patience is how often the one who writes lets others run without that anybody
// joins: some 30 µs where nothing else runs. Making an action ready takes a third
// of that, on another processor; a flush takes several times as much.
const patience = 256

// job is one caller's write. It may run more than once, each time in a fresh
// transaction, so it must not keep anything of an earlier run.
type job struct {
	run func(*tx) error
	// turn gets what comes to the caller: the end of its job, or the lead.
	turn chan turn
}

type turn struct {
	lead bool
	err  error
}

// writer is where the callers of one process meet to write. One of them leads:
// it commits its own job together with those of all who wait, because a flush
// costs the same for one row and for a hundred. Who comes meanwhile waits for
// the next commit, and one of those leads it.
type writer struct {
	j *Journal

	mu      sync.Mutex
	waiting []*job
	busy    bool
	closed  bool
	idle    sync.Cond // on mu: nobody leads
	// expect is how many may come: those who were served last and those who came
	// meanwhile.
	expect int

	// session is the connection with its statements, nil until it is needed and
	// after a failure. It belongs to who leads.
	session *session
}

func newWriter(j *Journal) *writer {
	w := &writer{j: j}
	w.idle.L = &w.mu
	return w
}

// stop waits for the jobs that were taken and gives the connection up.
func (w *writer) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for w.busy {
		w.idle.Wait()
	}
	w.dropSession()
}

// write runs a job and returns when it is durable. Once a commit has taken the
// job, the caller learns how it ended, whatever becomes of ctx: an answer that
// is not known would be worse than a late one.
func (w *writer) write(ctx context.Context, run func(*tx) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	one := &job{run: run, turn: make(chan turn, 1)}
	leads, err := w.join(one)
	if err != nil {
		return err
	}
	if !leads {
		t := w.await(ctx, one)
		if !t.lead {
			return t.err
		}
	}
	group := w.gather()
	errs := w.commitGroup(group)
	w.handOver(len(group))
	for i, other := range group[1:] {
		other.turn <- turn{err: errs[i+1]}
	}
	return errs[0]
}

// join puts a job into the queue, and says whether its caller is to lead.
func (w *writer) join(one *job) (leads bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false, &action.Error{Code: action.StorageFailed, Op: "writing to the journal", Cause: errors.New("it is closed")}
	}
	w.waiting = append(w.waiting, one)
	leads = !w.busy
	w.busy = true
	return leads, nil
}

// await waits for a job's turn. A caller that gives up leaves the queue, unless
// its job was taken.
func (w *writer) await(ctx context.Context, one *job) turn {
	select {
	case t := <-one.turn:
		return t
	case <-ctx.Done():
	}
	w.mu.Lock()
	at := slices.Index(w.waiting, one)
	// The first in the queue has the lead, or gets it at once.
	if at > 0 {
		w.waiting = slices.Delete(w.waiting, at, at+1)
	}
	w.mu.Unlock()
	if at > 0 {
		return turn{err: ctx.Err()}
	}
	return <-one.turn
}

// gather takes what shares the next commit; the caller's own job is the first.
// It lets those come back who were served a moment ago: without that, two halves
// of the callers would take turns, and each would pay for a flush.
func (w *writer) gather() []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	for seen, idle := len(w.waiting), 0; seen < min(w.expect, maxGroup) && idle < patience; idle++ {
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
		if len(w.waiting) > seen {
			seen, idle = len(w.waiting), 0
		}
	}
	n := min(len(w.waiting), maxGroup)
	group := slices.Clone(w.waiting[:n])
	w.waiting = slices.Delete(w.waiting, 0, n)
	return group
}

// handOver gives the lead to who waits first.
func (w *writer) handOver(served int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expect = served + len(w.waiting)
	if len(w.waiting) > 0 {
		w.waiting[0].turn <- turn{lead: true}
		return
	}
	w.busy = false
	w.idle.Broadcast()
}

// commitGroup commits the jobs together. A job that fails after it has written
// spoils the common transaction; then each gets its own.
func (w *writer) commitGroup(group []*job) []error {
	errs, err := w.commit(group)
	if err == nil {
		return errs
	}
	if len(group) == 1 {
		return []error{err}
	}
	for i := range group {
		single, err := w.commit(group[i : i+1])
		errs[i] = errors.Join(single[0], err)
	}
	return errs
}

// commit runs the jobs in one transaction. errs has the refusal of each job
// that wrote nothing; err says that nothing at all was written.
func (w *writer) commit(group []*job) (errs []error, err error) {
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
		if rollbackErr := s.exec(context.Background(), "ROLLBACK"); rollbackErr != nil {
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
	w.mu.Lock()
	busy := w.busy || w.closed
	w.busy = w.busy || !busy
	w.mu.Unlock()
	if busy {
		return // a write looks by itself
	}
	defer w.handOver(0)
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

// session is the writing connection.
type session struct {
	*line
	j           *Journal
	mac         hash.Hash
	seenVersion int64
	// tip is where the last commit left the journal, nil when that is not known.
	tip *tip
}

func newSession(j *Journal) (*session, error) {
	l, err := newLine(context.Background(), j.db)
	if err != nil {
		return nil, err
	}
	s := &session{line: l, j: j, mac: j.keys.newMAC()}
	if s.seenVersion, err = s.dataVersion(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
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
	var v int64
	err := s.row(context.Background(), "PRAGMA data_version").scan(&v)
	return v, err
}
