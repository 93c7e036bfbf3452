package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/rs/zerolog"

	"fieldpay/action"
)

// ReplayOptions say what a Replay works with. Journal, Sender, Prober and
// LockPath are required.
type ReplayOptions struct {
	Journal *Journal
	Sender  Sender
	Prober  Prober
	// LockPath is the file whose lock makes one process of the device the one
	// that sends.
	LockPath string
	// Logger gets what an operator may want to know; never content. Default:
	// nothing is logged.
	Logger zerolog.Logger
	// Rand gives numbers in [0, 1) for jitter and must be safe for concurrent
	// use. Default: math/rand/v2.
	Rand func() float64
	// Network describes the machine's addresses, whatever the form: another
	// description is a reason to probe at once. Default: the addresses of its
	// interfaces.
	Network func() string
	// OnEvent gets diagnostic events, after what they tell of is durable. It
	// must return soon. Default: none.
	OnEvent func(Event)
}

// Event is one diagnostic event: names and numbers, never content.
type Event struct {
	At     time.Time
	Name   string
	Fields map[string]any
}

// The names of the events.
const (
	SyncStarted       = "sync_started"       // count
	SyncCompleted     = "sync_completed"     // succeeded, failed
	SyncFailed        = "sync_failed"        // error
	ConnectionChanged = "connection_changed" // state, code
	DrainTaken        = "drain_taken"        // fence
	ReplyIncomplete   = "reply_incomplete"   // missing, foreign
	JournalSuspect    = "journal_suspect"    // reason, count
	// ActionAnswered is told of what needs a person, was refused, or says how far
	// money has come; not of each action that is simply done.
	ActionAnswered = "action_answered" // actionId, status, code, result
)

// Status is what a Replay is doing, for a screen.
type Status struct {
	Connection Connection
	// Draining says that a run is under way; Done of Total actions of it are
	// answered.
	Draining    bool
	Done, Total int
	// LastSync is the last answer of the server to a run.
	LastSync  time.Time
	NextProbe time.Time
	// DrainingElsewhere says that another process of this device sends.
	DrainingElsewhere bool
	// ClockOffset is how far this device's clock was ahead at the last probe.
	ClockOffset time.Duration
	// Suspect says that the journal was changed outside FieldPay, or that the
	// server knows another history of it.
	Suspect bool
}

// Replay sends what is in the journal, in order, and keeps at it. One goroutine
// does all of its work, in Run or Once; the other methods may be called from
// any.
type Replay struct {
	o       ReplayOptions
	lock    *flock.Flock
	wake    chan struct{}
	changes broadcast

	mu     sync.Mutex
	status Status
	link   *link
	asked  bool // by a person, since the last run

	// What follows belongs to the goroutine of Run or Once.
	plan  plan
	drain drain
}

