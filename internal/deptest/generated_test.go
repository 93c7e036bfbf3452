package deptest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What openapi.yaml says and what the two ends were built from are the same.
func TestGeneratedContract(t *testing.T) {
	fresh := t.TempDir()
	run(t, filepath.Join(root, "api"), "go", "tool", "ogen", "--config", "ogen.yml", "--target", fresh,
		"--package", "api", "--clean", "openapi.yaml")
	sameFiles(t, filepath.Join(root, "api"), fresh, "oas_*_gen.go", "go generate ./api")
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// sameFiles compares the committed files that match pattern with fresh ones.
func sameFiles(t *testing.T, committed, fresh, pattern, command string) {
	t.Helper()
	want := readFiles(t, fresh, pattern)
	got := readFiles(t, committed, pattern)
	if len(want) == 0 {
		t.Fatalf("the generator wrote no %s", pattern)
	}
	for name, content := range want {
		if !bytes.Equal(got[name], content) {
			t.Errorf("%s is not what its generator writes: run %s and commit the result", filepath.Join(committed, name), command)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is left over from an older run of %s", filepath.Join(committed, name), command)
		}
	}
}

func readFiles(t *testing.T, dir, pattern string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = b
	}
	return files
}
