package host_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/bff/cmd/host"
	"fieldpay/internal/release"
)

// releaseKey signs the releases of these tests.
func releaseKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

// packaged is a folder as packaging leaves it, with an archive of size bytes.
func packaged(t *testing.T, version string, channel release.Channel, size int) string {
	t.Helper()
	folder, content := t.TempDir(), bytes.Repeat([]byte("fieldpay"), size/8)
	sum := sha256.Sum256(content)
	name := "fieldpay-" + version + "-linux-amd64.tar.gz"
	text, err := json.Marshal(release.Manifest{
		Product: "fieldpay", Version: version, Channel: channel, Journal: release.Schemas{Oldest: 1, Newest: 1},
		Files: []release.File{
			{Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Kind: release.Archive, OS: "linux", Arch: "amd64"},
			{Name: "fieldpay.deb", Size: 1, SHA256: strings.Repeat("0", 64)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{
		name: content, release.ManifestFile: text, release.SignatureFile: []byte(release.Sign(releaseKey(), text)),
	} {
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// nobody is signed in.
type nobody struct{}

func (nobody) Tokens(context.Context) (bffclient.Tokens, error) { return bffclient.Tokens{}, nil }
func (nobody) Store(context.Context, bffclient.Tokens) error    { return nil }
func (nobody) Drop(context.Context) error                       { return nil }

func TestHost_releases(t *testing.T) {
	config := host.Config{DataDir: t.TempDir()}
	for version, channel := range map[string]release.Channel{"1.9.0": release.Stable, "1.10.0": release.Stable, "2.0.0-rc.1": release.Preview} {
		if err := host.Publish(config, packaged(t, version, channel, 3<<20), "", io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	h := start(t, config)
	defer closeHost(t, h)
	c, err := bffclient.New(bffclient.Options{BaseURL: h.URL(), Tokens: nobody{}})
	if err != nil {
		t.Fatal(err)
	}
	public, _ := releaseKey().Public().(ed25519.PublicKey)
	for channel, want := range map[string]string{"stable": "1.10.0", "preview": "2.0.0-rc.1"} {
		t.Run("the newest version of "+channel+" is told, as it was signed", func(t *testing.T) {
			found, err := c.Release(t.Context(), channel)
			if err != nil {
				t.Fatal(err)
			}
			m, err := release.Verify([]ed25519.PublicKey{public}, []byte(found.Manifest), found.Signature)
			if err != nil || m.Version != want {
				t.Errorf("got %s, %v", m.Version, err)
			}
		})
	}
	t.Run("a file comes by parts", func(t *testing.T) {
		var whole []byte
		for parts := 0; ; parts++ {
			part, err := c.ReleasePart(t.Context(), "1.10.0", "fieldpay-1.10.0-linux-amd64.tar.gz", int64(len(whole)))
			if err != nil {
				t.Fatal(err)
			}
			if len(part) == 0 {
				if parts != 3 || len(whole) != 3<<20 || !bytes.HasSuffix(whole, []byte("fieldpay")) {
					t.Errorf("%d parts of %d bytes", parts, len(whole))
				}
				return
			}
			whole = append(whole, part...)
		}
	})
	for name, path := range map[string][2]string{
		"another file of the folder":  {"1.10.0", "fieldpay.deb"},
		"a folder above":              {"1.10.0", ".."},
		"a file beyond the folder":    {"1.10.0", "../1.9.0/manifest.json"},
		"a version that is a path":    {"..", "store.db"},
		"a version that is not there": {"3.0.0", "manifest.json"},
	} {
		t.Run("does not give "+name, func(t *testing.T) {
			part, err := c.ReleasePart(t.Context(), path[0], path[1], 0)
			if code := action.CodeOf(err); code != action.NotFound && code != action.UnknownType && code != action.Portal {
				t.Errorf("got %d bytes, %v", len(part), err)
			}
		})
	}
}

func TestPublish(t *testing.T) {
	publish := func(t *testing.T, config host.Config, folder, want string) {
		t.Helper()
		if err := host.Publish(config, folder, "", io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if found, err := filepath.Glob(filepath.Join(config.DataDir, "releases", "new-*")); err != nil || len(found) > 0 {
			t.Errorf("left behind: %q, %v", found, err)
		}
	}
	t.Run("refuses a file that is not as it was signed", func(t *testing.T) {
		folder := packaged(t, "1.0.0", release.Stable, 64)
		if err := os.WriteFile(filepath.Join(folder, "fieldpay-1.0.0-linux-amd64.tar.gz"), []byte("other"), 0o600); err != nil {
			t.Fatal(err)
		}
		publish(t, host.Config{DataDir: t.TempDir()}, folder, "is not the file that was signed")
	})
	t.Run("refuses a manifest without a signature", func(t *testing.T) {
		folder := packaged(t, "1.0.0", release.Stable, 64)
		if err := os.Remove(filepath.Join(folder, release.SignatureFile)); err != nil {
			t.Fatal(err)
		}
		publish(t, host.Config{DataDir: t.TempDir()}, folder, "is not signed")
	})
	t.Run("never changes a version that is there", func(t *testing.T) {
		config, folder := host.Config{DataDir: t.TempDir()}, packaged(t, "1.0.0", release.Stable, 64)
		if err := host.Publish(config, folder, "", io.Discard); err != nil {
			t.Fatal(err)
		}
		publish(t, config, folder, "published already")
	})
}
