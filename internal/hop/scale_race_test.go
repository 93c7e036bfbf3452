//go:build race

package hop_test

// With the race detector, which makes SQLite twenty times slower, each row of
// the table comes at one stage.
const everyStage = false
