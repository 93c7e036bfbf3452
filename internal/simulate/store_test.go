package simulate_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// stores is the shared store as one process sees it: a process that is dead
// changes nothing any more, and it may die at each change.
func (s *server) stores() bff.Stores {
	durable := s.office.w.store.Stores()
	durable.Ledger = ledger{durable.Ledger, s}
	durable.Sessions = sessions{durable.Sessions, s}
	durable.Devices = devices{durable.Devices, s}
	durable.Events = events{durable.Events, s}
	return durable
}

// stall is the time that a store takes, or a process that stands still for
// longer than a lease. It differs from call to call, so that
// lanes that begin at one moment go on at several.
func (s *server) stall(op, id string) {
	w := s.office.w
	id = w.trace.rename(id)
	n := w.count("stall " + s.office.name + op + id)
	if w.raining.Load() && w.die.share(n, s.office.name, op, id, "stands still") < w.plan.crashes/4 {
		w.trace.add("%s stands still before it can %s %s", s.owner, op, id)
		pause(context.Background(), w.die.span(50*time.Second, 2*time.Minute, n, s.office.name, op, id))
	}
	pause(context.Background(), w.die.span(100*time.Microsecond, 3*time.Millisecond, n, s.office.name, op, id))
}

type ledger struct {
	bff.Ledger
	s *server
}

// Claim implements bff.Ledger.
func (l ledger) Claim(ctx context.Context, claims []bff.Claim) ([]bff.Claimed, error) {
	for _, c := range claims {
		l.s.office.w.nameEvent(c.Action)
	}
	ids := make([]string, len(claims))
	for i, c := range claims {
		ids[i] = c.Action.ID
	}
	first := slices.MinFunc(ids, l.s.office.w.byName)
	l.s.stall("claim", first)
	if l.s.gone() || l.s.mayCrash("before claiming", first, crashBeforeClaim) {
		return nil, errGone
	}
	claimed, err := l.Ledger.Claim(ctx, claims)
	l.s.sawClaims(claims, claimed)
	if l.s.mayCrash("after claiming", first, crashAfterClaim) {
		return nil, errGone
	}
	return claimed, err
}

// sawClaims counts what went together.
func (s *server) sawClaims(claims []bff.Claim, claimed []bff.Claimed) {
	w := s.office.w
	for i, c := range claimed {
		if c.Begun {
			w.trace.saw(begunByClaim)
		}
		if claims[i].Action.DeviceID != claims[0].Action.DeviceID {
			w.trace.saw(claimedTogether)
		}
	}
}

// byName orders ids by their names: what a run makes at random has another order
// in each.
func (w *world) byName(a, b string) int {
	return strings.Compare(w.trace.rename(a), w.trace.rename(b))
}

// nameEvent names the action that an event of Stripe makes. Its id follows from
// that of the payment, which is random: without a name those of two payments
// would be taken for one.
func (w *world) nameEvent(a action.Action) {
	if a.Type != action.SyncPaymentType || a.ID[14] != '5' { // the version of a UUID
		return
	}
	if p, err := action.Decode(a); err == nil {
		w.trace.name(a.ID, "the-event-of-"+w.trace.rename(p.(*action.SyncPayment).PaymentIntentID))
	}
}

// Begin implements bff.Ledger.
func (l ledger) Begin(ctx context.Context, starts []bff.Start) (map[string]bff.Begun, error) {
	w := l.s.office.w
	ids := make([]string, len(starts))
	for i, b := range starts {
		ids[i] = b.ID
	}
	slices.SortFunc(ids, w.byName)
	if l.s.stall("begin", ids[0]); l.s.gone() {
		return nil, errGone
	}
	before, err := l.Ledger.Entries(ctx, ids)
	if err != nil {
		return nil, err
	}
	begun, err := l.Ledger.Begin(ctx, starts)
	for _, id := range ids {
		_, ok := begun[id]
		switch old := before[id]; {
		case !ok:
			w.trace.saw(workerFenced)
		case old.Lease.Owner != "" && old.Lease.Owner != l.s.owner:
			w.trace.saw(leaseTakenOver)
		case old.Lease.Owner == l.s.owner:
			w.trace.saw(leaseResumed)
		}
		if l.s.mayCrash("after beginning", id, crashBeforeCall) {
			return nil, errGone
		}
	}
	return begun, err
}

// Record implements bff.Ledger.
func (l ledger) Record(ctx context.Context, results []bff.Result) ([]string, error) {
	results = slices.SortedFunc(slices.Values(results), func(a, b bff.Result) int { return l.s.office.w.byName(a.ID, b.ID) })
	l.s.stall("record", results[0].ID)
	if l.s.gone() {
		return nil, errGone
	}
	for _, r := range results {
		if r.Effect && l.s.mayCrash("before recording", r.ID, crashBeforeRecord) {
			return nil, errGone
		}
	}
	fenced, err := l.Ledger.Record(ctx, results)
	if len(results) > 1 {
		l.s.office.w.trace.saw(recordedTogether)
	}
	for range fenced {
		l.s.office.w.trace.saw(staleResult)
	}
	for _, r := range results {
		l.s.mayCrash("after recording", r.ID, crashAfterRecord)
	}
	return fenced, err
}

type sessions struct {
	bff.Sessions
	s *server
}

// Rotate implements bff.Sessions.
func (l sessions) Rotate(ctx context.Context, id, from, to string, at, expires time.Time) (bool, error) {
	if l.s.gone() {
		return false, errGone
	}
	return l.Sessions.Rotate(ctx, id, from, to, at, expires)
}

type devices struct {
	bff.Devices
	s *server
}

// PutDevice implements bff.Devices.
func (l devices) PutDevice(ctx context.Context, d bff.Device) (bool, error) {
	if l.s.gone() {
		return false, errGone
	}
	if d.FlaggedAt.Equal(time.Now()) {
		l.s.office.w.alarm(d.ID)
	}
	return l.Devices.PutDevice(ctx, d)
}

type events struct {
	bff.Events
	s *server
}

// Receive implements bff.Events.
func (l events) Receive(ctx context.Context, e bff.ReceivedEvent) (bool, error) {
	if l.s.gone() {
		return false, errGone
	}
	fresh, err := l.Events.Receive(ctx, e)
	if err == nil && !fresh {
		l.s.office.w.trace.saw(eventTwice)
	}
	return fresh, err
}

// Take implements bff.Events.
func (l events) Take(ctx context.Context, now, until time.Time, limit int) ([]bff.ReceivedEvent, error) {
	if l.s.gone() {
		return nil, errGone
	}
	return l.Events.Take(ctx, now, until, limit)
}

// PutOff implements bff.Events.
func (l events) PutOff(ctx context.Context, id string, at time.Time) error {
	if l.s.gone() {
		return errGone
	}
	return l.Events.PutOff(ctx, id, at)
}

// Finish implements bff.Events.
func (l events) Finish(ctx context.Context, id string, at time.Time) error {
	if l.s.gone() {
		return errGone
	}
	return l.Events.Finish(ctx, id, at)
}
