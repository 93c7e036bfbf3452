package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/app/crash"
	"fieldpay/app/event"
	"fieldpay/app/kiosk"
	"fieldpay/internal/buildinfo"
	"fieldpay/queue"
)

// callTimeout limits one call of the bridge. It is shorter than the screens'
// own patience, so that they get a reason and not a guess.
const callTimeout = 25 * time.Second

// Options configures an [App]. Device.Config is required.
type Options struct {
	Device DeviceOptions
	// Refusal is why the device must not be opened, if it must not: each call of
	// the screens gets it. Default: nil.
	Refusal error
	// Downloads is the folder that files for a person are put into. Default: none,
	// the page keeps them as browsers do.
	Downloads string
	// OpenPage shows an address in the system's browser. Default: nil, the page
	// offers the address as a link.
	OpenPage func(address string) error
	// Host names what shows the screens: "wails" or "browser". Default: "".
	Host string
	// WatchCrashes lets the runtime write this process's death into the data
	// folder. It is for the whole process: a program sets it, a test does not.
	WatchCrashes bool
}

// App is a device that lives: it replays, keeps the reference cache fresh and
// tells the screens what changed.
type App struct {
	options Options
	hub     *hub
	// opened is closed when Start has ended; running and failed are set before,
	// and again by a salvage.
	opened  chan struct{}
	mu      sync.Mutex
	running *running
	failed  error
	start   sync.Once
	end     sync.Once
	closed  error

	// calls ends the calls under way when the app stops.
	calls context.Context
	// gone is closed when a manager has ended the kiosk.
	gone   chan struct{}
	goOnce sync.Once
	stop   context.CancelFunc
	tasks  sync.WaitGroup
}

// running is what exists after a good start.
type running struct {
	device    *Device
	door      *door
	replay    *queue.Replay
	refresher *refresher
	inspector *inspector
	renewal   *renewal
	// watcher is nil unless crashes are watched for.
	watcher *crash.Watcher
	preview preview
	// uses are the calls of the bridge under way; life ends the tasks.
	uses sync.WaitGroup
	life context.Context
	stop context.CancelFunc
}

// New makes an app that has touched nothing yet.
func New(o Options) *App {
	calls, stop := context.WithCancel(context.Background())
	return &App{options: o, hub: newHub(), opened: make(chan struct{}), gone: make(chan struct{}), calls: calls, stop: stop}
}

