package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Scripts rely on the exit codes: each is tried with the program as it is
// shipped, in a process of its own.
func TestExitCodesOfTheProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fieldpayctl")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, said)
	}
	office, dir := startOffice(t), t.TempDir()
	for _, c := range []struct {
		name, in string
		args     []string
		want     int
	}{
		{"done", `{"type":"log_visit","payload":{"accountId":"acc-001","note":"n","outcome":"met"}}`, []string{"journal", "append"}, exitDone},
		{"a person is needed", "nonsense\n", []string{"journal", "append"}, exitPerson},
		{"wrong usage", "", []string{"journal", "list", "--nonsense"}, exitUsage},
		{"offline", "", []string{"sync", "--once"}, exitOffline},
		{"a sign-in is needed", "", []string{"--bff", office, "sync", "--once"}, exitSignIn},
		{"damaged", "", []string{"journal", "list"}, exitDamaged},
	} {
		if c.want == exitDamaged {
			if err := os.Remove(filepath.Join(dir, "data", "key.json")); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), program, c.args...)
		cmd.Env, cmd.Stdin = machine(dir, "http://127.0.0.1:1"), strings.NewReader(c.in)
		said, err := cmd.CombinedOutput()
		got := 0
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			got = exit.ExitCode()
		} else if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got != c.want {
			t.Errorf("%s: fieldpayctl %s: exit code %d, want %d: %s", c.name, strings.Join(c.args, " "), got, c.want, said)
		}
	}
}
