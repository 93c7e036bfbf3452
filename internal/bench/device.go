package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/queue"
)

// fixture is a device with a data folder of its own.
type fixture struct {
	dir string
	*app.Device
}

// environment of a device in dir: one without a keychain, so that the measured
// programs and this one find the same key.
func environment(dir string) map[string]string {
	return map[string]string{
		app.DataDirVar: filepath.Join(dir, "data"), app.KeyDirVar: filepath.Join(dir, "key"),
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(dir, "no-bus"),
	}
}

// noKeychain stands for the keychain that this machine may have.
type noKeychain struct{}

var errNoKeychain = errors.New("the bench uses no keychain")

// Get has nothing.
func (noKeychain) Get(string, string) (string, error) { return "", errNoKeychain }

// Set keeps nothing.
func (noKeychain) Set(string, string, string) error { return errNoKeychain }

// openDevice opens the device in dir for a server.
func openDevice(ctx context.Context, dir, bff string) (*fixture, error) {
	vars := environment(dir)
	vars[app.BFFVar] = bff
	config, err := app.Configure(app.Flags{}, func(name string) string { return vars[name] })
	if err != nil {
		return nil, fmt.Errorf("configuring a device: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a device's folder: %w", err)
	}
	d, err := app.OpenDevice(ctx, app.DeviceOptions{Config: config, Keyring: noKeychain{}})
	if err != nil {
		return nil, fmt.Errorf("opening a device: %w", err)
	}
	return &fixture{dir: dir, Device: d}, nil
}

// freshDevice makes an empty device that lives as long as the run.
func (b *bench) freshDevice(ctx context.Context, bff string) (*fixture, error) {
	dir, err := b.folder("device")
	if err != nil {
		return nil, err
	}
	f, err := openDevice(ctx, dir, bff)
	if err != nil {
		return nil, err
	}
	b.onClose(f.Close)
	return f, nil
}

// history returns the device with n settled actions, made at its first use.
func (b *bench) history(ctx context.Context, n int) (*fixture, error) {
	if f := b.long[n]; f != nil {
		return f, nil
	}
	schema, err := schemaName(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.keep, fmt.Sprintf("history-%s-%d", schema, n))
	f, err := openDevice(ctx, dir, app.DefaultBFF)
	if err != nil {
		return nil, err
	}
	b.onClose(f.Close)
	b.long[n] = f
	counts, err := f.Journal().Counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting a journal: %w", err)
	}
	missing := n - counts.ByState[queue.Applied]
	return f, b.settleMore(ctx, f, missing)
}

// schemaName tells journals apart that were made under different schemas: a
// kept one of an older schema would be measured for a newer.
func schemaName(ctx context.Context) (string, error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(root, "queue", "schema", "*.sql"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("finding the journal's schema: %w", err)
	}
	sum := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("reading the journal's schema: %w", err)
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:8], nil
}

// settleMore appends and settles in portions, so that a journal is never much
// larger than it will be.
func (b *bench) settleMore(ctx context.Context, f *fixture, n int) error {
	if n <= 0 {
		return nil
	}
	b.say("  making a history of %d actions", n)
	const portion = 50_000
	for done := 0; done < n; done += portion {
		if err := fill(ctx, f.Journal(), min(portion, n-done)); err != nil {
			return err
		}
		if _, err := drainInMemory(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// fill appends n actions from many callers, which share commits.
func fill(ctx context.Context, j *queue.Journal, n int) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make([]error, 256)
	var work sync.WaitGroup
	for i := range errs {
		work.Go(func() {
			for errs[i] == nil {
				at := left.Add(-1)
				if at < 0 {
					return
				}
				_, errs[i] = j.Append(ctx, draft(int(at)))
			}
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("filling a journal: %w", err)
	}
	return nil
}

// draft is the nth action: an invoice of three lines, about 600 bytes of JSON
// in which every one differs as real ones do.
func draft(n int) queue.Draft { return queue.Draft{Payload: invoice(n), Actor: "user-001"} }

func invoice(n int) *action.CreateInvoice {
	words := strings.Fields(`pump seal filter valve service visit kit licence annual travel bearing hose
		gasket sensor inspection repair emergency motor panel cable training display upgrade battery`)
	pick := newPicker(n)
	lines := make([]action.Line, 3)
	for i := range lines {
		lines[i] = action.Line{
			Description: words[pick(len(words))] + " " + words[pick(len(words))] + " " + words[pick(len(words))] + ", part " + fmt.Sprint(10_000+pick(80_000)),
			Quantity:    fmt.Sprintf("%d.5", 1+pick(40)), UnitPrice: int64(500 + pick(90_000)), TaxRate: "19",
		}
	}
	return &action.CreateInvoice{
		AccountID: fmt.Sprintf("acc-%03d", 1+pick(2)), ContactID: "con-001", Currency: "usd",
		DueDate:     fmt.Sprintf("2027-%02d-%02d", 1+pick(12), 1+pick(28)),
		Description: words[pick(len(words))] + " " + words[pick(len(words))] + " " + words[pick(len(words))],
		Notes:       fmt.Sprintf("Order %d, taken at the customer's site with %s", 100_000+pick(900_000), words[pick(len(words))]),
		Lines:       lines,
	}
}

// newPicker draws numbers that depend on n alone.
func newPicker(n int) func(below int) int {
	state := uint64(n)*0x9e3779b97f4a7c15 + 0x632be59bd9b4e019
	return func(below int) int {
		state ^= state >> 12
		state ^= state << 25
		state ^= state >> 27
		return int((state * 0x2545f4914f6cdd1d >> 33) % uint64(below))
	}
}

// answering is a server that applies everything at once and keeps nothing.
type answering struct{}

// Probe says that all is well.
func (answering) Probe(context.Context) (queue.Probe, error) {
	return queue.Probe{ServerTime: time.Now()}, nil
}

// Send applies the batch.
func (answering) Send(_ context.Context, batch queue.Batch) (queue.Reply, error) {
	reply := queue.Reply{Acknowledged: batch.Head, Outcomes: make([]action.Outcome, len(batch.Actions))}
	for i, a := range batch.Actions {
		reply.Outcomes[i] = action.AppliedOutcome(a.ID, "a01-"+a.ID[:8], 1, time.Now())
	}
	return reply, nil
}

// Outcomes knows nothing: it is not asked.
func (answering) Outcomes(_ context.Context, ids []string) ([]action.Outcome, []string, error) {
	return nil, ids, nil
}

// drainInMemory sends what a device has to a server that answers at once.
func drainInMemory(ctx context.Context, f *fixture) (queue.Summary, error) {
	r, err := queue.NewReplay(queue.ReplayOptions{
		Journal: f.Journal(), Sender: answering{}, Prober: answering{}, LockPath: filepath.Join(f.dir, "replay.lock"),
	})
	if err != nil {
		return queue.Summary{}, fmt.Errorf("making a replay: %w", err)
	}
	sum, err := r.Once(ctx)
	if err != nil {
		return sum, fmt.Errorf("draining: %w", err)
	}
	return sum, nil
}
