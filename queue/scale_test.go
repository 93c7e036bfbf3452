//go:build !race

package queue_test

const (
	longBacklog  = 6000
	orderScripts = 100 // as many as rapid draws by itself
)
