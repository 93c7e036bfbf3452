//go:build !windows

package kiosk

// programs is for Windows alone; Linux has a folder of them.
func programs() ([]string, error) { return nil, nil }