// NewReplay makes a Replay that does nothing until Run or Once.
func NewReplay(o ReplayOptions) (*Replay, error) {
	if o.Journal == nil || o.Sender == nil || o.Prober == nil || o.LockPath == "" {
		return nil, &action.Error{Code: action.NotPossible, Op: "making a replay", Message: "A replay needs a journal, a sender, a prober and a lock file"}
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Network == nil {
		o.Network = addresses
	}
	r := &Replay{o: o, lock: flock.New(o.LockPath), wake: make(chan struct{}, 1), link: newLink(time.Now())}
	r.status.Connection, r.status.Suspect = r.link.now, o.Journal.Suspect()
	r.drain.reset()
	return r, nil
}

// Run probes and sends until ctx ends, and then returns nil once what was under
// way is noted. While another process of the device sends, it only probes.
func (r *Replay) Run(ctx context.Context) error {
	written, stop := r.o.Journal.Changes()
	defer stop()
	defer r.unlock()
	r.plan.start(time.Now(), r.o.Journal.now(), r.o.Network())
	for ctx.Err() == nil {
		wait := r.step(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-written:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// Summary is what one Once did.
type Summary struct {
	// Sent counts the actions that went out; the others what the server said.
	Sent, Applied, Accepted, Review, Failed int
	// Waiting counts what is still unsent.
	Waiting int
	// Elsewhere says that another process of this device is sending, so that
	// nothing was done here.
	Elsewhere bool
}

// Once probes, sends everything that is due, and looks up what is open. The
// error says why the server could not be reached or did not take it; what was
// not sent stays.
func (r *Replay) Once(ctx context.Context) (Summary, error) {
	var sum Summary
	err := r.once(ctx, &sum)
	if c, countErr := r.o.Journal.agenda(context.WithoutCancel(ctx), r.o.Journal.now()); countErr == nil {
		sum.Waiting = c.unsent
	} else {
		err = errors.Join(err, countErr)
	}
	return sum, err
}

func (r *Replay) once(ctx context.Context, sum *Summary) error {
	defer r.unlock()
	switch held, err := r.takeLock(ctx); {
	case err != nil:
		return err
	case !held:
		sum.Elsewhere = true
		return nil
	}
	if err := r.probe(ctx); err != nil {
		return err
	}
	// A second look finds the answers that the first pass lost.
	for range 2 {
		r.drain.pollAt, r.drain.slowAt = time.Time{}, time.Time{}
		err := r.runDrain(ctx, sum)
		if err != nil {
			return err
		}
	}
	return nil
}

// Wake starts a run now, for a person: what waits for its time goes too.
func (r *Replay) Wake() {
	r.change(func() { r.asked = true })
	r.poke()
}

// SignedIn resumes after a sign-in.
func (r *Replay) SignedIn() {
	r.change(func() { r.link.signedIn(time.Now()); r.asked = true })
	r.poke()
}

// ForceOffline stops all calls until it is taken back.
func (r *Replay) ForceOffline(on bool) {
	r.change(func() { r.link.force(time.Now(), on); r.asked = r.asked || !on })
	r.poke()
}

// Status returns what the replay is doing.
func (r *Replay) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// Changes signals after each change of the status. Signals coalesce.
func (r *Replay) Changes() (<-chan struct{}, func()) { return r.changes.subscribe() }

func (r *Replay) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// change alters what Status shows, and tells about it after.
func (r *Replay) change(do func()) {
	r.mu.Lock()
	was := r.status.Connection
	do()
	r.status.Connection = r.link.now
	now := r.status.Connection
	r.mu.Unlock()
	r.changes.signal()
	if was.State != now.State || was.Code != now.Code {
		r.tell(ConnectionChanged, map[string]any{"state": string(now.State), "code": string(now.Code)})
	}
}

func (r *Replay) tell(name string, fields map[string]any) {
	r.o.Logger.Info().Str("event", name).Fields(fields).Msg("replay")
	if r.o.OnEvent != nil {
		r.o.OnEvent(Event{At: time.Now().UTC(), Name: name, Fields: fields})
	}
}

// takeLock makes this process the one that sends, or reports that another is.
func (r *Replay) takeLock(ctx context.Context) (bool, error) {
	if !r.lock.Locked() {
		held, err := r.lock.TryLock()
		if err != nil {
			return false, storageError("locking the drain", fmt.Errorf("%s: %w", "lock file", err))
		}
		if r.status.DrainingElsewhere == held {
			r.change(func() { r.status.DrainingElsewhere = !held })
		}
		if !held {
			return false, nil
		}
		r.drain.fence = 0
	}
	if r.drain.fence != 0 {
		return true, nil
	}
	fence, err := r.o.Journal.takeover(ctx)
	if err != nil {
		return false, err
	}
	r.drain.fence = fence
	r.tell(DrainTaken, map[string]any{"fence": fence})
	return true, nil
}

func (r *Replay) unlock() {
	if err := r.lock.Unlock(); err != nil {
		r.o.Logger.Warn().Err(err).Msg("unlocking the drain")
	}
	r.drain.fence = 0
}
