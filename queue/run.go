package queue

import (
	"context"
	"errors"
	"time"

	"fieldpay/action"
)

// Times and sizes of asking for outcomes.
const (
	// slowEvery is how often the device asks about what a person or the office
	// may have turned.
	slowEvery = 45 * time.Second
	askCount  = 200
	pollCap   = time.Minute
)

// drain is what the runs of one process remember between them.
type drain struct {
	fence int64
	// count is the size of a batch: halved when the server finds it too large,
	// and grown again by successes.
	count int
	// resend has the unconfirmed actions that may go again under their id.
	resend map[string]bool
	// pollAt is when to ask about what is accepted or unconfirmed, polls how
	// often that brought nothing.
	pollAt time.Time
	polls  int
	slowAt time.Time
	// early says that a person cannot wait.
	early bool
	// roundTrip is how long the last good probe took.
	roundTrip time.Duration
}

// longWay is the round trip from which on a link stands idle for longer than a
// batch takes to cross it.
const longWay = 100 * time.Millisecond

// most is the largest batch: a long way is worth a larger one.
func (d *drain) most() int {
	if d.roundTrip >= longWay {
		return longBatchCount
	}
	return batchCount
}

// width is how many batches may be on their way. Of three on a long way one
// crosses it, one is at the server, and the answer to one is coming back or being
// settled; with two the line stood idle for a third of the time.
func (d *drain) width() int {
	if d.roundTrip >= longWay {
		return 3
	}
	return 1
}

func (d *drain) reset() { d.count, d.resend = batchCount, map[string]bool{} }

// hurry makes everything due: for a person, or because the way is free again.
func (d *drain) hurry(early bool) {
	d.pollAt, d.slowAt, d.polls = time.Time{}, time.Time{}, 0
	d.early = d.early || early
}

// nextQuestion is when to ask the server next, zero for never.
func (d *drain) nextQuestion(asking bool) time.Time {
	if !asking {
		return d.slowAt
	}
	return earliest(d.pollAt, d.slowAt)
}

// runDrain is one run: ask what is open, then send what is due until nothing is
// left. An error ends the run and says something about the call, never about an
// action.
func (r *Replay) runDrain(ctx context.Context, sum *Summary) error {
	run := &run{r: r, sum: sum}
	err := run.ask(ctx)
	if err == nil {
		err = run.sendAll(ctx)
	}
	r.drain.early = false
	run.finish(ctx, err)
	return err
}

// run is one pass over what is due.
type run struct {
	r     *Replay
	sum   *Summary
	early int64 // the chain's position up to which a person's hurry counts
	began bool
}

// ask looks up what is open and due to be asked.
func (run *run) ask(ctx context.Context) error {
	r, now := run.r, time.Now()
	if now.Before(r.drain.pollAt) && now.Before(r.drain.slowAt) {
		return nil
	}
	q, err := r.o.Journal.questions(ctx, r.o.Journal.now(), r.drain.early)
	if err != nil {
		return err
	}
	run.early = r.o.Journal.distrust.Load()
	if r.drain.early {
		run.early = q.head
	}
	for _, id := range q.repeat {
		r.drain.resend[id] = true
	}
	moved := 0
	if !now.Before(r.drain.pollAt) {
		n, err := run.askAll(ctx, q.urgent, true)
		if err != nil {
			return err
		}
		moved += n
		r.drain.polls++
		if n > 0 || len(q.urgent) == 0 {
			r.drain.polls = 1
		}
		wait := min(backoffBase<<min(r.drain.polls-1, 10), pollCap)
		r.drain.pollAt = time.Now().Add(wait)
	}
	if !now.Before(r.drain.slowAt) {
		if _, err := run.askAll(ctx, q.settled, false); err != nil {
			return err
		}
		r.drain.slowAt = time.Now().Add(slowEvery)
	}
	return nil
}

// askAll asks about ids in portions and returns how many moved. What the server
// does not know is sent again where resend says so.
func (run *run) askAll(ctx context.Context, ids []string, resend bool) (moved int, err error) {
	r := run.r
	for len(ids) > 0 {
		portion := ids[:min(askCount, len(ids))]
		ids = ids[len(portion):]
		found, unknown, err := r.o.Sender.Outcomes(ctx, portion)
		if err != nil {
			r.callFailed(ctx, err)
			return moved, err
		}
		r.callAnswered()
		asked := map[string]bool{}
		for _, id := range portion {
			asked[id] = true
		}
		found, unknown = onlyAsked(found, unknown, asked)
		result, err := r.o.Journal.answer(context.WithoutCancel(ctx), r.drain.fence, found, unknown, r.o.Rand)
		if err != nil {
			return moved, r.journalFailed(err)
		}
		for _, id := range unknown {
			if resend && !r.drain.resend[id] {
				r.drain.resend[id] = true
				moved++
			}
		}
		run.count(result.moved)
		moved += len(result.moved)
	}
	return moved, nil
}

