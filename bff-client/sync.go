package bffclient

import (
	"context"

	"fieldpay/action"
)

// ChainPoint names one link of the device's journal. The zero value stands for
// none.
type ChainPoint struct {
	Position int64 `json:"position"`
	// MAC is in hex.
	MAC string `json:"mac"`
}

// SyncBatch is one request's worth of actions.
type SyncBatch struct {
	DeviceID string
	// Fence is the number of the drain that sends; the server refuses an older
	// one than it has seen.
	Fence int64
	// Head is the newest link of the journal, Acknowledged the one the server
	// confirmed last.
	Head, Acknowledged ChainPoint
	Actions            []action.Action
}

// SyncReply is the server's answer: one outcome for each action of the batch.
type SyncReply struct {
	Outcomes     []action.Outcome
	Acknowledged ChainPoint
}

// Send sends a batch. After an error nothing is known about any action of it
// except what the code's class says.
func (c *Client) Send(ctx context.Context, b SyncBatch) (SyncReply, error) { return SyncReply{}, nil }

// Outcomes asks what became of actions that were sent. Ids that never reached
// the server are returned as unknown.
func (c *Client) Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	return nil, nil, nil
}
