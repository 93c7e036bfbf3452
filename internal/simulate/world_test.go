package simulate_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/memory"
	"fieldpay/sandbox"
)

// plan is what a seed says about a whole schedule.
type plan struct {
	devices, offices, actions int
	// sameOwner: a server that is started again works under the name it had.
	sameOwner bool
	// pace is how long people think at most between two deeds.
	pace       time.Duration
	startDelay time.Duration
	// crashes is how probable a crash is wherever one may happen.
	crashes float64
	// night is how long everything is off half way through: less than the three
	// days that Stripe keeps trying to tell of an event.
	night   time.Duration
	weather weather
	// locks is how probable it is that somebody else holds a record's lock.
	locks float64
	// gathers: a server lets what comes at one moment go together, as in
	// production. Else each change of the ledger has a moment of its own, which
	// brings out other orders.
	gathers bool
	// signs: devices sign their requests.
	signs bool
	// mishap is what happens to the first device.
	mishap mishap
	// rights: a server asks who may do what before it begins anything, as in
	// production. Else a claim can begin what it claims.
	rights bool
}

// String is the plan in words.
func (p plan) String() string {
	text := fmt.Sprintf("%d devices, %d servers, %d actions, a thought of up to %v before each",
		p.devices, p.offices, p.actions, p.pace.Round(time.Millisecond))
	for _, more := range []struct {
		said bool
		what string
	}{
		{p.sameOwner, "servers that keep their names"},
		{p.gathers, "servers that gather"},
		{p.rights, "servers that ask for rights"},
		{p.signs, "devices that sign"},
		{p.startDelay > 0, fmt.Sprintf("a start delay of %v", p.startDelay)},
		{p.crashes > 0, fmt.Sprintf("a crash at %g %% of all places", 100*p.crashes)},
		{p.locks > 0, fmt.Sprintf("a lock on %g %% of all records", 100*p.locks)},
		{p.night > 0, fmt.Sprintf("a night of %v", p.night)},
	} {
		if more.said {
			text += ", " + more.what
		}
	}
	return text + p.mishap.String() + p.weather.String()
}

func (d die) plan(actions int, faults bool) plan {
	p := plan{
		devices: 1 + int(d.of(0, "devices")%3), offices: 1 + int(d.of(0, "offices")%2), actions: actions,
		sameOwner: d.share(0, "owner") < 0.5, pace: d.span(time.Second, 8*time.Second, 0, "pace"),
		gathers: d.share(0, "gathers") < 0.6, rights: d.share(0, "rights") < 0.6,
		signs: d.share(0, "signs") < 0.5,
	}
	if !faults {
		return p
	}
	p.weather, p.mishap = d.weather(), d.mishap(p.signs)
	p.crashes = []float64{0, 0.01, 0.03}[d.of(0, "crashes")%3]
	p.locks = []float64{0, 0, 0.1}[d.of(0, "locks")%3]
	p.startDelay = []time.Duration{0, 20 * time.Second}[d.of(0, "start delay")%2]
	if d.share(0, "night") < 0.08 {
		p.night = []time.Duration{26 * time.Hour, 62 * time.Hour}[d.of(0, "length")%2]
	}
	return p
}

// world is one schedule under way.
type world struct {
	seed    uint64
	die     die
	plan    plan
	folder  string // for the files that lock a drain
	trace   *trace
	raining atomic.Bool
	// dawn is closed when the night is over.
	dawn    chan struct{}
	box     *sandbox.Sandbox
	store   *memory.Store
	offices []*office
	devices []*device
	effects *effects
	life    context.Context //nolint:containedctx // ends the pauses of all goroutines
	end     context.CancelFunc
	work    sync.WaitGroup
	// hands do what the wires start.
	hands hands

	mu       sync.Mutex
	counts   map[string]int
	failures []string
	pulse    map[string]*pulse
	// charges is what customers paid by card, by intent.
	charges map[string]action.Money
	// collected has the intents that succeeded, by the action that asked for them,
	// and cards the saved card of each account of the seed.
	collected map[string][]string
	cards     [6]string
}

// bound is within what everything must be done once the faults have stopped.
const bound = 30 * time.Minute

func newWorld(seed uint64, p plan, folder string) (*world, error) {
	w := &world{
		seed: seed, die: die(seed), plan: p, folder: folder, trace: newTrace(), store: memory.New(), dawn: make(chan struct{}),
		counts: map[string]int{}, pulse: map[string]*pulse{}, charges: map[string]action.Money{}, hands: make(hands), collected: map[string][]string{},
	}
	w.life, w.end = context.WithCancel(context.Background())
	w.effects = &effects{w: w}
	w.raining.Store(p.weather != weather{} || p.crashes > 0)
	hook := &wire{w: w, hop: toWebhook, from: "stripe", gone: func() bool { return false }, reach: w.choose}
	var err error
	w.box, err = sandbox.New(sandbox.Options{
		WebhookURL: webhookURL, WebhookSecret: webhookSecret, WebhookClient: &http.Client{Transport: hook},
	})
	if err != nil {
		return nil, err
	}
	for i := range p.offices {
		o := &office{w: w, index: i, name: fmt.Sprintf("office-%d", i)}
		w.offices = append(w.offices, o)
	}
	for i := range p.devices {
		d, err := newDevice(w, i)
		if err != nil {
			return nil, err
		}
		w.devices = append(w.devices, d)
		if _, err := w.store.AddUser(context.Background(), bff.User{ID: d.actor(), Login: d.person(), Name: d.person(), PasswordHash: cheapHash(), Territories: []string{bff.EveryTerritory}}); err != nil {
			return nil, err
		}
	}
	// Stripe tells of it at once, to servers that are there by now.
	return w, w.saveCards()
}

