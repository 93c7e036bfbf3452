package queue_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// key is a data key of tests.
func key() []byte {
	k := make([]byte, 32)
	for i := range k {
		k[i] = byte(i)
	}
	return k
}

func openAt(t *testing.T, path string) *queue.Journal {
	t.Helper()
	j, err := queue.Open(context.Background(), queue.Options{Path: path, Key: key()})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func closeJournal(t *testing.T, j *queue.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// journal opens a journal of its own for the test.
func journal(t *testing.T) *queue.Journal {
	t.Helper()
	j := openAt(t, filepath.Join(t.TempDir(), "journal.db"))
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func visit(account string) *action.LogVisit {
	return &action.LogVisit{AccountID: account, Note: "spoke with the buyer", Outcome: action.Met}
}

func payment(invoice string, amount int64, currency action.Currency) *action.RecordPayment {
	return &action.RecordPayment{InvoiceID: invoice, Amount: amount, Currency: currency, Method: action.Cash}
}

func invoice(id string, amount int64) *action.CreateInvoice {
	return &action.CreateInvoice{ID: id, AccountID: "acc-001", Amount: amount, Currency: "usd", Description: "Platform licence"}
}

func keep(t *testing.T, j *queue.Journal, p action.Payload, needs ...string) queue.Item {
	t.Helper()
	item, err := j.Append(context.Background(), queue.Draft{Payload: p, Actor: "rep-1", Needs: needs})
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func get(t *testing.T, j *queue.Journal, id string) queue.Item {
	t.Helper()
	item, err := j.Item(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func wantState(t *testing.T, j *queue.Journal, id string, want queue.State) queue.Item {
	t.Helper()
	item := get(t, j, id)
	if item.State != want {
		t.Errorf("action %d is %s, want %s (%+v)", item.Sequence, item.State, want, item.Outcome)
	}
	return item
}

func wantCode(t *testing.T, err error, want action.Code) {
	t.Helper()
	if got := action.CodeOf(err); got != want {
		t.Errorf("got code %q of %v, want %q", got, err, want)
	}
}

func wantSound(t *testing.T, j *queue.Journal) {
	t.Helper()
	report, err := j.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK {
		t.Errorf("the journal has problems: %+v", report.Problems)
	}
}

// half is jitter that tests can compute with.
func half() float64 { return 0.5 }

// device is a journal and a replay against a server that behaves, in virtual
// time.
type device struct {
	t       *testing.T
	path    string
	journal *queue.Journal
	replay  *queue.Replay
	server  *queuetest.Server
	stop    func()
	mu      sync.Mutex
	events  []queue.Event
}

// inBubble runs a test with a device whose replay is not yet running.
func inBubble(t *testing.T, test func(*device)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &device{t: t, path: filepath.Join(folder, "journal.db"), server: queuetest.NewServer(), stop: func() {}}
		d.open()
		defer d.shut()
		test(d)
	})
}

func (d *device) open() {
	d.t.Helper()
	d.journal = openAt(d.t, d.path)
	d.replay = d.newReplay(d.journal)
}

func (d *device) newReplay(j *queue.Journal) *queue.Replay {
	d.t.Helper()
	r, err := queue.NewReplay(queue.ReplayOptions{
		Journal: j, Sender: d.server, Prober: d.server, LockPath: d.path + ".lock", Rand: half,
		OnEvent: func(e queue.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.events = append(d.events, e)
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// run starts the replay, and lets it come to rest.
func (d *device) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var owner sync.WaitGroup
	owner.Go(func() {
		if err := d.replay.Run(ctx); err != nil {
			d.t.Error(err)
		}
	})
	d.stop = func() {
		cancel()
		owner.Wait()
		d.stop = func() {}
	}
	d.rest()
}

func (d *device) rest() { synctest.Wait() }

// after lets virtual time pass.
func (d *device) after(span time.Duration) {
	timer := time.NewTimer(span)
	<-timer.C
	synctest.Wait()
}

// shut ends the replay and closes the journal, as at the end of a day.
func (d *device) shut() {
	d.stop()
	closeJournal(d.t, d.journal)
}

func (d *device) eventNames() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, e := range d.events {
		names = append(names, e.Name)
	}
	return names
}

func queuetestFault(code action.Code) queuetest.Fault { return queuetest.Fault{Before: fault(code)} }
