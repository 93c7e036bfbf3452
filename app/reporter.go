package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/buildinfo"
	"fieldpay/queue"
)

// When the office hears how the device is: soon after the start, then at least
// this often, and sooner when what is unsent has changed. A report that fails is
// tried again later and later.
const (
	reportFirst  = 3 * time.Second
	reportLook   = 15 * time.Second
	reportEvery  = 5 * time.Minute
	reportSlowed = 30 * time.Minute
	// reportedEvents limits the events of one report.
	reportedEvents = 300
)

const cursorFile = "telemetry.cursor"

// reporter tells the office how the device is. It has a lane of its own: it
// waits while actions are being sent, and what becomes of a report delays
// nothing.
type reporter struct {
	device    *Device
	replay    *queue.Replay
	inspector *inspector
	last      bffclient.Telemetry
	sent      time.Time
	failures  int
}

// run reports until ctx ends.
func (r *reporter) run(ctx context.Context) {
	if !r.device.config.Reports() {
		return
	}
	timer := time.NewTimer(reportFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.failures++
			if r.failures == 1 { // once, not each time: an office without telemetry is no trouble
				r.device.record(event.TelemetryFailed, event.Fields{"code": action.CodeOf(err)})
			}
		}
		timer.Reset(min(reportLook<<min(max(0, r.failures-1), 10), reportSlowed))
	}
}

// look reports if there is a reason to, and the way is free.
func (r *reporter) look(ctx context.Context) error {
	status := r.replay.Status()
	if !reachable(status.Connection.State) || status.Draining || !r.device.SignedIn() {
		return nil
	}
	t, err := r.gather(ctx, status)
	if err != nil {
		return err
	}
	if time.Since(r.sent) < reportEvery && len(t.Events) == 0 && sameWork(t, r.last) {
		return nil
	}
	if err := r.device.client.Report(ctx, t); err != nil {
		return fmt.Errorf("telling the office how the device is: %w", err)
	}
	r.last, r.sent, r.failures = t, time.Now(), 0
	if n := len(t.Events); n > 0 {
		return r.device.writeCursor(t.Events[n-1].At)
	}
	return nil
}

// sameWork reports whether two reports say the same of what is unsent.
func sameWork(a, b bffclient.Telemetry) bool {
	return a.Unsent == b.Unsent && a.NeedsPerson == b.NeedsPerson && a.Sound == b.Sound && slices.Equal(a.Sums, b.Sums)
}

func (r *reporter) gather(ctx context.Context, status queue.Status) (bffclient.Telemetry, error) {
	d := r.device
	counts, err := d.journal.Counts(ctx)
	if err != nil {
		return bffclient.Telemetry{}, fmt.Errorf("counting actions: %w", err)
	}
	head, err := d.journal.Head(ctx)
	if err != nil {
		return bffclient.Telemetry{}, err
	}
	report, err := r.inspector.latest(ctx)
	if err != nil {
		return bffclient.Telemetry{}, err
	}
	t := bffclient.Telemetry{
		DeviceID: d.journal.DeviceID(), Version: buildinfo.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, SentAt: time.Now().UTC(),
		Unsent: counts.Unsent, NeedsPerson: counts.ByState[queue.Review] + counts.ByState[queue.Failed],
		Sums: []bffclient.TelemetrySum{}, Head: &bffclient.ChainPoint{Position: head.Position, MAC: head.MAC},
		Sound: report.OK && !status.Suspect, Events: []bffclient.TelemetryEvent{},
	}
	for _, m := range counts.UnsentSums {
		t.Sums = append(t.Sums, bffclient.TelemetrySum{Currency: string(m.Currency), Amount: m.Minor})
	}
	if oldest := counts.OldestUnsent.UTC(); !counts.OldestUnsent.IsZero() {
		t.OldestUnsent = &oldest
	}
	t.Events, err = d.unreported()
	return t, err
}

// unreported are the events since the last report, oldest first. When there are
// too many, those that come with every run are left out first, then the oldest.
func (d *Device) unreported() ([]bffclient.TelemetryEvent, error) {
	since, err := d.readCursor()
	if err != nil {
		return nil, err
	}
	events, err := d.diary.Last(bundledEvents)
	if err != nil {
		return nil, err
	}
	events = slices.DeleteFunc(events, func(e event.Event) bool { return !e.At.After(since) })
	if len(events) > reportedEvents {
		usual := []event.Name{event.SyncStarted, event.SyncCompleted, event.DrainTaken, event.FetchAccounts}
		events = slices.DeleteFunc(events, func(e event.Event) bool { return slices.Contains(usual, e.Name) })
	}
	events = events[:min(reportedEvents, len(events))]
	out := make([]bffclient.TelemetryEvent, len(events))
	for i, e := range events {
		out[len(events)-1-i] = bffclient.TelemetryEvent{At: e.At, Name: string(e.Name), Fields: e.Fields}
	}
	return out, nil
}

// readCursor is the time of the newest event that was reported. A cursor that
// cannot be read begins anew: an event that is told twice does no harm.
func (d *Device) readCursor() (time.Time, error) {
	text, err := os.ReadFile(filepath.Join(d.config.DataDir.Value, cursorFile))
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading how far was reported: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}, nil
	}
	return at, nil
}

func (d *Device) writeCursor(at time.Time) error {
	path := filepath.Join(d.config.DataDir.Value, cursorFile)
	if err := os.WriteFile(path, []byte(at.UTC().Format(time.RFC3339Nano)+"\n"), 0o600); err != nil {
		return fmt.Errorf("noting how far was reported: %w", err)
	}
	return nil
}
