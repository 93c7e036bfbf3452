package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page that the packages bring is the one that the program prints. To bring
// it up to date: go generate ./app/cmd/fieldpayctl
func TestManualPage(t *testing.T) {
	var out, said bytes.Buffer
	code := run(t.Context(), []string{"man"}, console{in: strings.NewReader(""), out: &out, err: &said, getenv: func(string) string { return "" }})
	if code != exitDone {
		t.Fatalf("code %d: %s", code, said.String())
	}
	path := filepath.Join("..", "..", "..", "build", "linux", "fieldpayctl.1")
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, out.Bytes()) {
		t.Errorf("%s is not what fieldpayctl man prints: go generate ./app/cmd/fieldpayctl", path)
	}
}
