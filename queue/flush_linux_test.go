package queue_test

import (
	"os"
	"syscall"
)

// flush is fdatasync, what SQLite uses on Linux.
func flush(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
