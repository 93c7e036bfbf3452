//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// startGroup starts a command in a process group that ends with the run, with
// all that it started.
func (b *bench) startGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	b.onClose(func() error {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()                                      // it was told to end: its exit code says nothing
		return nil
	})
	return nil
}
