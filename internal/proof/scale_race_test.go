//go:build race

package proof_test

const (
	cutSeeds     = 4
	everyCut     = 25
	everyFault   = 25
	damagedFiles = 60
	killSeeds    = 1
)
