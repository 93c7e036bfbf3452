package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldpay/internal/release"
)

// newKey writes a throw-away key and its public half.
func newKey(t *testing.T) (private, public string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	private, public = filepath.Join(folder, "key.pem"), filepath.Join(folder, "public.pem")
	write(t, private, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	var half bytes.Buffer
	if err := writePublic(&half, private); err != nil {
		t.Fatal(err)
	}
	write(t, public, half.String())
	return private, public
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// released is a folder with two packages and all that stands beside them.
func released(t *testing.T, key string) string {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "a.deb"), "the first")
	write(t, filepath.Join(folder, "b.exe"), "the second")
	r := edition{version: "1.2.3", commit: "abc", at: time.Unix(1795372820, 0).UTC(), journal: 1}
	if err := writeManifest(folder, r, "Something new\n", key); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestVerify(t *testing.T) {
	private, public := newKey(t)
	_, stranger := newKey(t)
	at := filepath.Join
	for name, c := range map[string]struct {
		spoil func(folder string)
		key   string
		want  string
	}{
		"what was signed is accepted": {want: ""},
		"a changed byte is refused": {want: "a.deb is not the file that was signed",
			spoil: func(f string) { write(t, at(f, "a.deb"), "the f1rst") }},
		"a missing file is refused": {want: "b.exe is missing",
			spoil: func(f string) { _ = os.Remove(at(f, "b.exe")) }},
		"a file that came later is refused": {want: "c.exe was not signed",
			spoil: func(f string) { write(t, at(f, "c.exe"), "new") }},
		"another manifest under the same signature is refused": {want: "signature of the manifest", spoil: func(f string) {
			write(t, at(f, release.ManifestFile), strings.Replace(read(t, at(f, release.ManifestFile)), "1.2.3", "9.9.9", 1))
		}},
		"a manifest without a signature is refused": {want: "not signed",
			spoil: func(f string) { _ = os.Remove(at(f, release.SignatureFile)) }},
		"a signature that is none is refused": {want: "signature of the manifest",
			spoil: func(f string) { write(t, at(f, release.SignatureFile), "?") }},
		"the signature of somebody else is refused":   {want: "signature of the manifest", key: stranger},
		"a private key is not taken for a public one": {want: "reading the public key", key: private},
	} {
		t.Run(name, func(t *testing.T) {
			folder, key := released(t, private), public
			if c.spoil != nil {
				c.spoil(folder)
			}
			if c.key != "" {
				key = c.key
			}
			err := verify(io.Discard, folder, key)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWriteManifest(t *testing.T) {
	private, _ := newKey(t)
	t.Run("the same packages give the same bytes", func(t *testing.T) {
		one, two := released(t, private), released(t, private)
		for _, name := range []string{sumsFile, release.ManifestFile, release.SignatureFile} {
			if read(t, filepath.Join(one, name)) != read(t, filepath.Join(two, name)) {
				t.Errorf("%s differs", name)
			}
		}
	})
	t.Run("without a key a former signature does not stay", func(t *testing.T) {
		folder := released(t, private)
		if err := writeManifest(folder, edition{version: "1.2.4", journal: 1}, "", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(folder, release.SignatureFile)); err == nil {
			t.Error("the signature of the former manifest is still there")
		}
	})
	t.Run("an empty folder is no release", func(t *testing.T) {
		if err := writeManifest(t.TempDir(), edition{}, "", ""); err == nil {
			t.Error("want an error")
		}
	})
}

func TestWriteManifest_installable(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"fieldpay-1.3.0-rc.1-linux-amd64.tar.gz", "fieldpay-1.3.0-rc.1-windows-arm64-setup.exe", "fieldpay_1.3.0_amd64.deb"} {
		write(t, filepath.Join(folder, name), name)
	}
	r := edition{version: "1.3.0-rc.1", commit: "abc", at: time.Unix(1795372820, 0).UTC(), journal: 4}
	if err := writeManifest(folder, r, "Something new\n", ""); err != nil {
		t.Fatal(err)
	}
	m, err := release.Parse([]byte(read(t, filepath.Join(folder, release.ManifestFile))))
	if err != nil {
		t.Fatal(err)
	}
	if m.Channel != release.Preview || m.Journal.Newest != 4 || m.Notes != "Something new\n" {
		t.Errorf("got %+v", m)
	}
	for _, c := range []struct {
		kind     release.Kind
		os, arch string
	}{{release.Archive, "linux", "amd64"}, {release.Setup, "windows", "arm64"}} {
		if _, ok := m.Find(c.kind, c.os, c.arch); !ok {
			t.Errorf("there is no %s for %s on %s", c.kind, c.os, c.arch)
		}
	}
	t.Run("is signed afterwards, where the key is", func(t *testing.T) {
		private, public := newKey(t)
		if err := sign(folder, private); err != nil {
			t.Fatal(err)
		}
		if err := verify(io.Discard, folder, public); err != nil {
			t.Error(err)
		}
	})
}

func TestReadNotes(t *testing.T) {
	notes, err := readNotes(strings.NewReader("# Changelog\n\n## [Unreleased]\n\n- First `one`\n- Second\n\n## [1.0.0] - 2026-01-01\n\n- Old\n"), edition{version: "1.3.0"})
	if err != nil || notes != "First one\nSecond\n" {
		t.Errorf("got %q, %v", notes, err)
	}
}
