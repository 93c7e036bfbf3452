package bff

import (
	"context"
	"time"

	"fieldpay/action"
)

// Meter counts what the server does. None of what it is told names a person, a
// device or a record.
type Meter interface {
	// Request is one answered request; route is the pattern of its address.
	Request(route, method string, status int, took time.Duration)
	// Outcome is one attempt at an action.
	Outcome(t action.Type, class action.Class, took time.Duration)
	// Throttled is a request that was refused because there were too many; by is
	// "sign-in", "device" or "person".
	Throttled(by string)
}

// Backlog is what the ledger holds that is not settled.
type Backlog struct {
	Open int
	// Oldest is when the oldest of them arrived; zero when there is none.
	Oldest time.Time
}

// Backlogger is an optional ability of a Ledger.
type Backlogger interface {
	Backlog(ctx context.Context) (Backlog, error)
}

// noMeter counts nothing.
type noMeter struct{}

// Request implements Meter.
func (noMeter) Request(string, string, int, time.Duration) {}

// Outcome implements Meter.
func (noMeter) Outcome(action.Type, action.Class, time.Duration) {}

// Throttled implements Meter.
func (noMeter) Throttled(string) {}
