//go:build !race

package proof_test

// The short form. The race detector makes the driver twenty times slower, and
// finds nothing new in the thousandth seed.
const (
	cutSeeds     = 500 // times cutsPerSeed
	everyCut     = 1   // every n-th operation of the script
	everyFault   = 1
	damagedFiles = 2000
	killSeeds    = 5  // times killsPerFolder
	jobSeeds     = 10 // times killsPerFolder
)
