package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"fieldpay/action"
)

// Draft is something a person did, before the journal keeps it.
type Draft struct {
	// ID is the action's id, for callers that must be able to repeat the call.
	// Default: a fresh one.
	ID      string
	Payload action.Payload
	// Actor is the id of the person.
	Actor string
	// ClockOffset is how far this device's clock was ahead at the last contact.
	ClockOffset time.Duration
	// Needs are ids of actions of other lanes that must go first.
	Needs []string
}

// Append keeps an action. When it returns without an error the action survives
// a power cut. Appending the same id and content again answers the action that
// is there; the same id with other content is ContentChanged.
func (j *Journal) Append(ctx context.Context, d Draft) (Item, error) {
	a, err := j.prepare(d)
	if err != nil {
		return Item{}, err
	}
	var kept Item
	err = j.writer.write(ctx, func(t *tx) error {
		kept, err = t.appendOnce(a, d, nil)
		return err
	})
	return kept, err
}

// Replace edits an action: d takes the place of id in its lane, and id is
// superseded. Possible for what was never sent, was refused, or needs a person.
// What has taken effect all the same, or may have, is DuplicateRecord: an edit
// would book it twice. A record that id would have made is made by d, under the same record id.
func (j *Journal) Replace(ctx context.Context, id string, d Draft) (Item, error) {
	a, err := j.prepare(d)
	if err != nil {
		return Item{}, err
	}
	var kept Item
	err = j.writer.write(ctx, func(t *tx) error {
		old, err := t.changeable(id, WasEdited)
		if err != nil {
			return err
		}
		kept, err = t.appendOnce(a, d, old)
		return err
	})
	return kept, err
}

// prepare validates a draft and makes the parts of the action that do not
// depend on what else is in the journal.
func (j *Journal) prepare(d Draft) (action.Action, error) {
	if d.Payload == nil {
		return action.Action{}, &action.Error{Code: action.InvalidPayload, Op: "appending", Message: "There is nothing to keep"}
	}
	if err := d.Payload.Validate(); err != nil {
		return action.Action{}, err
	}
	payload, err := action.Encode(d.Payload)
	if err != nil {
		return action.Action{}, err
	}
	if len(payload) > action.MaxPayloadBytes {
		return action.Action{}, &action.Error{Code: action.InvalidPayload, Op: "appending", Message: fmt.Sprintf("The content is larger than %d KiB", action.MaxPayloadBytes>>10)}
	}
	a := action.Action{
		ID: strings.ToLower(d.ID), Type: d.Payload.Type(), Version: action.VersionOf(d.Payload),
		DeviceID: j.device, Actor: d.Actor, ClockOffsetMs: d.ClockOffset.Milliseconds(), Payload: payload,
	}
	if a.ID == "" {
		a.ID = action.NewID()
	}
	for _, id := range append([]string{a.ID}, d.Needs...) {
		if _, err := uuid.Parse(id); err != nil || len(id) != 36 {
			return action.Action{}, &action.Error{Code: action.InvalidEnvelope, Op: "appending", Message: "The id of an action must be a UUID"}
		}
	}
	for _, id := range d.Needs {
		if lower := strings.ToLower(id); lower != a.ID && !slices.Contains(a.Needs, lower) {
			a.Needs = append(a.Needs, lower)
		}
	}
	return a, nil
}

// appendOnce appends a, unless its id is there already. old is the action that
// a replaces, or nil.
func (t *tx) appendOnce(a action.Action, d Draft, old *record) (Item, error) {
	if old != nil {
		a.Replaces = old.id
		if err := adoptRecord(t, &a, d.Payload, old); err != nil {
			return Item{}, err
		}
	} else {
		a.Lane = a.LaneOf(d.Payload)
	}
	if d.ID != "" {
		item, err := t.existing(a)
		if err == nil || action.CodeOf(err) != action.NotFound {
			return item, err
		}
	}
	if old == nil {
		return t.append(a, 0, d.ID == "" && d.Payload.Record().ID == "")
	}
	if _, ok := next(old.state, WasEdited); !ok {
		return Item{}, notPossible(old, WasEdited)
	}
	if err := t.withoutEffect(old); err != nil {
		return Item{}, err
	}
	place := int64(0)
	if old.lane == a.Lane {
		place = old.place
	}
	item, err := t.append(a, place, false)
	if err != nil {
		return Item{}, err
	}
	return item, t.move(old, WasEdited, Superseded, change{
		attempt: old.attempt, note: note{By: d.Actor, Other: a.ID}, replacedBy: item.Sequence,
	})
}

