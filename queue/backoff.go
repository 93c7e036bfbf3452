package queue

import (
	"time"

	"fieldpay/action"
)

// Times of the backoff.
const (
	backoffBase = 2 * time.Second
	// lockBase is for a record that somebody else is changing: it is free again
	// within moments.
	lockBase   = 500 * time.Millisecond
	backoffCap = 5 * time.Minute
	// maxRetryAfter bounds what the other end may ask for, so that a wrong clock
	// there does not park a lane for years.
	maxRetryAfter = time.Hour
)

// Backoff returns how long to wait after the attempt-th failure (from 1):
// exponential up to five minutes with full jitter, so that a herd spreads out,
// and never less than the other end asked for. random is in [0, 1).
func Backoff(attempt int, code action.Code, retryAfter time.Duration, random float64) time.Duration {
	base := backoffBase
	if code == action.RecordLocked {
		base = lockBase
	}
	// Beyond the 10th doubling every base is over the cap.
	span := min(base<<min(max(attempt-1, 0), 10), backoffCap)
	jitter := time.Duration(random * float64(span))
	if retryAfter > 0 {
		return min(retryAfter, maxRetryAfter) + min(jitter, retryAfter)
	}
	return jitter
}
