package simulate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/crashfs"
	"fieldpay/queue"
)

// device is one laptop and its person.
type device struct {
	w      *world
	name   string
	index  int
	random *rand.Rand
	disk   *crashfs.Disk
	lock   string
	purse  *purse
	boots  int
	// p is the process that runs, nil while there is none, and twin another one
	// beside it.
	p, twin *process
	// deeds is all that the person did, acknowledged or not.
	deeds []*deed
	byID  map[string]*deed
	tries map[string]int // how often the person decided about an action
	// ahead is how far the clock is ahead, in nanoseconds.
	ahead atomic.Int64
	// copy has the journal's files as of an earlier moment, copied how many deeds it has,
	// and restored says that it was put back.
	copy     map[string][]byte
	copied   int
	restored atomic.Bool
}

// process is one run of the app.
type process struct {
	name    string
	dead    atomic.Bool
	journal *queue.Journal
	replay  *queue.Replay
	client  *bffclient.Client
	stop    context.CancelFunc
	ended   chan struct{}
	// changed tells that counts is out of date.
	changed  <-chan struct{}
	unlisten func()
	counts   queue.Counts
	counted  bool
	// freed: what is held was looked at since the last change.
	freed bool
}

func (p *process) gone() bool { return p.dead.Load() }

func newDevice(w *world, index int) (*device, error) {
	d := &device{
		w: w, index: index, name: "device-" + strconv.Itoa(index), purse: &purse{pins: map[string]string{}},
		byID: map[string]*deed{}, tries: map[string]int{},
	}
	d.lock, d.random = filepath.Join(w.folder, d.name), w.die.random(d.name)
	var err error
	d.disk, err = crashfs.New(w.die.of(index, "disk"))
	if err == nil && w.die.share(index, "new disk") > 0.1 {
		var made []byte
		made, err = newJournal(index)
		d.disk.Put(d.name+".db", made)
	}
	return d, err
}

// deviceID is the same in every schedule, so that one new journal does for all.
func deviceID(index int) string { return die(0).id(index, "device") }

// made has the file of a new journal for each device: to make one anew for
// every schedule would take a third of its time.
var made sync.Map

func newJournal(index int) ([]byte, error) {
	if known, ok := made.Load(index); ok {
		return known.([]byte), nil
	}
	disk, err := crashfs.New(0)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(disk, "new.db", index, time.Now)
	if err != nil {
		return nil, err
	}
	if err := j.Close(); err != nil {
		return nil, err
	}
	file := disk.Files()["new.db"]
	made.Store(index, file)
	return file, disk.Close()
}

// boot starts the app, again when the power goes meanwhile.
func (d *device) boot() error {
	if d.p != nil {
		return nil
	}
	d.boots++
	p := &process{name: d.name, ended: make(chan struct{})}
	err := d.openJournal(p)
	if err != nil && d.disk.Hits() > 0 {
		if d.twin != nil {
			d.crash()
		} else if err := d.disk.Restore(); err != nil {
			return err
		}
		d.w.trace.saw(powerCut)
		err = d.openJournal(p)
	}
	if err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	err = d.start(p)
	if d.p = p; err != nil {
		d.p = nil
	}
	return err
}

func (d *device) openJournal(p *process) (err error) {
	p.journal, err = openJournal(d.disk, d.name+".db", d.index, d.now)
	return err
}

func openJournal(on *crashfs.Disk, file string, index int, now func() time.Time) (*queue.Journal, error) {
	return queue.Open(context.Background(), queue.Options{
		Path: file, VFS: on.Name(), Key: make([]byte, 32), DeviceID: deviceID(index), Now: now,
	})
}

