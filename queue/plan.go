package queue

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"
)

// Times of the replay.
const (
	probeBusy = 5 * time.Second  // while something is unsent, or nothing was heard yet
	probeIdle = 60 * time.Second // otherwise
	lockEvery = 2 * time.Second  // while another process sends
	// lookEvery bounds every wait, so that a sleep of the machine is noticed, and
	// another network.
	lookEvery = 15 * time.Second
	// sleptFor is how much the wall clock must have moved more than the
	// monotonic one, which stands still in a sleep.
	sleptFor = 30 * time.Second
	// networkEvery is how often the machine's addresses are looked at.
	networkEvery = 5 * time.Second
)

// plan is when the replay does what next.
type plan struct {
	looked    time.Time // the last look at the clocks
	wall      time.Time // the time of day at that look
	nextProbe time.Time
	startAt   time.Time // the first send after a return is spread
	retryAt   time.Time // after a run that failed
	lockAt    time.Time
	fails     int // runs that failed in a row
	unsent    bool
	network   string // as of the last look
	networkAt time.Time
}

func (p *plan) start(now, wall time.Time, network string) {
	*p = plan{looked: now, wall: wall.Round(0), network: network, networkAt: now}
}

// movedTo reports whether the machine is on another network than at the last look.
func (p *plan) movedTo(now time.Time, network func() string) bool {
	if now.Sub(p.networkAt) < networkEvery {
		return false
	}
	was := p.network
	p.network, p.networkAt = network(), now
	return p.network != was
}

// addresses lists the machine's own addresses. Where they cannot be read nothing
// seems to change, and the probe's own times hold.
func addresses() string {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// slept reports whether the machine slept between two looks, given how far the
// wall clock and the monotonic clock moved.
func slept(wall, monotonic time.Duration) bool { return wall-monotonic > sleptFor }

func (p *plan) wokeUp(now, wall time.Time) bool {
	wall = wall.Round(0)
	woke := slept(wall.Sub(p.wall), now.Sub(p.looked))
	p.looked, p.wall = now, wall
	return woke
}

// step does what is due and returns how long to wait.
func (r *Replay) step(ctx context.Context) time.Duration {
	now := time.Now()
	r.mu.Lock()
	asked, forced := r.asked, r.link.forced
	r.asked = false
	r.mu.Unlock()
	woke := r.plan.wokeUp(now, r.o.Journal.now())
	moved := r.plan.movedTo(now, r.o.Network)
	if asked || woke || moved {
		r.plan.nextProbe, r.plan.startAt, r.plan.retryAt, r.plan.fails = now, time.Time{}, time.Time{}, 0
		r.drain.hurry(asked)
	}
	if !forced && !now.Before(r.plan.nextProbe) {
		r.probeAndLog(ctx)
	}
	held := r.tryLock(ctx, now)
	if held && r.mayRun() {
		r.runAndPlan(ctx)
	}
	return r.pause(ctx, held)
}

func (r *Replay) mayRun() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	return r.link.usable() && !now.Before(r.plan.startAt) && !now.Before(r.plan.retryAt)
}

func (r *Replay) tryLock(ctx context.Context, now time.Time) bool {
	if now.Before(r.plan.lockAt) {
		return false
	}
	held, err := r.takeLock(ctx)
	if err != nil {
		r.o.Logger.Error().Err(err).Msg("taking the drain over")
	}
	r.plan.lockAt = time.Time{}
	if !held {
		r.plan.lockAt = now.Add(lockEvery)
	}
	return held
}

// runAndPlan runs once, and decides when to try again if that failed.
func (r *Replay) runAndPlan(ctx context.Context) {
	var sum Summary
	err := r.runDrain(ctx, &sum)
	if err == nil {
		r.plan.fails, r.plan.retryAt = 0, time.Time{}
		return
	}
	r.plan.fails++
	code, after := callFailure(err)
	r.plan.retryAt = time.Now().Add(Backoff(r.plan.fails, code, after, r.o.Rand()))
	if ctx.Err() == nil && doubtsPath(code) {
		r.plan.nextProbe = time.Now()
		r.poke()
	}
}

func (r *Replay) probeAndLog(ctx context.Context) {
	if err := r.probe(ctx); err != nil {
		code, _ := callFailure(err)
		r.o.Logger.Debug().Str("code", string(code)).Msg("probe")
	}
}

// probe asks whether the server is there.
func (r *Replay) probe(ctx context.Context) error {
	asked := time.Now()
	p, err := r.o.Prober.Probe(ctx)
	now := time.Now()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	wasUsable := r.Status().Connection.usable()
	r.change(func() {
		if err != nil {
			code, _ := callFailure(err)
			r.link.failed(now, code)
			return
		}
		r.link.probed(now, p)
		r.status.ClockOffset = p.ClockOffset
	})
	r.setNextProbe(now)
	if err == nil {
		r.drain.roundTrip = now.Sub(asked)
	}
	if err == nil && !wasUsable {
		// Back again, perhaps with a herd of others: the first send is spread
		// over the span that the server asks for.
		r.plan.startAt = now.Add(time.Duration(r.o.Rand() * float64(p.StartDelay)))
		r.plan.retryAt, r.plan.fails = time.Time{}, 0
		r.drain.hurry(false)
	}
	return err
}

func (c Connection) usable() bool { return c.State == Online || c.State == Degraded }

// setNextProbe plans the next probe after an answer or a failure.
func (r *Replay) setNextProbe(now time.Time) {
	every := probeIdle
	if r.plan.unsent || r.shaky() {
		every = probeBusy
	}
	// Three quarters to five quarters, so that devices do not march in step.
	jittered := time.Duration((0.75 + r.o.Rand()/2) * float64(every))
	r.plan.nextProbe = now.Add(min(jittered, probeIdle))
	r.change(func() { r.status.NextProbe = r.plan.nextProbe.UTC() })
}

func (r *Replay) shaky() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.link.shaky()
}

// pause returns how long nothing is due.
func (r *Replay) pause(ctx context.Context, held bool) time.Duration {
	now := time.Now()
	wall := r.o.Journal.now()
	a, err := r.o.Journal.agenda(context.WithoutCancel(ctx), wall)
	if err != nil {
		r.o.Logger.Error().Err(err).Msg("planning the next run")
		return probeBusy
	}
	if !a.next.IsZero() {
		a.next = now.Add(a.next.Sub(wall)) // the journal has the time of day
	}
	c := r.Status()
	if c.LastSync.Before(a.syncedAt) {
		r.change(func() { r.status.LastSync = a.syncedAt })
	}
	if unsent := a.unsent > 0; unsent != r.plan.unsent {
		r.plan.unsent = unsent
		r.setNextProbe(now)
	}
	next := now.Add(lookEvery)
	if c.Connection.State != ForcedOffline {
		next = earliest(next, r.plan.nextProbe)
	}
	if !held {
		return max(0, earliest(next, r.plan.lockAt).Sub(now))
	}
	if c.Connection.usable() {
		for _, at := range []time.Time{r.plan.startAt, r.plan.retryAt, a.next, r.drain.nextQuestion(a.asking)} {
			if at.After(now) {
				next = earliest(next, at)
			}
		}
	}
	return max(0, next.Sub(now))
}
