package bff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"fieldpay/action"
)

// Batch is what one request brings: actions as they came over the wire, from a
// person who is signed in.
type Batch struct {
	Actor string
	// DeviceID is the enrolled device that signed the request, or empty. Such a
	// device vouches for the authors of its journal: it may bring the actions
	// of a colleague, too.
	DeviceID  string
	RequestID string
	Items     []json.RawMessage
}

// mayBring reports whether who sends the batch may send an action: it is their
// own, or that of a colleague in the journal of the device that signed.
func (b Batch) mayBring(a action.Action) bool {
	return a.Actor == b.Actor || b.DeviceID != "" && a.DeviceID == b.DeviceID
}

// item is one action of a batch on its way to an outcome.
type item struct {
	// sent is the id as the sender wrote it; answers repeat it.
	sent    string
	action  action.Action
	payload action.Payload
	hash    string
	lane    string
	outcome *action.Outcome
	fresh   bool
	// told is the outcome that was recorded while the request waits, and of
	// which submission it is one; the processor's mutex guards both.
	told *action.Outcome
	of   *submission
}

// tell hands over an outcome. The caller holds the processor's mutex.
func (it *item) tell(o action.Outcome) {
	if it.told != nil {
		return
	}
	it.told = &o
	if it.of.left--; it.of.left == 0 {
		close(it.of.all)
	}
}

// submission is what is left of a batch when it is claimed.
type submission struct {
	items []*item
	at    time.Time
	// origin is the span of the request, if it has one.
	origin trace.SpanContext
	// claimed is closed when the items are in the ledger, or err says why not.
	claimed chan struct{}
	err     error
	// left counts the items that were not told an outcome; all is closed when
	// there is none.
	left int
	all  chan struct{}
}

func (s *submission) size() int { return len(s.items) }

// Submit takes a batch: it stores the actions that can be taken, durably and in
// one transaction, waits for their outcomes within the budget, and answers one
// outcome per item, in order. What is not done by then goes on by itself and is
// answered as accepted.
//
// The error is about the call: the store does not take anything.
func (p *Processor) Submit(ctx context.Context, b Batch) ([]action.Outcome, error) {
	received := time.Now()
	items := make([]*item, len(b.Items))
	for i, raw := range b.Items {
		items[i] = p.read(ctx, raw, b, received)
	}
	if err := p.hold(ctx, items, received); err != nil {
		return nil, err
	}
	if left := open(items); len(left) > 0 {
		s := &submission{items: left, at: received, claimed: make(chan struct{}), left: len(left), all: make(chan struct{}), origin: trace.SpanContextFromContext(ctx)}
		defer p.unwatch(s)
		if err := p.claim(ctx, s); err != nil {
			return nil, err
		}
		if err := p.await(ctx, s, received.Add(p.o.Budget)); err != nil {
			return nil, err
		}
	}
	outcomes := make([]action.Outcome, len(items))
	for i, it := range items {
		outcomes[i] = *it.outcome
		outcomes[i].ID = it.sent
	}
	return outcomes, nil
}

// read decodes one item by itself. The envelope is read leniently, because the
// reference's client adds fields of its own; the payload is not.
func (p *Processor) read(ctx context.Context, raw json.RawMessage, b Batch, now time.Time) *item {
	it := &item{}
	if err := json.Unmarshal(raw, &it.action); err != nil {
		it.sent = readableID(raw)
		return it.settle(&action.Error{Code: action.InvalidEnvelope, Cause: err}, now)
	}
	it.sent = it.action.ID
	payload, err := action.Parse(it.action)
	if err != nil {
		return it.settle(err, now)
	}
	if it.action.Actor == "" {
		it.action.Actor = b.Actor
	}
	if !b.mayBring(it.action) {
		return it.settle(&action.Error{Code: action.NotAllowed, Message: "Only the person who is signed in can send that"}, now)
	}
	if it.action.Actor != b.Actor && p.o.Rights != nil {
		if err := p.o.Rights.Author(ctx, it.action.Actor); err != nil {
			return it.settle(err, now)
		}
	}
	lowerIDs(&it.action)
	it.payload, it.hash, it.lane = payload, it.action.ContentHash(), it.action.LaneOf(payload)
	return it
}

