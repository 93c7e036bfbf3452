package bffclient

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"fieldpay/action"
)

// maxAsked is how many ids one question for outcomes may carry.
const maxAsked = 1000

// ChainPoint names one link of the device's journal. The zero value stands for
// none.
type ChainPoint struct {
	Position int64 `json:"position"`
	// MAC is in hex.
	MAC string `json:"mac"`
}

// SyncBatch is one request's worth of actions. Its JSON form is the wire form.
type SyncBatch struct {
	Actions  []action.Action `json:"actions"`
	DeviceID string          `json:"deviceId,omitempty"`
	// Fence is the number of the drain that sends; the server refuses an older
	// one than it has seen.
	Fence int64 `json:"fence,omitempty"`
	// Head is the newest link of the journal, Acknowledged the one the server
	// confirmed last.
	Head         ChainPoint `json:"head,omitzero"`
	Acknowledged ChainPoint `json:"acknowledged,omitzero"`
}

// SyncReply is the server's answer: one outcome for each action of the batch,
// in the batch's order.
type SyncReply struct {
	Outcomes     []action.Outcome
	Acknowledged ChainPoint
}

// Send sends a batch. After an error nothing is known about any action of it
// except what the class of its code says.
func (c *Client) Send(ctx context.Context, b SyncBatch) (SyncReply, error) {
	const op = "sending actions"
	if len(b.Actions) == 0 {
		return SyncReply{}, nil
	}
	ids := make([]string, len(b.Actions))
	for i, a := range b.Actions {
		ids[i] = a.ID
	}
	var answer struct {
		Results      []action.Outcome `json:"results"`
		Acknowledged ChainPoint       `json:"acknowledged"`
	}
	err := c.authorised(ctx, request{
		op: op, method: http.MethodPost, path: "/sync/actions", body: b, answer: &answer,
		replay: true, timeout: sendTimeout, limit: answerLimit,
	})
	if err != nil {
		return SyncReply{}, err
	}
	outcomes, _, err := echo(ids, answer.Results, nil)
	if err != nil {
		return SyncReply{}, &action.Error{Code: action.AnswerLost, Message: action.AnswerLost.Message(), Op: op, Cause: err}
	}
	return SyncReply{Outcomes: outcomes, Acknowledged: answer.Acknowledged}, nil
}

// Adopt tells the server to take a journal that it refused as JournalRolledBack
// for the one of this device, because a person decided so. The journal must go
// on with a higher fence than the one returned. It is safe to repeat.
func (c *Client) Adopt(ctx context.Context, deviceID string, head ChainPoint) (fence int64, err error) {
	var answer struct {
		Fence *int64 `json:"fence"`
	}
	const op = "going on with an older journal"
	err = c.authorised(ctx, request{
		op: op, method: http.MethodPost, path: "/sync/journal", body: map[string]any{"deviceId": deviceID, "head": head},
		answer: &answer, replay: true, timeout: sendTimeout, limit: answerLimit,
	})
	if err != nil {
		return 0, err
	}
	if answer.Fence == nil {
		return 0, &action.Error{Code: action.AnswerLost, Message: action.AnswerLost.Message(), Op: op}
	}
	return *answer.Fence, nil
}

// Outcomes asks what became of actions that were sent. Ids that never reached
// the server are returned as unknown. Any number of ids may be asked for.
func (c *Client) Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	for part := range slices.Chunk(ids, maxAsked) {
		f, u, err := c.outcomes(ctx, part)
		if err != nil {
			return nil, nil, err
		}
		found, unknown = append(found, f...), append(unknown, u...)
	}
	return found, unknown, nil
}

func (c *Client) outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	const op = "asking for outcomes"
	var answer struct {
		Results []action.Outcome `json:"results"`
		Unknown []string         `json:"unknown"`
	}
	err = c.authorised(ctx, request{
		op: op, method: http.MethodPost, path: "/sync/outcomes", body: map[string][]string{"ids": ids}, answer: &answer,
		read: true, replay: true, timeout: sendTimeout, limit: listLimit,
	})
	if err != nil {
		return nil, nil, err
	}
	found, unknown, err = echo(ids, answer.Results, answer.Unknown)
	if err != nil {
		return nil, nil, &action.Error{Code: action.Busy, Message: action.Busy.Message(), Op: op, Cause: err}
	}
	return found, unknown, nil
}

// echo checks that an answer is about exactly the ids that were sent, each
// once, and returns it in their order and spelling. An answer that is not
// counts for nothing: whoever gave it, it was not to this request.
func echo(ids []string, results []action.Outcome, unknown []string) (found []action.Outcome, missing []string, err error) {
	byID := make(map[string]*action.Outcome, len(ids))
	for i := range results {
		byID[strings.ToLower(results[i].ID)] = &results[i]
	}
	for _, id := range unknown {
		byID[strings.ToLower(id)] = nil
	}
	if len(byID) != len(results)+len(unknown) {
		return nil, nil, errors.New("the answer names an action twice")
	}
	for _, id := range ids {
		o, answered := byID[strings.ToLower(id)]
		switch {
		case !answered:
			return nil, nil, errors.New("the answer leaves out an action")
		case o == nil:
			missing = append(missing, id)
		default:
			o.ID = id
			found = append(found, known(*o))
		}
		delete(byID, strings.ToLower(id))
	}
	if len(byID) != 0 {
		return nil, nil, errors.New("the answer names an action that was not sent")
	}
	return found, missing, nil
}

// known turns an outcome that this build does not understand (the server is
// newer) into one that waits: it must neither settle nor fail an action.
func known(o action.Outcome) action.Outcome {
	switch o.Status {
	case action.StatusApplied, action.StatusAccepted, action.StatusHeld, action.StatusWaiting, action.StatusReview, action.StatusFailed:
		return o
	default:
		return action.Outcome{
			ID: o.ID, Status: action.StatusWaiting, Class: action.VersionSkew, Code: action.UpdateNeeded,
			Error: action.UpdateNeeded.Message(), RetryAfterMs: o.RetryAfterMs, OutcomeAt: o.OutcomeAt,
		}
	}
}
