package app

import (
	"context"
	"fmt"
	"strings"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/queue"
)

// Saved is the proof that an action is durable on this device.
type Saved struct {
	ActionID string `json:"actionId"`
	Sequence int64  `json:"sequence"`
	RecordID string `json:"recordId"`
	Lane     string `json:"lane"`
	// Hash is the short form of the action's link in the chain.
	Hash    string `json:"hash"`
	SavedAt string `json:"savedAt"`
}

// saving is what a form wants kept.
type saving struct {
	// id is the action's, empty for a fresh one.
	id      string
	payload action.Payload
	// replaces is the action whose place it takes, or empty.
	replaces string
	needs    []string
}

// recordID is the id of the record that a form makes: derived from the action's,
// so that saving again makes the same record.
func recordID(actionID string) string {
	if actionID == "" {
		return action.NewID()
	}
	return strings.ToLower(actionID)
}

// kept is what an earlier save kept under the id, or nil. What a save adds to the
// form, such as the time, is taken from there: it is the same act.
func (r *running) kept(ctx context.Context, id string) action.Payload {
	if id == "" {
		return nil
	}
	item, err := r.device.journal.Item(ctx, id)
	if err != nil {
		return nil // the append that follows says what is wrong
	}
	payload, err := action.Decode(item.Action)
	if err != nil {
		return nil
	}
	return payload
}

// save keeps what a person did. With replaces it takes the place of that
// action.
func (r *running) save(ctx context.Context, s saving) (Saved, error) {
	person, ok := r.device.session.Person()
	if !ok {
		return Saved{}, &action.Error{Code: action.SignInNeeded, Message: "Nobody is signed in on this device",
			Hint: "Sign in first: every entry has an author"}
	}
	draft := queue.Draft{ID: s.id, Payload: s.payload, Actor: person.ID, ClockOffset: r.replay.Status().ClockOffset, Needs: s.needs}
	item, err := r.device.keep(ctx, draft, s.replaces)
	if err != nil {
		return Saved{}, err
	}
	switch s.payload.(type) {
	case *action.RecordPayment, *action.CollectPayment:
		r.door.spend() // a manager's word is for one payment
	}
	return savedOf(item), nil
}

// keep appends a draft, or edits the action replaces into it.
func (d *Device) keep(ctx context.Context, draft queue.Draft, replaces string) (item queue.Item, err error) {
	if replaces == "" {
		item, err = d.journal.Append(ctx, draft)
	} else {
		item, err = d.journal.Replace(ctx, replaces, draft)
	}
	if err != nil {
		return queue.Item{}, fmt.Errorf("keeping an action: %w", err)
	}
	d.record(event.ActionAdded, event.Fields{"actionId": item.ID, "type": item.Type})
	return item, nil
}

func savedOf(item queue.Item) Saved {
	_, record, _ := strings.Cut(item.Lane, ":")
	return Saved{
		ActionID: item.ID, Sequence: item.Sequence, RecordID: record, Lane: item.Lane,
		Hash: item.Hash, SavedAt: stamp(item.Since),
	}
}
