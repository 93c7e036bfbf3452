package bffclient

import (
	"context"
	"time"
)

// Health is the verified answer to a probe.
type Health struct {
	// ServerTime is the server's clock and ClockOffset how far this device's
	// clock is ahead of it, measured at the middle of the round trip.
	ServerTime  time.Time
	ClockOffset time.Duration
	RoundTrip   time.Duration
	// StartDelay is up to how long the first send after an outage should wait
	// at random.
	StartDelay time.Duration
	// Down names the upstreams the server cannot reach, sorted.
	Down        []string
	Version     string
	Environment string
}

// Probe asks the server for a signed sign of life.
func (c *Client) Probe(ctx context.Context) (Health, error) { return Health{}, nil }