// Start opens the device and begins to work; it returns when the device is
// open. The context limits the opening alone. Calls of the bridge wait for it;
// after a failed start they all give its error. A second Start does nothing.
func (a *App) Start(ctx context.Context) error {
	a.start.Do(func() {
		defer close(a.opened)
		r, err := a.open(ctx)
		a.put(r, err)
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failed
}

func (a *App) open(ctx context.Context) (*running, error) {
	if a.options.Refusal != nil {
		return nil, a.options.Refusal
	}
	d, err := OpenDevice(ctx, a.options.Device)
	if err != nil {
		return nil, err
	}
	if err := d.completeVisits(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	replay, err := d.replay()
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	door, err := newDoor(ctx, d)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.collectCrashes()
	r := &running{device: d, door: door, replay: replay, refresher: newRefresher(d, a.hub), inspector: newInspector(d, func() { a.hub.publish(StatusTopic) }), renewal: newRenewal(d, replay, a.hub)}
	r.life, r.stop = context.WithCancel(a.calls)
	if a.options.WatchCrashes {
		if r.watcher, err = crash.Watch(d.config.DataDir.Value); err != nil {
			d.log.Warn().Err(err).Msg("a crash will leave no report")
		}
	}
	d.record(event.AppStarted, event.Fields{
		"version": buildinfo.Version(), "host": a.options.Host, "protection": string(d.Protection()),
	})
	if door.kiosk {
		findings := kiosk.Look()
		door.gaps = kiosk.Gaps(findings)
		d.tellGaps(findings)
	}
	a.tasks.Go(func() { a.run(r) })
	a.tasks.Go(func() { a.watch(r) })
	a.tasks.Go(func() { r.refresher.run(r.life) })
	a.tasks.Go(func() { r.inspector.run(r.life) })
	a.tasks.Go(func() { r.renewal.run(r.life) })
	a.tasks.Go(func() { d.archiving(r.life) })
	a.tasks.Go(func() { d.watchSpace(r.life, func() { a.hub.publish(StatusTopic) }) })
	reporter := &reporter{device: d, replay: replay, inspector: r.inspector}
	a.tasks.Go(func() { reporter.run(r.life) })
	return r, nil
}

// Stop ends the work, waits for every goroutine and closes the device. Whatever
// was being sent is found out about at the next start. A second Stop waits for
// the first and answers the same.
func (a *App) Stop() error {
	a.end.Do(func() { a.closed = a.close() })
	return a.closed
}

func (a *App) close() error {
	a.stop()
	a.start.Do(func() { // never started: nothing may start any more
		a.failed = &action.Error{Code: action.NotPossible, Message: "FieldPay is closing"}
		close(a.opened)
	})
	<-a.opened
	a.mu.Lock()
	r := a.running
	a.mu.Unlock()
	if r == nil {
		a.tasks.Wait()
		return nil
	}
	r.device.record(event.AppStopped, nil)
	return a.endLife(r)
}

// Kiosk reports whether the device is a kiosk.
func (a *App) Kiosk() bool { return a.options.Device.Config.kiosk() }

// Gone is closed when a manager has ended the kiosk: its window closes then, and
// only then or when the process is told to end.
func (a *App) Gone() <-chan struct{} { return a.gone }

func (a *App) leave() { a.goOnce.Do(func() { close(a.gone) }) }

// Subscribe starts a stream of announcements.
func (a *App) Subscribe() *Subscription { return a.hub.subscribe() }

// Renewed waits until a new version was installed, after which the program should
// end, so that the next start is one of it. It returns false when ctx ends first,
// or the device could not be opened.
func (a *App) Renewed(ctx context.Context) bool {
	r, err := a.ready(ctx)
	if err != nil {
		return false
	}
	select {
	case <-r.renewal.renewed:
		return true
	case <-ctx.Done():
		return false
	}
}

// Context ends when the app is told to stop.
func (a *App) Context() context.Context { return a.calls }

// Bridge is what the screens may call.
func (a *App) Bridge() *Bridge { return &Bridge{app: a} }

// ready waits until the device is open.
func (a *App) ready(ctx context.Context) (*running, error) {
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the device: %w", ctx.Err())
	case <-a.opened:
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.running, a.failed
	}
}

// use is ready for a call that says when it is done; nothing is closed before.
func (a *App) use(ctx context.Context) (*running, func(), error) {
	if _, err := a.ready(ctx); err != nil {
		return nil, nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed != nil {
		return nil, nil, a.failed
	}
	a.running.uses.Add(1)
	return a.running, a.running.uses.Done, nil
}

// run replays until the app stops. An end before that is a fault: it is told,
// and the journal keeps what was not sent.
func (a *App) run(r *running) {
	err := r.replay.Run(r.life)
	if err != nil && r.life.Err() == nil {
		r.device.log.Error().Err(err).Msg("replay ended")
		r.device.record(event.SyncFailed, event.Fields{"error": action.CodeOf(err)})
	}
}

// watch turns changes of journal and replay into announcements, and asks for
// fresh reference data when a connection came or something took effect.
func (a *App) watch(r *running) {
	journal, leaveJournal := r.device.journal.Changes()
	defer leaveJournal()
	replay, leaveReplay := r.replay.Changes()
	defer leaveReplay()
	last := r.replay.Status().Connection.State
	applied := r.lastApplied(r.life)
	environment := r.device.environment()
	for {
		select {
		case <-r.life.Done():
			return
		case <-journal:
			if at := r.lastApplied(r.life); at.After(applied) {
				applied = at
				r.refresher.want()
			}
			a.hub.publish(OutboxTopic, StatusTopic)
		case <-replay:
			now := r.replay.Status().Connection.State
			if reachable(now) && !reachable(last) {
				r.refresher.want()
			}
			last = now
			a.hub.publish(StatusTopic)
			if told := r.device.environment(); told != environment {
				environment = told
				a.hub.publish(SessionTopic) // Bootstrap has more to say
			}
		}
	}
}

// reachable reports whether the server answers our calls.
func reachable(s queue.ConnState) bool { return s == queue.Online || s == queue.Degraded }

// lastApplied is when an action took effect last. A journal that cannot be read
// at this moment answers with the zero time, and is asked at the next change.
func (r *running) lastApplied(ctx context.Context) time.Time {
	counts, err := r.device.journal.Counts(ctx)
	if err != nil {
		r.device.log.Warn().Str("code", string(action.CodeOf(err))).Msg("the journal could not be counted")
		return time.Time{}
	}
	return counts.LastApplied
}
