package queue

import (
	"context"
	"errors"
	"time"

	"fieldpay/action"
)

// grace is how long a batch on its way may still be answered after another one
// has failed. What comes later is looked up.
const grace = 5 * time.Second

// flight is a batch on its way.
type flight struct {
	parcels []*parcel
	landed  chan landing
}

type landing struct {
	reply Reply
	err   error
}

// sendAll sends until nothing is due. On a long way the next batch leaves before
// the one before is answered; they are settled in the order in which they left.
// Should they overtake each other, the server holds what has come too early.
func (run *run) sendAll(ctx context.Context) error {
	calls, cancel := context.WithCancel(ctx)
	defer cancel()
	var flying []*flight
	var failed error
	late := time.AfterFunc(time.Hour, cancel)
	late.Stop()
	defer late.Stop()
	for more := true; ; {
		for more && failed == nil && len(flying) < run.r.drain.width() {
			var f *flight
			if f, more, failed = run.launch(ctx, calls); f != nil {
				flying = append(flying, f)
			}
		}
		if len(flying) == 0 {
			return failed
		}
		if failed != nil {
			late.Reset(grace)
		}
		first := flying[0]
		flying = flying[1:]
		again, err := run.land(ctx, first, <-first.landed)
		more = more || again
		if failed == nil {
			failed = err
		}
	}
}

// launch takes the next batch and sends it off, or returns nil where nothing is
// due. more says that there may be another behind it.
func (run *run) launch(ctx, calls context.Context) (f *flight, more bool, err error) {
	r := run.r
	if ctx.Err() != nil || r.Status().Connection.State == ForcedOffline {
		return nil, false, ctx.Err()
	}
	out, err := r.o.Journal.take(ctx, selection{
		fence: r.drain.fence, count: r.drain.count, bytes: batchBytes, resend: r.drain.resend, early: run.early,
	})
	if errors.Is(err, errSuspect) {
		r.suspect("put_back", 1)
	}
	if err != nil {
		return nil, false, r.journalFailed(err)
	}
	if len(out.broken) > 0 {
		r.suspect("row_changed", len(out.broken))
	}
	if len(out.parcels) == 0 {
		return nil, false, nil
	}
	run.begin(ctx)
	f = &flight{parcels: out.parcels, landed: make(chan landing, 1)}
	go func() {
		reply, err := r.o.Sender.Send(calls, out.batch)
		f.landed <- landing{reply: reply, err: err}
	}()
	return f, out.full, nil
}

// land settles what came of a batch. again says that there may be more to send.
func (run *run) land(ctx context.Context, f *flight, l landing) (again bool, err error) {
	if l.err != nil {
		return run.undelivered(ctx, f.parcels, l.err)
	}
	run.r.callAnswered()
	return true, run.delivered(ctx, f.parcels, l.reply)
}

// delivered settles a batch by its reply. It is noted even when ctx has ended:
// what the server said must not be lost.
func (run *run) delivered(ctx context.Context, parcels []*parcel, reply Reply) error {
	r := run.r
	result, err := r.o.Journal.settle(context.WithoutCancel(ctx), r.drain.fence, parcels, reply, r.o.Rand)
	if err != nil {
		return r.journalFailed(err)
	}
	for _, p := range parcels {
		delete(r.drain.resend, p.record.id)
	}
	r.drain.count = min(r.drain.most(), r.drain.count*2)
	if result.lost > 0 || len(result.ignored) > 0 {
		r.tell(ReplyIncomplete, map[string]any{"missing": result.lost, "foreign": len(result.ignored)})
	}
	if result.forked {
		r.suspect("server_knows_another_chain", 1)
	}
	run.sum.Sent += len(parcels)
	run.count(result.moved)
	r.drain.soon(result)
	r.change(func() {
		r.status.LastSync = time.Now().UTC()
		r.status.Done += len(parcels)
		r.status.Total = max(r.status.Total, r.status.Done)
	})
	return nil
}

// undelivered deals with a batch that got no reply.
func (run *run) undelivered(ctx context.Context, parcels []*parcel, cause error) (more bool, err error) {
	r := run.r
	code, after := callFailure(cause)
	kept := context.WithoutCancel(ctx)
	switch treatmentOf(code) {
	case giveBackAndStop:
		err = r.o.Journal.giveBack(kept, r.drain.fence, parcels)
	case giveBackAndSplit:
		if len(parcels) > 1 {
			r.drain.count = max(1, len(parcels)/2)
			return true, r.journalFailed(r.o.Journal.giveBack(kept, r.drain.fence, parcels))
		}
		// It does not even pass alone: it waits, and the other lanes go on.
		return true, r.journalFailed(r.o.Journal.postpone(kept, r.drain.fence, parcels[0], action.Outcome{
			ID: parcels[0].record.id, Status: action.StatusWaiting, Class: action.Transient, Code: code,
			Error: code.Message(), RetryAfterMs: after.Milliseconds(), OutcomeAt: time.Now().UTC(),
		}, r.o.Rand()))
	default:
		err = r.o.Journal.lose(kept, r.drain.fence, parcels, code)
		r.drain.pollAt, r.drain.polls = time.Time{}, 0
		for _, p := range parcels {
			delete(r.drain.resend, p.record.id)
		}
	}
	if errors.Is(err, errFenced) {
		// An older fence looks like an older journal: it was overtaken, no more.
		return false, r.journalFailed(err)
	}
	if ctx.Err() == nil {
		r.callFailed(ctx, cause)
	}
	if err != nil {
		return false, r.journalFailed(err)
	}
	return false, cause
}
