// Package disk tells how much space is left where a folder lies, on Linux, macOS
// and Windows.
//
//	free, err := disk.Free(dataDir)
package disk
