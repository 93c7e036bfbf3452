//go:build !race

package hop_test

// everyStage: each row of the table at each stage.
const everyStage = true
