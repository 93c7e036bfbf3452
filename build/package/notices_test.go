package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The program of this very test has modules in it, and the screens have packages.
func TestWriteNotices(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "package-lock.json"), `{"packages": {"": {}, "node_modules/kept": {"version": "1.0.0"}, "node_modules/tool": {"version": "1.0.0", "dev": true}}}`)
	if err := os.MkdirAll(filepath.Join(folder, "node_modules", "kept"), 0o755); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := writeNotices(&out, filepath.Join(folder, "package-lock.json"), []string{program}); err == nil || !strings.Contains(err.Error(), "kept: there is no license text") {
		t.Errorf("without a text: %v", err)
	}
	write(t, filepath.Join(folder, "node_modules", "kept", "LICENSE.md"), "Do as you like\r\n")
	if err := writeNotices(&out, filepath.Join(folder, "package-lock.json"), []string{program}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kept\n\nDo as you like\n", "github.com/CycloneDX/cyclonedx-go v", "The Go standard library\n\nCopyright"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the notices do not have %q", want)
		}
	}
	if strings.Contains(out.String(), "tool") && strings.Contains(out.String(), "\ntool\n") {
		t.Error("a tool of the build is named")
	}
}