// withoutEffect reports as DuplicateRecord what the last answer said is booked,
// or may be.
func (t *tx) withoutEffect(r *record) error {
	if r.outcome == 0 {
		return nil
	}
	e, err := entryAt(t, r.outcome)
	if err != nil {
		return err
	}
	n, err := t.s.j.note(e)
	if err != nil {
		return err
	}
	if o := n.Outcome; o == nil || o.ServerID == "" && o.Code != action.OutcomeUnknown {
		return nil
	}
	return &action.Error{
		Code: action.DuplicateRecord, Op: "editing an action",
		Message: "This has taken effect, or may have. An edit would book it twice: compare both",
	}
}

// adoptRecord gives a the lane, and where the edited action made a record of
// its own, that record's id: what follows in the lane refers to it.
func adoptRecord(q reader, a *action.Action, p action.Payload, old *record) error {
	a.Lane = a.LaneOf(p)
	kind, recordID, _ := strings.Cut(old.lane, ":")
	if p.Record().ID != "" || p.Record().Kind != kind || p.Type() != old.kind {
		return nil
	}
	quoted, err := json.Marshal(recordID)
	if err != nil {
		return fmt.Errorf("encoding a record id: %w", err)
	}
	rest := a.Payload[1:] // a payload is a JSON object with at least one field
	a.Payload = slices.Concat([]byte(`{"id":`), quoted, []byte(`,`), rest)
	adopted, err := action.Decode(*a)
	if err != nil {
		return fmt.Errorf("giving an edited action its record id: %w", err)
	}
	a.Lane = a.LaneOf(adopted)
	return nil
}

// existing answers a repeated append.
func (t *tx) existing(a action.Action) (item Item, err error) {
	err = t.s.j.anywhere(context.Background(), t, func(q reader) error {
		r, err := byID(q, a.ID)
		if err != nil {
			return err
		}
		item, err = t.s.j.item(q, r)
		return err
	})
	if err != nil {
		return Item{}, err
	}
	if item.ContentHash() != a.ContentHash() {
		return Item{}, &action.Error{Code: action.ContentChanged, Op: "appending", Message: "Something else was kept under this id before"}
	}
	return item, nil
}

// append adds the action to the chain and the projection. place is 0 for the
// end of the lane; fresh says that nobody can have used the lane before.
func (t *tx) append(a action.Action, place int64, fresh bool) (Item, error) {
	a.Sequence = t.sequence + 1
	limit := place
	if place == 0 {
		place, limit = a.Sequence, math.MaxInt64
	}
	if !fresh {
		var err error
		if a.After, _, err = before(t, a.Lane, limit); err != nil {
			return Item{}, err
		}
	}
	a.CreatedAt = t.now.Truncate(time.Millisecond).UTC()
	plain, err := encodeFirst(header{
		ID: a.ID, Type: a.Type, Version: a.Version, Actor: a.Actor, Lane: a.Lane, Place: place, After: a.After,
		Needs: a.Needs, Replaces: a.Replaces, CreatedAt: a.CreatedAt, OffsetMs: a.ClockOffsetMs,
	}, a.Payload)
	if err != nil {
		return Item{}, fmt.Errorf("encoding an action: %w", err)
	}
	e := &entry{sequence: a.Sequence, cause: WasAppended, to: Pending}
	if err := t.add(e, plain); err != nil {
		return Item{}, err
	}
	if err := t.addRow(a, place, e.position); err != nil {
		return Item{}, err
	}
	return Item{Action: a, State: Pending, Since: timeOf(e.at), Hash: shortHash(e.mac)}, nil
}

// addRow adds the projection of a pending action whose only entry is at first.
func (t *tx) addRow(a action.Action, place, first int64) error {
	if err := t.exec(`INSERT INTO action (sequence, id, type, version, lane, place, needs, try, state, attempt, next_at, created_at, size, entry, last, outcome, replaced_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'pending', 0, 0, ?, ?, ?, ?, 0, 0)`,
		a.Sequence, a.ID, string(a.Type), a.Version, a.Lane, place, strings.Join(a.Needs, " "),
		a.CreatedAt.UnixMilli(), len(a.Payload), first, first); err != nil {
		return fmt.Errorf("adding action %d: %w", a.Sequence, err)
	}
	t.sequence = a.Sequence
	added := record{sequence: a.Sequence, last: first, place: place, state: Pending}
	t.bond.open.add(added.mark(t.hash))
	return nil
}
