//go:build race

package crashfs_test

const scale = 1
