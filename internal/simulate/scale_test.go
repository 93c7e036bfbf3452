//go:build !race

package simulate_test

// The forms that suit a build without the race detector.
const (
	usualForm = "short"
	pairs     = 60
	mishaps   = 40
)
