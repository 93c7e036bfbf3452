// Package release is what a release says of itself, and how its word is checked:
// the packager writes and signs a [Manifest], the server hands it on as it is,
// and a device believes what [Verify] accepts and nothing else.
//
//	m, err := release.Verify(keys, text, signature)
//
// The key that signs is kept away from the servers, so that one who takes a
// server over cannot make devices install anything.
package release

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// The names of the two files that a release is published by.
const (
	ManifestFile  = "manifest.json"
	SignatureFile = "manifest.json.sig"
)

// signedAs is put before the manifest when it is signed, so that a signature of
// something else by the same key is never one of a manifest.
const signedAs = "fieldpay release manifest v1\n"

// Limits of a manifest. They are far above what a release needs.
const (
	MaxManifest = 256 << 10
	maxFiles    = 200
	maxFileSize = 4 << 30
)

// Channel is a kind of releases.
type Channel string

// The channels. Whoever takes previews takes stable versions too.
const (
	Stable  Channel = "stable"
	Preview Channel = "preview"
)

// Manifest describes one release.
type Manifest struct {
	// Product is always "fieldpay".
	Product string    `json:"product"`
	Version string    `json:"version"`
	Channel Channel   `json:"channel"`
	Commit  string    `json:"commit"`
	Time    time.Time `json:"time"`
	// Journal says which journals the release can go on with.
	Journal Schemas `json:"journal"`
	// Notes are for people, as CHANGELOG.md has them.
	Notes string `json:"notes,omitempty"`
	Files []File `json:"files"`
}

// Schemas are the versions of the journal's schema that a release opens: it
// brings any from Oldest on to Newest.
type Schemas struct {
	Oldest int `json:"oldest"`
	Newest int `json:"newest"`
}

// File is one file of a release. What an update installs has a kind, a system
// and an architecture, as Go names them; other files have none of them.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Kind   Kind   `json:"kind,omitempty"`
	OS     string `json:"os,omitempty"`
	Arch   string `json:"arch,omitempty"`
}

// Kind is how a file is installed.
type Kind string

// The kinds that a device installs by itself.
const (
	// Archive is a .tar.gz with an install.sh in it.
	Archive Kind = "archive"
	// Setup is an installer for Windows.
	Setup Kind = "setup"
)

// Find returns the file of a kind for a system and an architecture.
func (m Manifest) Find(kind Kind, os, arch string) (File, bool) {
	for _, f := range m.Files {
		if f.Kind == kind && f.OS == os && f.Arch == arch {
			return f, true
		}
	}
	return File{}, false
}

// Sign signs the text of a manifest.
func Sign(key ed25519.PrivateKey, text []byte) string {
	return base64.StdEncoding.EncodeToString(ed25519.Sign(key, append([]byte(signedAs), text...)))
}

// ErrSignature says that a manifest is not what one of the keys has signed.
var ErrSignature = errors.New("refused: the signature of the manifest is not by this key over this text")

// Verify accepts a manifest that one of keys has signed. Nothing of the text is
// read before.
func Verify(keys []ed25519.PublicKey, text []byte, signature string) (Manifest, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(signature))
	if err != nil || len(text) > MaxManifest {
		return Manifest{}, ErrSignature
	}
	signed := append([]byte(signedAs), text...)
	for _, key := range keys {
		if len(key) == ed25519.PublicKeySize && ed25519.Verify(key, signed, raw) {
			return Parse(text)
		}
	}
	return Manifest{}, ErrSignature
}

// Parse reads a manifest without asking who wrote it: a server does so, which
// only hands it on.
func Parse(text []byte) (Manifest, error) {
	if len(text) > MaxManifest {
		return Manifest{}, errors.New("the manifest is too large")
	}
	var m Manifest
	if err := json.Unmarshal(bytes.TrimSpace(text), &m); err != nil {
		return Manifest{}, fmt.Errorf("decoding the manifest: %w", err)
	}
	return m, m.check()
}

func (m Manifest) check() error {
	switch {
	case m.Product != "fieldpay":
		return errors.New("the manifest is of another product")
	case !Valid(m.Version):
		return fmt.Errorf("the manifest has no version of the form 1.2.3: %q", m.Version)
	case m.Channel != Stable && m.Channel != Preview:
		return fmt.Errorf("the manifest has no channel: %q", m.Channel)
	case m.Journal.Oldest < 1, m.Journal.Newest < m.Journal.Oldest:
		return errors.New("the manifest does not say which journals it is for")
	case len(m.Files) == 0 || len(m.Files) > maxFiles:
		return errors.New("the manifest names no files, or too many")
	}
	for _, f := range m.Files {
		sum, err := hex.DecodeString(f.SHA256)
		if err != nil || len(sum) != 32 || f.Size < 0 || f.Size > maxFileSize || !ValidName(f.Name) {
			return fmt.Errorf("the manifest describes a file wrongly: %q", f.Name)
		}
	}
	return nil
}

// ValidName reports whether a name is that of a file in the folder of its
// release, and of nothing else.
func ValidName(name string) bool {
	return name != "" && len(name) < 200 && name == path.Base(name) && !strings.HasPrefix(name, ".") && !strings.ContainsAny(name, `/\:`+"\x00")
}

// ParseKeys reads public keys as programs carry them: base64, with commas
// between them. An empty text is no key.
func ParseKeys(text string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(part)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, errors.New("a key of releases is not an Ed25519 key in base64")
		}
		keys = append(keys, key)
	}
	return keys, nil
}
