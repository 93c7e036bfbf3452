//go:build race

package proof_test

const (
	cutSeeds     = 4
	everyCut     = 60
	everyFault   = 75
	damagedFiles = 54
	killSeeds    = 1
	jobSeeds     = 1
)