func (it *item) settle(err error, now time.Time) *item {
	out := action.FailureOutcome(it.sent, err, now)
	out.Retryable = out.Retryable && out.Class != action.Integrity
	it.outcome = &out
	return it
}

// lowerIDs writes the ids of actions in one way, so that a UUID in capitals is
// the same action.
func lowerIDs(a *action.Action) {
	a.ID, a.After, a.Replaces = strings.ToLower(a.ID), strings.ToLower(a.After), strings.ToLower(a.Replaces)
	a.Needs = slices.Clone(a.Needs)
	for i, id := range a.Needs {
		a.Needs[i] = strings.ToLower(id)
	}
}

// readableID saves the id of an item that cannot be read, so that its sender
// knows which one it was.
func readableID(raw json.RawMessage) string {
	var envelope struct {
		ID json.RawMessage `json:"id"`
	}
	var id string
	if json.Unmarshal(raw, &envelope) != nil || json.Unmarshal(envelope.ID, &id) != nil || len(id) > 64 {
		return ""
	}
	return id
}

func open(items []*item) []*item {
	var left []*item
	for _, it := range items {
		if it.outcome == nil {
			left = append(left, it)
		}
	}
	return left
}

// hold answers Held for every action that comes after one which is neither
// applied nor on its way. A held action is not stored: its sender sends it
// again. An action that is in the ledger already is not asked again.
func (p *Processor) hold(ctx context.Context, items []*item, now time.Time) error {
	left := open(items)
	var own, deps []string
	for _, it := range left {
		deps = append(deps, dependencies(it.action)...)
		own = append(own, it.action.ID)
	}
	if len(deps) == 0 {
		return nil
	}
	known, err := p.o.Ledger.Entries(ctx, own)
	if err != nil {
		return fmt.Errorf("looking up a batch: %w", err)
	}
	ends, err := p.ends(ctx, deps)
	if err != nil {
		return err
	}
	t := taken{ends: ends, batch: map[string]bool{}, replaced: map[string]string{}}
	for _, it := range left {
		e, stored := known[it.action.ID]
		if !stored {
			if err := t.missing(it.action, func(id string) bool { return p.forgotten(id, it.action, now) }); err != nil {
				it.settle(err, now)
				continue
			}
		}
		if !stored || !e.Settled() || e.Done() || it.action.Try > e.Action.Try && !e.Effect {
			t.add(it.action)
		}
	}
	return nil
}

// taken knows the actions that are applied or on their way: those of the ledger
// and the earlier ones of the batch.
type taken struct {
	ends     map[string]Entry
	batch    map[string]bool
	replaced map[string]string
}

func (t taken) add(a action.Action) {
	t.batch[a.ID] = true
	if a.Replaces != "" {
		t.replaced[a.Replaces] = a.ID
	}
}

func (t taken) missing(a action.Action, forgotten func(id string) bool) error {
	lacks := func(id string) bool {
		if t.has(id) {
			return false
		}
		_, stored := t.ends[id]
		return stored || !forgotten(id)
	}
	if a.After != "" && lacks(a.After) {
		return &action.Error{Code: action.AfterMissing}
	}
	for _, id := range a.Needs {
		if lacks(id) {
			return &action.Error{Code: action.NeedMissing}
		}
	}
	return nil
}

func (t taken) has(id string) bool {
	e, stored := t.ends[id]
	if stored {
		id = e.Action.ID
	}
	// A chain is at most as long as the batch; a ring ends there too.
	for range len(t.replaced) {
		next, ok := t.replaced[id]
		if !ok {
			break
		}
		id = next
	}
	return t.batch[id] || stored && id == e.Action.ID && (!e.Settled() || e.Done())
}
