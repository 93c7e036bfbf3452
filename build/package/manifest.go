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
	"time"
)

// What stands beside the packages. The sums are for people with sha256sum; the
// manifest says the same for programs, and its signature covers all of it.
const (
	sumsFile      = "SHA256SUMS"
	manifestFile  = "manifest.json"
	signatureFile = "manifest.json.sig"
)

// signedAs is put before the manifest when it is signed, so that a signature of
// something else by the same key is never one of a manifest.
const signedAs = "fieldpay release manifest v1\n"

// manifest names every file of one release.
type manifest struct {
	Product string    `json:"product"`
	Version string    `json:"version"`
	Commit  string    `json:"commit"`
	Time    time.Time `json:"time"`
	Files   []file    `json:"files"`
}

type file struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// writeManifest writes sums and manifest of every file in folder, and signs the
// manifest where there is a key. An older signature does not outlive its text.
func writeManifest(folder string, r release, keyFile string) error {
	files, err := listFiles(folder)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(manifest{"fieldpay", r.version, r.commit, r.at, files}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	text = append(text, '\n')
	var sums bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	if err := os.Remove(filepath.Join(folder, signatureFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the former signature: %w", err)
	}
	written := map[string][]byte{sumsFile: sums.Bytes(), manifestFile: text}
	if keyFile != "" {
		key, err := readPrivate(keyFile)
		if err != nil {
			return fmt.Errorf("reading the key of the manifest: %w", err)
		}
		signature := ed25519.Sign(key, append([]byte(signedAs), text...))
		written[signatureFile] = []byte(base64.StdEncoding.EncodeToString(signature) + "\n")
	}
	for name, content := range written {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// listFiles describes the files of a folder by name, but for those that
// describe the others.
func listFiles(folder string) ([]file, error) {
	found, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	var files []file
	for _, e := range found {
		if !e.Type().IsRegular() || e.Name() == sumsFile || e.Name() == manifestFile || e.Name() == signatureFile {
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

func describe(folder, name string) (file, error) {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return file{}, fmt.Errorf("reading a package: %w", err)
	}
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return file{}, fmt.Errorf("reading %s: %w", name, err)
	}
	return file{name, size, hex.EncodeToString(sum.Sum(nil))}, nil
}

// verify checks the signature first, and then that folder holds exactly what
// the manifest names.
func verify(w io.Writer, folder, publicFile string) error {
	public, err := readPublic(publicFile)
	if err != nil {
		return fmt.Errorf("reading the public key: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	encoded, err := os.ReadFile(filepath.Join(folder, signatureFile))
	if err != nil {
		return fmt.Errorf("the manifest is not signed: %w", err)
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(encoded)))
	if err != nil || !ed25519.Verify(public, append([]byte(signedAs), text...), signature) {
		return errors.New("refused: the signature of the manifest is not by this key over this text")
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("decoding the manifest: %w", err)
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
func differences(signed, found []file) []error {
	var wrong []error
	there := map[string]file{}
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
