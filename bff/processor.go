package bff

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
)

// ProcessorOptions says what a [Processor] works with.
type ProcessorOptions struct {
	Ledger   Ledger   // required
	CRM      CRM      // required
	Payments Payments // required
	// Requests is required: what was asked of the card processor.
	Requests PaymentRequests
	// Rights decides what an author may do. Default: everybody may do all.
	Rights *Rights
	// Audit gets a row for each action with money that settles, before the
	// ledger does. Default: none is written.
	Audit Audit
	// Meter counts outcomes. Default: nothing is counted.
	Meter Meter
	// Owner names this worker in leases. Work that was begun under the same
	// name is taken up at once after a restart, so no two workers that live at
	// the same time may share one; that of another is taken up only when its
	// lease ran out. Default: a fresh id.
	Owner string
	// Budget is how long Submit waits for outcomes. Default 8 s.
	Budget time.Duration
	// Concurrency is how many lanes are worked on at once. Default 8.
	Concurrency int
	// CallTimeout limits one attempt; Lease must be longer, because a worker
	// that lost its lease may still be calling. Defaults 30 s and 60 s.
	CallTimeout time.Duration
	Lease       time.Duration
	// Poll is how often the ledger is asked for due work. Default 1 s.
	Poll time.Duration
	// Grace is how long running attempts may go on after Run was told to end.
	// Default 10 s.
	Grace time.Duration
	// Rand spreads retries over [0,1). Default math/rand/v2.
	Rand func() float64
	// Logger takes ids, codes and durations, never content. The zero value is silent.
	Logger zerolog.Logger
}

// Processor takes actions into the ledger and applies them: each once, in the
// order of its lane, whatever is lost, repeated or cut off on the way.
//
// Lanes are drained by goroutines that Run owns. A request only claims, wakes
// the lanes and waits; when it goes away, the work goes on.
type Processor struct {
	o    ProcessorOptions
	log  zerolog.Logger
	base context.Context //nolint:containedctx // the life of the lanes, not of a request
	stop context.CancelFunc
	slot chan struct{}

	mu      sync.Mutex
	closing bool
	work    sync.WaitGroup
	lanes   map[string]*laneRun
	// waiting maps the id of an entry to the lanes that wait for it.
	waiting map[string][]string
}

type laneRun struct {
	again bool
	done  chan struct{}
}

// NewProcessor checks the options and fills in the defaults. Nothing runs
// before Run.
func NewProcessor(o ProcessorOptions) (*Processor, error) {
	if o.Ledger == nil || o.CRM == nil || o.Payments == nil || o.Requests == nil {
		return nil, errors.New("a processor needs a ledger, a CRM, payments and their requests")
	}
	if o.Owner == "" {
		o.Owner = action.NewID()
	}
	if o.Meter == nil {
		o.Meter = noMeter{}
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	setDefault(&o.Budget, 8*time.Second)
	setDefault(&o.Concurrency, 8)
	setDefault(&o.CallTimeout, 30*time.Second)
	setDefault(&o.Lease, 60*time.Second)
	setDefault(&o.Poll, time.Second)
	setDefault(&o.Grace, 10*time.Second)
	if o.Lease <= o.CallTimeout {
		return nil, errors.New("a lease must be longer than a call may take")
	}
	base, stop := context.WithCancel(context.Background())
	return &Processor{
		o: o, log: o.Logger, base: base, stop: stop,
		slot:  make(chan struct{}, o.Concurrency),
		lanes: map[string]*laneRun{}, waiting: map[string][]string{},
	}, nil
}

// Run resumes what is due, now and whenever something becomes due, until ctx
// ends. It returns when every lane has stopped.
func (p *Processor) Run(ctx context.Context) error {
	defer p.close()
	tick := time.NewTicker(p.o.Poll)
	defer tick.Stop()
	for {
		p.resume(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// maxDue limits the lanes that one look at the ledger wakes.
const maxDue = 256

func (p *Processor) resume(ctx context.Context) {
	lanes, err := p.o.Ledger.Due(ctx, p.o.Owner, time.Now(), maxDue)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error().Err(err).Msg("asking the ledger for due work")
		}
		return
	}
	for _, lane := range lanes {
		p.wake(lane)
	}
}

// close lets running attempts end, cuts them off after the grace, and waits.
func (p *Processor) close() {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	cut := time.AfterFunc(p.o.Grace, p.stop)
	defer cut.Stop()
	p.work.Wait()
	p.stop()
}

// wake sees to it that the lane is looked at after this call, and returns a
// channel that is closed when it was.
func (p *Processor) wake(lane string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if run, running := p.lanes[lane]; running {
		run.again = true
		return run.done
	}
	run := &laneRun{done: make(chan struct{})}
	if p.closing {
		close(run.done)
		return run.done
	}
	p.lanes[lane] = run
	p.work.Go(func() { p.drain(lane, run) })
	return run.done
}

// wakeAfter wakes the lanes that wait for an entry.
func (p *Processor) wakeAfter(id string) {
	p.mu.Lock()
	lanes := p.waiting[id]
	delete(p.waiting, id)
	p.mu.Unlock()
	for _, lane := range lanes {
		p.wake(lane)
	}
}

func (p *Processor) waitFor(id, lane string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[id] = append(p.waiting[id], lane)
}

// drain works on one lane until nothing of it can go on.
func (p *Processor) drain(lane string, run *laneRun) {
	defer close(run.done)
	for {
		p.drainOnce(lane)
		p.mu.Lock()
		if !run.again || p.closing {
			delete(p.lanes, lane)
			p.mu.Unlock()
			return
		}
		run.again = false
		p.mu.Unlock()
	}
}

func (p *Processor) drainOnce(lane string) {
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-p.base.Done():
		return
	}
	for !p.ending() {
		more, err := p.step(p.base, lane)
		if err != nil {
			p.log.Error().Err(err).Str("lane", lane).Msg("working on a lane")
		}
		if err != nil || !more {
			return
		}
	}
}

func (p *Processor) ending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closing
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
