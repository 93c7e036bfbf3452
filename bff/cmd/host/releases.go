package host

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/internal/release"
)

// releaseFolder has one folder for each version, by its name, with what `make
// package` writes. Servers that share their work share the folder too.
type releaseFolder string

var _ bff.Releases = releaseFolder("")

// Newest implements bff.Releases.
func (r releaseFolder) Newest(_ context.Context, channel release.Channel) (bff.SignedRelease, error) {
	versions, err := os.ReadDir(string(r))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return bff.SignedRelease{}, fmt.Errorf("listing the releases: %w", err)
	}
	newest, found := release.Manifest{}, bff.SignedRelease{}
	for _, v := range versions {
		if !v.IsDir() || !release.Valid(v.Name()) {
			continue // one that is being published, too
		}
		signed, m, err := readRelease(filepath.Join(string(r), v.Name()))
		if err != nil {
			return bff.SignedRelease{}, fmt.Errorf("reading release %s: %w", v.Name(), err)
		}
		if (m.Channel == release.Stable || channel == release.Preview) && release.Compare(m.Version, newest.Version) > 0 {
			newest, found = m, signed
		}
	}
	if newest.Version == "" {
		return bff.SignedRelease{}, &action.Error{Code: action.NotFound, Message: "This server has no version to install"}
	}
	return found, nil
}

// Part implements bff.Releases. Only what the manifest of a version names is
// there.
func (r releaseFolder) Part(_ context.Context, version, name string, from int64, most int) ([]byte, int64, error) {
	missing := &action.Error{Code: action.NotFound, Message: "There is no such file"}
	if !release.Valid(version) || !release.ValidName(name) {
		return nil, 0, missing
	}
	f, err := os.Open(filepath.Join(string(r), version, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, missing
	}
	if err != nil {
		return nil, 0, fmt.Errorf("opening a file of release %s: %w", version, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, 0, missing
	}
	data := make([]byte, min(int64(most), max(0, info.Size()-from)))
	if _, err := f.ReadAt(data, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("reading a file of release %s: %w", version, err)
	}
	return data, info.Size(), nil
}

func readRelease(folder string) (bff.SignedRelease, release.Manifest, error) {
	text, err := os.ReadFile(filepath.Join(folder, release.ManifestFile))
	if err != nil {
		return bff.SignedRelease{}, release.Manifest{}, fmt.Errorf("reading the manifest: %w", err)
	}
	signature, err := os.ReadFile(filepath.Join(folder, release.SignatureFile))
	if errors.Is(err, fs.ErrNotExist) {
		return bff.SignedRelease{}, release.Manifest{}, errors.New("the manifest is not signed: devices would refuse it")
	}
	if err != nil {
		return bff.SignedRelease{}, release.Manifest{}, fmt.Errorf("reading the signature: %w", err)
	}
	m, err := release.Parse(text)
	return bff.SignedRelease{Manifest: string(text), Signature: string(signature)}, m, err
}

// Publish takes a folder as `make package` left it into the releases that devices
// are told of, in one step. It refuses what devices would: a file that is not as
// the manifest says, a version that is there already and, where a public key is
// given (a PEM file), a signature by another. Files that no device installs stay
// behind, for whoever installs by hand has them elsewhere.
func Publish(c Config, folder, publicFile string, out io.Writer) error {
	c, err := c.withDefaults()
	if err != nil {
		return err
	}
	signed, m, err := readRelease(folder)
	if err != nil {
		return err
	}
	if publicFile != "" {
		key, err := readPublicKey(publicFile)
		if err != nil {
			return err
		}
		if _, err := release.Verify([]ed25519.PublicKey{key}, []byte(signed.Manifest), signed.Signature); err != nil {
			return err
		}
	}
	to := filepath.Join(c.Releases, m.Version)
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("version %s is published already: a version never changes", m.Version)
	}
	if err := os.MkdirAll(c.Releases, 0o755); err != nil {
		return fmt.Errorf("making the folder of releases: %w", err)
	}
	// Its name is no version, so that nobody is told of it before it is whole.
	fresh, err := os.MkdirTemp(c.Releases, "new-")
	if err != nil {
		return fmt.Errorf("making the folder of the release: %w", err)
	}
	defer func() { _ = os.RemoveAll(fresh) }() // gone already where all went well
	if err := copyRelease(fresh, folder, m); err != nil {
		return err
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return fmt.Errorf("opening the release for the server: %w", err)
	}
	if err := os.Rename(fresh, to); err != nil {
		return fmt.Errorf("publishing the release: %w", err)
	}
	if _, err := fmt.Fprintf(out, "Version %s is published on %s.\n", m.Version, m.Channel); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

func copyRelease(to, from string, m release.Manifest) error {
	for _, name := range []string{release.ManifestFile, release.SignatureFile} {
		if _, _, err := copyHashed(filepath.Join(to, name), filepath.Join(from, name)); err != nil {
			return err
		}
	}
	for _, f := range m.Files {
		if f.Kind == "" {
			continue
		}
		size, sum, err := copyHashed(filepath.Join(to, f.Name), filepath.Join(from, f.Name))
		if err != nil {
			return err
		}
		if size != f.Size || sum != f.SHA256 {
			return fmt.Errorf("refused: %s is not the file that was signed", f.Name)
		}
	}
	return nil
}

func copyHashed(to, from string) (int64, string, error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, "", fmt.Errorf("reading the release: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, "", fmt.Errorf("writing the release: %w", err)
	}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(out, sum), in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return 0, "", fmt.Errorf("copying the release: %w", err)
	}
	return size, hex.EncodeToString(sum.Sum(nil)), nil
}

func readPublicKey(path string) (ed25519.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the public key is not PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("the public key is not an Ed25519 key")
	}
	return key, nil
}
