//go:build race

package queue_test

// The race detector makes the driver twenty times slower, and finds nothing new
// in the thousandth action.
const (
	longBacklog  = 3000
	orderScripts = 20
)
