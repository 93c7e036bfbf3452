//go:build race

package simulate_test

import "time"

// The short form with the race detector, which makes SQLite some twenty times
// slower.
const (
	shortTime      = 45 * time.Second
	shortSchedules = 300
	pairs          = 3
)
