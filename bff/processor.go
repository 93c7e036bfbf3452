package bff

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/trace"

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
	// Tracer makes a span for each call of a provider. Default: none is made.
	Tracer trace.Tracer
	// Owner names this worker in leases. Work that was begun under the same
	// name is taken up at once after a restart, so no two workers that live at
	// the same time may share one; that of another is taken up only when its
	// lease ran out. Default: a fresh id.
	Owner string
	// Budget is how long Submit waits for outcomes. Default 8 s.
	Budget time.Duration
	// Concurrency is how many calls to providers run at once. Default 8.
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
	// Memory is how long the ledger keeps what settled. What an action comes
	// after, and is not in the ledger and older than that, has ended. Default 400
	// days: more than 13 months.
	Memory time.Duration
	// Apart makes each change of the ledger by itself and at once. Default: what
	// comes while the ledger is at work goes together, and what can is begun by
	// its claim, so that what happens at one moment has no order; a simulation
	// wants each step to have a moment of its own.
	Apart bool
	// Linger is how long what is gathered waits for more to go along. Default: it
	// goes at once. In virtual time the shortest span will do: whatever comes at
	// one moment goes together, whoever of it came first.
	Linger time.Duration
	// Rand spreads retries over [0,1). Default math/rand/v2.
	Rand func() float64
	// Logger takes ids, codes and durations, never content. The zero value is silent.
	Logger zerolog.Logger
}

// Processor takes actions into the ledger and applies them: each once, in the
// order of its lane, whatever is lost, repeated or cut off on the way.
//
// What it does to the ledger is gathered over all requests and lanes: claims,
// looks at lanes (which begin what is there) and results each travel together.
// Between a beginning and its result there is a call to a provider, of which a
// few run at a time, and which effects of one kind share. A request only hands
// in its claims and waits; when it goes away, the work goes on.
type Processor struct {
	o       ProcessorOptions
	log     zerolog.Logger
	batcher Batcher         // the CRM, if it is one
	base    context.Context //nolint:containedctx // the life of the work, not of a request
	stop    context.CancelFunc
	claims  *gather[*submission]
	looks   *gather[string]
	begins  *gather[Entry]
	results *gather[finished]
	// asking limits the questions about rights that are under way.
	asking chan struct{}

	mu      sync.Mutex
	closing bool
	work    sync.WaitGroup
	lanes   map[string]*laneRun
	// waiting maps the id of an entry to the lanes that wait for it, watched to
	// the items that want its outcome.
	waiting map[string][]string
	watched map[string][]*item
	// ready are the calls that wait for one of the calls under way to end.
	ready []*group
	calls int
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
	setDefault(&o.Memory, ledgerMemory)
	if o.Lease <= o.CallTimeout {
		return nil, errors.New("a lease must be longer than a call may take")
	}
	base, stop := context.WithCancel(context.Background())
	p := &Processor{
		o: o, log: o.Logger, base: base, stop: stop,
		lanes: map[string]*laneRun{}, waiting: map[string][]string{}, watched: map[string][]*item{},
	}
	p.batcher, _ = o.CRM.(Batcher)
	// No two kinds linger equally long: what one adds when another goes would come
	// with it or after it.
	p.claims = &gather[*submission]{spawn: p.work.Go, do: p.claimAll, weigh: (*submission).size, apart: o.Apart, linger: o.Linger}
	p.looks = &gather[string]{spawn: p.work.Go, do: p.look, apart: o.Apart, linger: o.Linger + o.Linger/3}
	p.begins = &gather[Entry]{spawn: p.work.Go, do: p.beginPermitted, apart: o.Apart, linger: o.Linger + o.Linger/5}
	p.asking = make(chan struct{}, o.Concurrency)
	p.results = &gather[finished]{spawn: p.work.Go, do: p.record, apart: o.Apart, linger: o.Linger + o.Linger/7}
	return p, nil
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
const maxDue = 1024

func (p *Processor) resume(ctx context.Context) {
	lanes, err := p.o.Ledger.Due(ctx, p.o.Owner, time.Now(), maxDue)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error().Err(err).Msg("asking the ledger for due work")
		}
		return
	}
	p.wake(lanes...)
}

// close lets running attempts end, cuts them off after the grace, and waits.
func (p *Processor) close() {
	p.mu.Lock()
	p.closing = true
	left := p.ready
	p.ready = nil
	p.work.Go(func() { p.handBack(left) })
	p.mu.Unlock()
	cut := time.AfterFunc(p.o.Grace, p.stop)
	defer cut.Stop()
	p.work.Wait()
	p.stop()
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
