package update_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app/update"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/release"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// server is a device's own server.
type server struct {
	signed bffclient.SignedRelease
	err    error
	// file is what it has of the version's archive; it gives part bytes at a time,
	// and cut is how often it is cut off instead.
	file      []byte
	part, cut int
	asked     []int64
}

var errCut = errors.New("the line was cut")

func (s *server) Release(context.Context, string) (bffclient.SignedRelease, error) {
	return s.signed, s.err
}

func (s *server) ReleasePart(_ context.Context, _, _ string, from int64) ([]byte, error) {
	s.asked = append(s.asked, from)
	if s.cut > 0 && from > 0 {
		s.cut--
		return nil, errCut
	}
	rest := s.file[min(int(from), len(s.file)):]
	return rest[:min(s.part, len(rest))], nil
}

// offer makes the server offer a version with an archive, signed by a key.
func (s *server) offer(t *testing.T, k ed25519.PrivateKey, version string, change func(*release.Manifest)) {
	t.Helper()
	sum := sha256.Sum256(s.file)
	m := release.Manifest{
		Product: "fieldpay", Version: version, Channel: release.Stable, Journal: release.Schemas{Oldest: 1, Newest: 2}, Notes: "Better",
		Files: []release.File{{
			Name: "fieldpay-" + version + "-linux-amd64.tar.gz", Size: int64(len(s.file)), SHA256: hex.EncodeToString(sum[:]),
			Kind: release.Archive, OS: "linux", Arch: "amd64",
		}},
	}
	if change != nil {
		change(&m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	s.signed = bffclient.SignedRelease{Manifest: string(text), Signature: release.Sign(k, text)}
}

// options are those of version 1.2.0, installed from an archive below prefix.
func options(t *testing.T, s *server, prefix string) update.Options {
	t.Helper()
	public, _ := key(1).Public().(ed25519.PublicKey)
	return update.Options{
		DataDir: t.TempDir(), Keys: []ed25519.PublicKey{public}, Version: "1.2.0", Schema: 1, Source: s,
		Snapshot: func(_ context.Context, path string) error {
			return os.WriteFile(path, []byte("the journal"), 0o600)
		},
		Installed: update.Installation{Kind: release.Archive, OS: "linux", Arch: "amd64", Prefix: prefix},
	}
}

func newUpdater(t *testing.T, o update.Options) *update.Updater {
	t.Helper()
	u, err := update.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUpdater_Check(t *testing.T) {
	t.Run("tells of a newer version, also after a start", func(t *testing.T) {
		s := &server{}
		s.offer(t, key(1), "1.3.0", nil)
		o := options(t, s, "")
		got, err := newUpdater(t, o).Check(t.Context())
		if err != nil || got.State != update.Available || got.Version != "1.3.0" || got.Notes != "Better" || !got.Installable {
			t.Errorf("got %+v, %v", got, err)
		}
		if again := newUpdater(t, o).Status(); again != got {
			t.Errorf("got %+v, want %+v", again, got)
		}
		o.Version = "1.3.0"
		if after := newUpdater(t, o).Status(); after.State != update.Current {
			t.Errorf("once it is installed: %+v", after)
		}
	})
	t.Run("says who installs it, where FieldPay does not", func(t *testing.T) {
		s := &server{}
		s.offer(t, key(1), "1.3.0", nil)
		o := options(t, s, "")
		o.Installed = update.Installation{Reason: "The package manager does"}
		u := newUpdater(t, o)
		got, err := u.Check(t.Context())
		if err != nil || got.State != update.Available || got.Installable || got.Reason != "The package manager does" {
			t.Errorf("got %+v, %v", got, err)
		}
		if err := u.Install(t.Context(), ignore, always); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
	t.Run("does not offer a version for journals of another time", func(t *testing.T) {
		s := &server{}
		s.offer(t, key(1), "1.3.0", func(m *release.Manifest) { m.Journal = release.Schemas{Oldest: 5, Newest: 6} })
		if got, err := newUpdater(t, options(t, s, "")).Check(t.Context()); err != nil || got.Installable || !strings.Contains(got.Reason, "in between") {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	for name, c := range map[string]struct {
		offer func(*server)
		want  string
	}{
		"a manifest with a changed byte": {func(s *server) {
			s.offer(t, key(1), "1.3.0", nil)
			s.signed.Manifest = strings.Replace(s.signed.Manifest, "1.3.0", "1.9.0", 1)
		}, "not signed by FieldPay's makers, or was changed on its way"},
		"a manifest by another key": {func(s *server) { s.offer(t, key(2), "1.3.0", nil) }, "not signed by FieldPay's makers"},
		"a way back":                {func(s *server) { s.offer(t, key(1), "1.1.0", nil) }, "this device knows of 1.2.0: that would be a way back"},
		"a preview that nobody asked for": {func(s *server) {
			s.offer(t, key(1), "1.3.0-rc.1", func(m *release.Manifest) { m.Channel = release.Preview })
		}, "a preview that was not asked for"},
	} {
		t.Run("refuses "+name+", and says why", func(t *testing.T) {
			s := &server{}
			c.offer(s)
			u := newUpdater(t, options(t, s, ""))
			got, err := u.Check(t.Context())
			if action.CodeOf(err) != action.UpdateRefused || !strings.Contains(action.MessageOf(err), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if got.State != update.Refused || !strings.Contains(got.Reason, c.want) || u.Status() != got {
				t.Errorf("got %+v, then %+v", got, u.Status())
			}
			if err := u.Install(t.Context(), ignore, always); action.CodeOf(err) != action.NotPossible {
				t.Errorf("installing it: %v", err)
			}
		})
	}
	t.Run("refuses what is older than anything that was seen", func(t *testing.T) {
		s := &server{}
		u := newUpdater(t, options(t, s, ""))
		s.offer(t, key(1), "1.4.0", nil)
		if _, err := u.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.offer(t, key(1), "1.3.0", nil)
		if got, err := u.Check(t.Context()); action.CodeOf(err) != action.UpdateRefused || got.State != update.Refused {
			t.Errorf("got %+v, %v", got, err)
		}
		s.offer(t, key(1), "1.4.0", nil)
		if got, err := u.Check(t.Context()); err != nil || got.State != update.Available {
			t.Errorf("afterwards: %+v, %v", got, err)
		}
	})
	t.Run("a server without versions, or an older one, has nothing to tell", func(t *testing.T) {
		for _, code := range []action.Code{action.NotFound, action.UnknownType} {
			s := &server{err: &action.Error{Code: code}}
			if got, err := newUpdater(t, options(t, s, "")).Check(t.Context()); err != nil || got.State != update.Current {
				t.Errorf("got %+v, %v", got, err)
			}
		}
	})
	t.Run("a lost line changes nothing of what is known", func(t *testing.T) {
		s := &server{}
		s.offer(t, key(1), "1.3.0", nil)
		u := newUpdater(t, options(t, s, ""))
		if _, err := u.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.err = &action.Error{Code: action.Offline}
		if got, err := u.Check(t.Context()); action.CodeOf(err) != action.Offline || got.State != update.Available {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("asks nobody without a key, or where the company says so", func(t *testing.T) {
		s := &server{err: errCut}
		for _, change := range []func(*update.Options){func(o *update.Options) { o.Keys = nil }, func(o *update.Options) { o.Channel = "none" }} {
			o := options(t, s, "")
			change(&o)
			if got, err := newUpdater(t, o).Check(t.Context()); err != nil || got.State != update.Off {
				t.Errorf("got %+v, %v", got, err)
			}
		}
	})
	t.Run("what is remembered is believed no more than the server", func(t *testing.T) {
		s := &server{}
		s.offer(t, key(1), "1.3.0", nil)
		o := options(t, s, "")
		if _, err := newUpdater(t, o).Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(o.DataDir, "update.json")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Replace(text, []byte(`Better`), []byte(`Worse!`), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		u := newUpdater(t, o)
		if got := u.Status(); got.State != update.Current {
			t.Errorf("got %+v", got)
		}
		if err := u.Install(t.Context(), ignore, always); action.CodeOf(err) != action.UpdateRefused {
			t.Errorf("got %v", err)
		}
	})
}

func ignore(int64, int64) {}

func always() error { return nil }
