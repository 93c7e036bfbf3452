package queue

import (
	"context"
	"time"

	"fieldpay/action"
)

// ChainPoint is one link of the journal's MAC chain. The zero value stands
// before the first.
type ChainPoint struct {
	Position int64
	// MAC is in hex.
	MAC string
}

// Batch is what one request carries.
type Batch struct {
	DeviceID string
	// Fence numbers the process that sends: it is raised whenever another one
	// takes over, and the server refuses a lower one than it has seen.
	Fence int64
	// Head is the newest link of the journal, Acknowledged the link that the
	// journal has where the server acknowledged it last: a server that knows
	// another one there sees a journal that was rolled back or forged.
	Head, Acknowledged ChainPoint
	Actions            []action.Action
}

// Reply is what the server answered to a batch. It settles only the actions
// that it names and that were sent.
type Reply struct {
	Outcomes     []action.Outcome
	Acknowledged ChainPoint
}

// Sender carries actions to the server; it must be safe for concurrent use. Its errors are about the call, not
// about an action: they are *action.Error, and the class of the code decides
// what happens next.
type Sender interface {
	// Send delivers a batch. It may be repeated with the same actions.
	Send(ctx context.Context, b Batch) (Reply, error)
	// Outcomes asks what came of actions that were sent before. An id that is
	// neither found nor unknown is asked for again later.
	Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error)
}

// Probe is the answer of our own server to the question whether it is there.
type Probe struct {
	ServerTime time.Time
	// ClockOffset is how far the device's clock is ahead of the server's.
	ClockOffset time.Duration
	// StartDelay is the span over which the server wants the first send after
	// a return to be spread.
	StartDelay time.Duration
	// Down names the upstreams that the server cannot reach.
	Down []string
}

// Prober asks whether the server can be reached and is genuine. Its errors are
// *action.Error like those of a [Sender].
type Prober interface {
	Probe(ctx context.Context) (Probe, error)
}
