//go:build race

package simulate_test

// The race detector makes SQLite some twenty times slower.
const (
	usualForm = "race"
	pairs     = 3
	mishaps   = 8
)
