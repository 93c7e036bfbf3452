package main

import (
	"os"
	"syscall"
)

// flushData makes what was written durable, as SQLite does.
func flushData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