func (d *device) start(p *process) (err error) {
	p.client, err = bffclient.New(bffclient.Options{
		BaseURL: officeURL, Tokens: &wallet{purse: d.purse, p: p}, Pins: d.purse, DeviceID: p.journal.DeviceID(), DeviceKey: d.key(), Now: d.now,
		HTTP: &http.Client{Transport: &wire{
			w: d.w, hop: toOffice, from: p.name, gone: p.gone, reach: d.w.choose,
		}},
	})
	if err != nil {
		return fmt.Errorf("making the client: %w", err)
	}
	p.replay, err = queue.NewReplay(queue.ReplayOptions{
		Journal: p.journal, Sender: courier{p.client, d, p}, Prober: courier{p.client, d, p}, LockPath: d.lock,
		Rand: d.w.die.jitter(p.name), OnEvent: func(e queue.Event) { d.told(p, e) }, Network: func() string { return "" },
	})
	if err != nil {
		return fmt.Errorf("making the replay: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.changed, p.unlisten = p.journal.Changes()
	d.w.work.Go(func() {
		defer close(p.ended)
		if err := p.replay.Run(ctx); err != nil {
			d.w.fail("%s: replay ended: %v", p.name, err)
		}
	})
	d.w.trace.add("%s boots", p.name)
	return nil
}

func (d *device) told(p *process, e queue.Event) {
	switch e.Name {
	case queue.DrainTaken:
		if p.name != d.name {
			d.w.trace.saw(twinDrains)
		}
	case queue.JournalSuspect:
		if d.restored.Load() {
			return // it is, and the person is told
		}
		d.w.fail("%s finds its journal suspect: %v", d.name, e.Fields)
	case queue.ConnectionChanged:
		d.w.trace.add("%s is %v", p.name, e.Fields["state"])
		switch {
		case e.Fields["state"] == string(queue.Portal):
			d.w.trace.saw(portalSeen)
		case e.Fields["code"] == string(action.Revoked):
			d.w.trace.saw(lockedOut)
		}
	}
}

// crash takes the power away from the device.
func (d *device) crash() {
	running := d.running()
	if len(running) == 0 {
		return
	}
	d.w.trace.add("%s loses power", d.name)
	d.disk.Cut()
	for _, p := range running {
		p.dead.Store(true)
	}
	for _, p := range running {
		p.rest()
		_ = p.journal.Close() // it says that the power is off
	}
	d.p, d.twin = nil, nil
	d.power()
}

// power brings the power back.
func (d *device) power() {
	if err := d.disk.Restore(); err != nil {
		d.w.fail("%s: %v", d.name, err)
	}
}

// running are the processes of the device.
func (d *device) running() (all []*process) {
	for _, p := range []*process{d.twin, d.p} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// rest ends the work of a process, and waits for it.
func (p *process) rest() {
	p.stop()
	p.unlisten()
	<-p.ended
}

// quit ends the app as a person does.
func (d *device) quit() {
	d.leave(&d.twin)
	d.leave(&d.p)
}

// leave ends one process.
func (d *device) leave(which **process) {
	p := *which
	if p == nil {
		return
	}
	if d.disk.Hits() > 0 {
		d.crash()
		return
	}
	d.w.trace.add("%s quits", p.name)
	p.rest()
	err := p.journal.Close()
	p.dead.Store(true)
	*which = nil
	switch {
	case d.disk.Hits() > 0 && len(d.running()) > 0:
		d.crash()
	case d.disk.Hits() > 0:
		d.power()
	case err != nil:
		d.w.fail("%s: closing the journal: %v", p.name, err)
	}
}

// count sums the journal up, anew when it has changed.
func (d *device) count() (queue.Counts, error) {
	select {
	case <-d.p.changed:
		d.p.counted, d.p.freed = false, false
	default:
	}
	if d.p.counted {
		return d.p.counts, nil
	}
	var err error
	d.p.counts, err = d.p.journal.Counts(context.Background())
	d.p.counted = err == nil
	return d.p.counts, err
}

func (d *device) scrap() error { return d.disk.Close() }

// purse is what a device keeps of its sign-in, over restarts.
type purse struct {
	mu     sync.Mutex
	tokens bffclient.Tokens
	pins   map[string]string
}

// Pin implements bffclient.PinStore.
func (s *purse) Pin(_ context.Context, server string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pins[server], nil
}

// SetPin implements bffclient.PinStore.
func (s *purse) SetPin(_ context.Context, server, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pins[server] = key
	return nil
}

// wallet is the purse in the hand of one process: a dead one stores nothing.
type wallet struct {
	purse *purse
	p     *process
}

var errDead = errors.New("this process is dead")

// Tokens implements bffclient.TokenSource.
func (h *wallet) Tokens(context.Context) (bffclient.Tokens, error) {
	h.purse.mu.Lock()
	defer h.purse.mu.Unlock()
	return h.purse.tokens, nil
}

// Store implements bffclient.TokenSource.
func (h *wallet) Store(_ context.Context, t bffclient.Tokens) error {
	h.purse.mu.Lock()
	defer h.purse.mu.Unlock()
	if h.p.gone() {
		return errDead
	}
	h.purse.tokens = t
	return nil
}

// Drop implements bffclient.TokenSource.
func (h *wallet) Drop(context.Context) error {
	return h.Store(context.Background(), bffclient.Tokens{})
}

// person is the login of the device's owner.
func (d *device) person() string { return "rep-" + strconv.Itoa(d.index) }

// signIn signs the person in, if the way allows it.
func (d *device) signIn(p *process) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := p.client.SignIn(ctx, d.person(), password); err != nil {
		d.w.trace.add("%s cannot sign in: %s", p.name, action.CodeOf(err))
		return
	}
	d.w.trace.add("%s signs in", p.name)
	if d.boots > 1 || d.w.count(d.name+" signs in") > 0 {
		d.w.trace.saw(signedInAgain)
	}
	p.replay.SignedIn()
}

// cutLater takes the power away at the n-th disk operation from now.
func (d *device) cutLater(n int) {
	d.disk.Plan(crashfs.Fault{Kind: crashfs.PowerCut, At: n})
}
