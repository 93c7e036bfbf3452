package app

import (
	"context"
	"encoding/json"

	"fieldpay/action"
	"fieldpay/queue"
)

// Entry is an action as a script gives it.
type Entry struct {
	// ID is left out, or a UUID that makes it safe to repeat the call.
	ID      string          `json:"id,omitempty"`
	Type    action.Type     `json:"type"`
	Version int             `json:"version,omitempty"`
	Payload json.RawMessage `json:"payload"`
	// Actor is the id of who did it. Default: who uses the device.
	Actor string `json:"actor,omitempty"`
	// Needs are ids of actions that must go first. Default: none.
	Needs []string `json:"needs,omitempty"`
	// Replaces is the action that is edited into this one. Default: none.
	Replaces string `json:"replaces,omitempty"`
}

// Append keeps an action; it is durable on the return.
func (d *Device) Append(ctx context.Context, e Entry) (queue.Item, error) {
	payload, err := action.Decode(action.Action{ID: e.ID, Type: e.Type, Version: e.Version, Payload: e.Payload})
	if err != nil {
		return queue.Item{}, err
	}
	if e.Actor == "" {
		e.Actor = d.Author()
	}
	return d.keep(ctx, queue.Draft{ID: e.ID, Payload: payload, Actor: e.Actor, Needs: e.Needs}, e.Replaces)
}
