//go:build !linux

package queue_test

import "os"

func flush(f *os.File) error { return f.Sync() }
