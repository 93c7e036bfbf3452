package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

const lockText = `{"packages": {
	"": {"version": "0.0.0"},
	"node_modules/react": {"version": "19.3.1", "license": "MIT", "integrity": "sha512-AAEC"},
	"node_modules/@a/b/node_modules/@c/d": {"version": "1.0.0", "integrity": "sha512-AAEC"},
	"node_modules/vite": {"version": "8.3.8", "dev": true, "integrity": "sha512-AAEC"}
}}`

func TestWriteSBOM(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "package-lock.json")
	write(t, lock, lockText)
	program, err := os.Executable() // this very test: it has modules in it
	if err != nil {
		t.Fatal(err)
	}
	r := edition{version: "1.2.3", at: time.Unix(1795372820, 0).UTC()}
	var out, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&out, &again} {
		if err := writeSBOM(w, r, lock, []string{program}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("the same programs give the same bytes", func(t *testing.T) {
		if !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Error("two runs differ")
		}
	})
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(out.Bytes()), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	listed := map[string]cdx.Component{}
	for _, c := range *bom.Components {
		listed[c.PackageURL] = c
	}
	t.Run("it lists Go, modules and what the screens ship", func(t *testing.T) {
		if got := listed["pkg:npm/react@19.3.1"]; got.Hashes == nil || (*got.Hashes)[0].Value != "000102" {
			t.Errorf("react is %+v", got)
		}
		if _, ok := listed["pkg:npm/%40c/d@1.0.0"]; !ok {
			t.Error("a package below another one is missing")
		}
		if !strings.Contains(out.String(), "pkg:golang/std@") {
			t.Error("Go itself is missing")
		}
	})
	t.Run("it leaves out what only builds", func(t *testing.T) {
		if _, ok := listed["pkg:npm/vite@8.3.8"]; ok {
			t.Error("vite is listed")
		}
	})
	t.Run("a package without a sum is refused", func(t *testing.T) {
		write(t, lock, strings.ReplaceAll(lockText, "sha512-", "sha1-"))
		if err := writeSBOM(&bytes.Buffer{}, r, lock, nil); err == nil {
			t.Error("want an error")
		}
	})
}
