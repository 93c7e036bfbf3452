package app

import (
	"context"
	"sync/atomic"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/queue"
)

// inspectEvery is how old the verdict on the journal may get. Reaching one
// reads the whole journal.
const inspectEvery = 10 * time.Minute

// inspector verifies the journal at the start, and again when somebody asks and
// the last verdict is old.
type inspector struct {
	device *Device
	asks   chan chan<- verdict
	// found says that the last inspection found something, or could not be made
	// for damage.
	found atomic.Bool
	// tell runs when that has changed.
	tell func()
}

// verdict is how an inspection ended.
type verdict struct {
	report queue.Report
	err    error
	at     time.Time
}

func newInspector(d *Device, tell func()) *inspector {
	return &inspector{device: d, tell: tell, asks: make(chan chan<- verdict)}
}

// run inspects until ctx ends.
func (i *inspector) run(ctx context.Context) {
	last := i.inspect(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case answer := <-i.asks:
			if last.err != nil || time.Since(last.at) > inspectEvery {
				last = i.inspect(ctx)
			}
			answer <- last
		}
	}
}

func (i *inspector) inspect(ctx context.Context) verdict {
	v := verdict{}
	v.report, v.err = i.device.journal.Verify(ctx)
	v.at = time.Now()
	bad := action.CodeOf(v.err) == action.JournalDamaged || v.err == nil && !v.report.OK
	if ctx.Err() == nil && i.found.Swap(bad) != bad {
		i.tell()
	}
	switch {
	case v.err != nil && ctx.Err() == nil:
		i.device.log.Error().Str("code", string(action.CodeOf(v.err))).Msg("the journal could not be verified")
	case v.err == nil && !v.report.OK:
		i.device.log.Error().Int("problems", len(v.report.Problems)).Msg("the journal is not as FieldPay left it")
		i.device.record(event.JournalSuspect, event.Fields{"reason": "verify", "count": len(v.report.Problems)})
	}
	return v
}

// latest waits for an inspection under way. One that takes longer than the
// caller waits goes on, and the next call has its verdict.
func (i *inspector) latest(ctx context.Context) (queue.Report, error) {
	answer := make(chan verdict, 1)
	select {
	case i.asks <- answer:
	case <-ctx.Done():
		return queue.Report{}, ctx.Err()
	}
	select {
	case v := <-answer:
		return v.report, v.err
	case <-ctx.Done():
		return queue.Report{}, ctx.Err()
	}
}
