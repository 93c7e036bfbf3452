package bff

import (
	"time"

	"fieldpay/action"
)

// The retries of the server. They are shorter than a device's, because one
// server asks for many, and its upstreams are a short way off.
const (
	backoffBase = time.Second
	lockBase    = 250 * time.Millisecond
	backoffCap  = 30 * time.Second
)

// backoff is how long to wait after the attempt (from 1) that failed with code:
// exponential with full jitter, never less than the other end asked for. random
// is in [0,1).
func backoff(attempt int, code action.Code, asked time.Duration, random float64) time.Duration {
	base := backoffBase
	if code == action.RecordLocked {
		base = lockBase
	}
	limit := backoffCap
	if shift := max(0, attempt-1); shift < 16 {
		limit = min(backoffCap, base<<shift)
	}
	return max(asked, time.Duration(random*float64(limit)))
}

// askAgain is when a device should ask for the outcome of an accepted action.
func askAgain(nextAt, now time.Time) time.Duration {
	return min(max(nextAt.Sub(now), time.Second), backoffCap)
}
