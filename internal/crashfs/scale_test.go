//go:build !race

package crashfs_test

// scale multiplies the seeds. The race detector makes the driver twenty times
// slower, so the short form runs without it.
const scale = 10