func onlyAsked(found []action.Outcome, unknown []string, asked map[string]bool) (f []action.Outcome, u []string) {
	for id, o := range byIDs(found) {
		if asked[id] {
			f = append(f, o)
			delete(asked, id)
		}
	}
	for _, id := range unknown {
		if asked[id] {
			u = append(u, id)
			delete(asked, id)
		}
	}
	return f, u
}

// soon makes the next question due when there is something new to ask.
func (d *drain) soon(result synced) {
	asking := result.lost > 0
	for _, o := range result.moved {
		asking = asking || o.Class == action.Accepted
	}
	if asking {
		d.polls, d.pollAt = 1, earliest(d.pollAt, time.Now().Add(backoffBase))
	}
}

func (run *run) begin(ctx context.Context) {
	if run.began {
		return
	}
	run.began = true
	total := 0
	if a, err := run.r.o.Journal.agenda(ctx, run.r.o.Journal.now()); err == nil {
		total = a.unsent
	}
	run.r.change(func() { run.r.status.Draining, run.r.status.Done, run.r.status.Total = true, 0, total })
	run.r.tell(SyncStarted, map[string]any{"count": total})
}

func (run *run) finish(ctx context.Context, err error) {
	if run.began {
		run.r.change(func() { run.r.status.Draining = false })
	}
	switch {
	case err != nil && ctx.Err() == nil:
		code, _ := callFailure(err)
		run.r.tell(SyncFailed, map[string]any{"error": string(code)})
	case run.began && err == nil:
		run.r.tell(SyncCompleted, map[string]any{
			"succeeded": run.sum.Applied + run.sum.Accepted, "failed": run.sum.Failed + run.sum.Review,
		})
	}
}

func (run *run) count(moved []action.Outcome) {
	for _, o := range moved {
		switch o.Status {
		case action.StatusApplied:
			run.sum.Applied++
		case action.StatusAccepted:
			run.sum.Accepted++
		case action.StatusReview:
			run.sum.Review++
		case action.StatusFailed:
			run.sum.Failed++
		}
		if needsPerson := o.Status == action.StatusReview || o.Status == action.StatusFailed; needsPerson || o.Result != "" {
			run.r.tell(ActionAnswered, map[string]any{
				"actionId": o.ID, "status": string(o.Status), "code": string(o.Code), "result": string(o.Result),
			})
		}
	}
}

// callAnswered notes the best probe there is: an answer.
func (r *Replay) callAnswered() {
	now := time.Now()
	r.change(func() { r.link.answered(now) })
	r.setNextProbe(now)
}

func (r *Replay) callFailed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	code, _ := callFailure(err)
	r.change(func() { r.link.failed(time.Now(), code) })
}

// journalFailed gives the drain up: rows may be left as sending, and taking
// over again makes them unconfirmed.
func (r *Replay) journalFailed(err error) error {
	if err != nil {
		r.drain.fence = 0
	}
	return err
}

func (r *Replay) suspect(reason string, count int) {
	if !r.Status().Suspect {
		r.change(func() { r.status.Suspect = true })
		r.tell(JournalSuspect, map[string]any{"reason": reason, "count": count})
	}
}

// treatment is what happens to a batch whose call failed.
type treatment int

const (
	loseAndStop treatment = iota
	giveBackAndStop
	giveBackAndSplit
)

// treatmentOf is the device's failure table for calls. Only what proves that
// the server took nothing gives the batch back; a person may edit or discard it
// then, and an edited action that was applied after all would be booked twice.
func treatmentOf(code action.Code) treatment {
	switch class := code.Class(); {
	case class == action.NoPath, class == action.SignIn, class == action.Barred, class == action.VersionSkew:
		return giveBackAndStop
	case code == action.UnsafeNetwork, code == action.RateLimited, code == action.JournalRolledBack:
		return giveBackAndStop
	case class == action.Oversize, class == action.Invalid:
		return giveBackAndSplit
	default:
		return loseAndStop
	}
}

// doubtsPath reports whether a failure is a reason to probe at once.
func doubtsPath(code action.Code) bool {
	switch code.Class() {
	case action.NoPath, action.PortalSeen, action.Unknown, action.Transient:
		return code != action.RateLimited
	default:
		return false
	}
}

// callFailure returns the code of a failed call, and how long the server asked
// to be left alone. A foreign error says nothing about what the server did.
func callFailure(err error) (action.Code, time.Duration) {
	if e, ok := errors.AsType[*action.Error](err); ok {
		return e.Code, e.RetryAfter
	}
	return action.AnswerLost, 0
}