// run lets the schedule happen and says how long the end took.
func (w *world) run() (drained time.Duration) {
	w.lock(w.plan.locks)
	w.eachOffice(func(o *office) error { return o.open() })
	half := w.plan.actions / w.plan.devices / 2
	w.eachDevice(func(d *device) { d.mind(false); d.day(0, half) })
	if w.plan.night > 0 {
		w.sleep()
	}
	w.eachDevice(func(d *device) { d.day(half, w.plan.actions/w.plan.devices-half) })
	w.lock(0)
	w.raining.Store(false)
	w.trace.add("the faults stop")
	w.eachDevice(func(d *device) {
		if d.disk.Hits() == 0 {
			d.disk.Heal()
		}
	})
	began := time.Now()
	for !w.drained() {
		if time.Since(began) > bound {
			w.fail("not done %v after the faults stopped", bound)
			break
		}
		pause(w.life, 2*time.Second)
		w.eachDevice(func(d *device) { d.mind(true) })
	}
	w.trace.add("all is done")
	return time.Since(began)
}

// sleep turns everything off for a night, or for a weekend.
func (w *world) sleep() {
	if w.die.share(0, "late charge") < 0.8 {
		w.devices[0].chargeLate()
	}
	w.eachDevice(func(d *device) {
		if d.p != nil {
			if counts, err := d.count(); err == nil && counts.Unsent > 0 {
				w.trace.saw(dayCrossed)
			}
		}
		if d.disk.Hits() > 0 {
			d.crash()
		}
		d.quit()
	})
	w.eachOffice(func(o *office) error {
		o.closed.Store(true)
		if s := o.now.Swap(nil); s != nil {
			s.dead.Store(true)
			s.stop()
		}
		return nil
	})
	w.trace.add("the night begins")
	pause(w.life, w.plan.night)
	w.trace.add("the night is over")
	close(w.dawn)
	w.eachOffice(func(o *office) error {
		o.closed.Store(false)
		return o.open()
	})
}

func (w *world) eachDevice(do func(*device)) {
	var all sync.WaitGroup
	for _, d := range w.devices {
		all.Go(func() { do(d) })
	}
	all.Wait()
}

func (w *world) eachOffice(do func(*office) error) {
	for _, o := range w.offices {
		if err := do(o); err != nil {
			w.fail("%v", err)
		}
	}
}

func (w *world) drained() bool {
	for _, d := range w.devices {
		if !d.done() {
			return false
		}
	}
	if !w.lostSettled() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.charges {
		if !w.effects.booked(id) {
			return false
		}
	}
	return true
}

// lostSettled reports whether the servers are through with what an older journal
// does not know any more: no device waits for that. What is held for good, because
// nobody can mend what it comes after, is as settled as it gets.
func (w *world) lostSettled() bool {
	var ids []string
	for _, d := range w.devices {
		ids = append(ids, d.lostIDs()...)
	}
	if len(ids) == 0 {
		return true
	}
	entries, err := w.store.Entries(context.Background(), ids)
	if err != nil {
		w.fail("reading the ledger: %v", err)
	}
	for _, e := range entries {
		if !e.Settled() && e.Waiting.Class() != action.Held {
			return false
		}
	}
	return true
}

// close ends every goroutine.
func (w *world) close() {
	w.eachDevice(func(d *device) { d.quit() })
	w.end()
	w.eachOffice(func(o *office) error {
		if s := o.now.Swap(nil); s != nil {
			s.stop()
		}
		return nil
	})
	if err := w.box.Close(context.Background()); err != nil {
		w.fail("closing the sandbox: %v", err)
	}
	w.work.Wait()
	// A sign-in to Salesforce belongs to all who wait for it, so it outlives each
	// of them, and ends by its own time-out at the latest.
	pause(context.Background(), time.Minute)
	close(w.hands)
	for _, d := range w.devices {
		if err := d.scrap(); err != nil {
			w.fail("%s: %v", d.name, err)
		}
	}
}

// lock lets somebody in the office hold locks in Salesforce.
func (w *world) lock(share float64) {
	rules := "[]"
	if share > 0 {
		rules = fmt.Sprintf(`[{"match":{"probability":%g,"seed":%d},"effect":{"recordError":"UNABLE_TO_LOCK_ROW"}}]`, share, w.seed)
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, salesforceURL+"/__control/faults", strings.NewReader(rules))
	if err != nil {
		w.fail("locking: %v", err)
		return
	}
	a := newAnswer()
	if w.box.SalesforceHandler().ServeHTTP(a, r); a.status != http.StatusOK {
		w.fail("locking: %d %s", a.status, a.body.String())
	}
}

// count returns how often it was asked about what before.
func (w *world) count(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.counts[what]
	w.counts[what]++
	return n
}

// fail notes that something is wrong.
func (w *world) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.trace.add("WRONG: %s", text)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = append(w.failures, w.trace.rename(text))
}

func (w *world) failed() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failures
}

// codeIs reports whether an outcome has one of the codes.
func codeIs(o action.Outcome, codes ...action.Code) bool {
	for _, c := range codes {
		if o.Code == c {
			return true
		}
	}
	return false
}
