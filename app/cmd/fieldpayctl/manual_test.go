package main

import (
	"bytes"
	"strings"
	"testing"
)

// The page tells of each command with its example, and of each exit code.
func TestManualPage(t *testing.T) {
	var out, said bytes.Buffer
	code := run(t.Context(), []string{"man"}, console{in: strings.NewReader(""), out: &out, err: &said, getenv: func(string) string { return "" }})
	if code != exitDone {
		t.Fatalf("code %d: %s", code, said.String())
	}
	page := strings.ReplaceAll(out.String(), `\`, "")
	for _, want := range []string{
		".TH FIELDPAYCTL 1 ", ".B journal append", ".B journal export", ".B sync", ".B completion",
		"fieldpayctl journal list --state=failed,review --json\n", ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n",
		".B 5\nThe journal is damaged, or its key is missing.\n", ".B NO_COLOR\n", ".BR fieldpay (1)\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
}
