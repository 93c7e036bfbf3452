package app

import (
	"context"
	"fmt"
	"strings"

	"fieldpay/action"
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

// save keeps what a person did. With replaces it takes the place of that
// action.
func (r *running) save(ctx context.Context, p action.Payload, replaces string, needs []string) (Saved, error) {
	person, ok := r.device.session.Person()
	if !ok {
		return Saved{}, &action.Error{Code: action.SignInNeeded, Message: "Nobody is signed in on this device",
			Hint: "Sign in first: every entry has an author"}
	}
	draft := queue.Draft{Payload: p, Actor: person.ID, ClockOffset: r.replay.Status().ClockOffset, Needs: needs}
	item, err := r.device.keep(ctx, draft, replaces)
	if err != nil {
		return Saved{}, err
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
	d.record(QueueActionAdded, map[string]any{"actionId": item.ID, "type": item.Type})
	return item, nil
}

func savedOf(item queue.Item) Saved {
	_, record, _ := strings.Cut(item.Lane, ":")
	return Saved{
		ActionID: item.ID, Sequence: item.Sequence, RecordID: record, Lane: item.Lane,
		Hash: item.Hash, SavedAt: stamp(item.Since),
	}
}
