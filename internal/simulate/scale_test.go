//go:build !race

package simulate_test

import "time"

// The short form: as many schedules as there is time for.
const (
	shortTime      = 150 * time.Second
	shortSchedules = 20_000
	pairs          = 60
)
