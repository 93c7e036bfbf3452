package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fieldpay/internal/release"
)

// What stands beside the packages. The sums are for people with sha256sum; the
// manifest says the same for programs, and its signature covers all of it.
const sumsFile = "SHA256SUMS"

// installable are the files that a device installs by itself, by how their names
// end.
var installable = []struct {
	ends     string
	kind     release.Kind
	os, arch string
}{
	{"-linux-amd64.tar.gz", release.Archive, "linux", "amd64"},
	{"-windows-amd64-setup.exe", release.Setup, "windows", "amd64"},
	{"-windows-arm64-setup.exe", release.Setup, "windows", "arm64"},
}

// writeManifest writes sums and manifest of every file in folder, and signs the
// manifest where there is a key. An older signature does not outlive its text.
func writeManifest(folder string, r edition, notes string, keyFile string) error {
	files, err := listFiles(folder)
	if err != nil {
		return err
	}
	m := release.Manifest{
		Product: "fieldpay", Version: r.version, Channel: release.Stable, Commit: r.commit, Time: r.at,
		Journal: release.Schemas{Oldest: 1, Newest: r.journal}, Notes: notes, Files: files,
	}
	if strings.Contains(r.version, "-") {
		m.Channel = release.Preview
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	text = append(text, '\n')
	if _, err := release.Parse(text); err != nil {
		return fmt.Errorf("reading what was written: %w", err)
	}
	var sums bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	if err := os.Remove(filepath.Join(folder, release.SignatureFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the former signature: %w", err)
	}
	for name, content := range map[string][]byte{sumsFile: sums.Bytes(), release.ManifestFile: text} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if keyFile == "" {
		return nil
	}
	return sign(folder, keyFile)
}

// sign signs the manifest of folder. It is a step of its own, so that the key
// need not be where packages are made.
func sign(folder, keyFile string) error {
	key, err := readPrivate(keyFile)
	if err != nil {
		return fmt.Errorf("reading the key of the manifest: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(folder, release.ManifestFile))
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	if _, err := release.Parse(text); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, release.SignatureFile), []byte(release.Sign(key, text)+"\n"), 0o644); err != nil {
		return fmt.Errorf("writing the signature: %w", err)
	}
	return nil
}

// listFiles describes the files of a folder by name, but for those that
// describe the others.
func listFiles(folder string) ([]release.File, error) {
	found, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	var files []release.File
	for _, e := range found {
		if !e.Type().IsRegular() || e.Name() == sumsFile || e.Name() == release.ManifestFile || e.Name() == release.SignatureFile {
			continue
		}
		f, err := describe(folder, e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, errors.New("there is nothing to describe")
	}
	return files, nil
}

func describe(folder, name string) (release.File, error) {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return release.File{}, fmt.Errorf("reading a package: %w", err)
	}
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return release.File{}, fmt.Errorf("reading %s: %w", name, err)
	}
	described := release.File{Name: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}
	for _, i := range installable {
		if strings.HasSuffix(name, i.ends) {
			described.Kind, described.OS, described.Arch = i.kind, i.os, i.arch
		}
	}
	return described, nil
}

// verify checks the signature first, and then that folder holds exactly what
// the manifest names.
func verify(w io.Writer, folder, publicFile string) error {
	public, err := readPublic(publicFile)
	if err != nil {
		return fmt.Errorf("reading the public key: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(folder, release.ManifestFile))
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	signature, err := os.ReadFile(filepath.Join(folder, release.SignatureFile))
	if err != nil {
		return fmt.Errorf("the manifest is not signed: %w", err)
	}
	m, err := release.Verify([]ed25519.PublicKey{public}, text, string(signature))
	if err != nil {
		return err
	}
	found, err := listFiles(folder)
	if err != nil {
		return err
	}
	if err := errors.Join(differences(m.Files, found)...); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s %s: %d files are as signed\n", m.Product, m.Version, len(m.Files)); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// differences says for each file how it differs from what was signed.
func differences(signed, found []release.File) []error {
	var wrong []error
	there := map[string]release.File{}
	for _, f := range found {
		there[f.Name] = f
	}
	for _, want := range signed {
		switch got, ok := there[want.Name]; {
		case !ok:
			wrong = append(wrong, fmt.Errorf("refused: %s is missing", want.Name))
		case got != want:
			wrong = append(wrong, fmt.Errorf("refused: %s is not the file that was signed", want.Name))
		}
		delete(there, want.Name)
	}
	for _, f := range found {
		if _, extra := there[f.Name]; extra {
			wrong = append(wrong, fmt.Errorf("refused: %s was not signed", f.Name))
		}
	}
	return wrong
}

// writeEmbedded writes public keys as programs carry them.
func writeEmbedded(w io.Writer, publicFiles []string) error {
	var keys []string
	for _, file := range publicFiles {
		key, err := readPublic(file)
		if err != nil {
			return fmt.Errorf("reading a public key: %w", err)
		}
		keys = append(keys, base64.StdEncoding.EncodeToString(key))
	}
	if _, err := fmt.Fprintln(w, strings.Join(keys, ",")); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	return nil
}

// writePublic writes the public half of a key, for those who verify.
func writePublic(w io.Writer, keyFile string) error {
	key, err := readPrivate(keyFile)
	if err != nil {
		return fmt.Errorf("reading the key of the manifest: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("encoding the public key: %w", err)
	}
	if err := pem.Encode(w, &pem.Block{Type: "PUBLIC KEY", Bytes: der}); err != nil {
		return fmt.Errorf("writing the public key: %w", err)
	}
	return nil
}

func readPrivate(path string) (ed25519.PrivateKey, error) {
	return readKey[ed25519.PrivateKey](path, x509.ParsePKCS8PrivateKey)
}

func readPublic(path string) (ed25519.PublicKey, error) {
	return readKey[ed25519.PublicKey](path, x509.ParsePKIXPublicKey)
}

// readKey reads a PEM file with an Ed25519 key.
func readKey[K any](path string, parse func([]byte) (any, error)) (K, error) {
	var none K
	text, err := os.ReadFile(path)
	if err != nil {
		return none, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return none, fmt.Errorf("%s is not PEM", filepath.Base(path))
	}
	parsed, err := parse(block.Bytes)
	if err != nil {
		return none, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	key, ok := parsed.(K)
	if !ok {
		return none, fmt.Errorf("%s has no Ed25519 key of the right half", filepath.Base(path))
	}
	return key, nil
}
