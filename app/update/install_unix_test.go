//go:build unix

package update_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app/update"
	"fieldpay/internal/release"
)

// console stands in for the new fieldpayctl: it knows its version, and whether
// it can go on with the journal that it is shown.
const console = `#!/bin/sh
case $1 in
--version) echo "fieldpayctl %s" ;;
--data-dir) [ "$(cat "$2/journal.db")" = "the journal" ] && [ "$3 $4" = "journal check-replay" ] && exit %d ;;
esac
`

const installer = `#!/bin/sh
set -eu
mkdir -p "$2/bin"
cp "$(dirname "$0")/fieldpayctl" "$2/bin/fieldpayctl"
`

// archive packs files of a version as packaging does.
func archive(t *testing.T, version string, replay int) []byte {
	t.Helper()
	return packed(t, map[string]string{
		"fieldpay-" + version + "-linux-amd64/fieldpayctl": fmt.Sprintf(console, version, replay),
		"fieldpay-" + version + "-linux-amd64/install.sh":  installer,
	})
}

func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for name, content := range files {
		for _, h := range []tar.Header{
			{Name: filepath.Dir(name) + "/", Typeflag: tar.TypeDir, Mode: 0o755},
			{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(content))},
		} {
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// offered is an updater that knows of version 1.3.0, and where it installs.
func offered(t *testing.T, s *server, change func(*release.Manifest)) (*update.Updater, update.Options) {
	t.Helper()
	s.offer(t, key(1), "1.3.0", change)
	o := options(t, s, t.TempDir())
	u := newUpdater(t, o)
	if got, err := u.Check(t.Context()); err != nil || !got.Installable {
		t.Fatalf("got %+v, %v", got, err)
	}
	return u, o
}

// installed is what the console below a prefix says of itself, or nothing.
func installed(t *testing.T, o update.Options) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(o.Installed.Prefix, "bin", "fieldpayctl"))
	return err == nil && strings.Contains(string(text), "1.3.0")
}

func copies(t *testing.T, o update.Options) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(o.DataDir, "snapshots", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestUpdater_Install(t *testing.T) {
	t.Run("fetches, tries on a copy, keeps a copy and installs", func(t *testing.T) {
		s := &server{file: archive(t, "1.3.0", 0), part: 100}
		u, o := offered(t, s, nil)
		last := int64(0)
		if err := u.Install(t.Context(), func(done, total int64) { last = done }, always); err != nil {
			t.Fatal(err)
		}
		if !installed(t, o) || last != int64(len(s.file)) {
			t.Errorf("installed: %v, watched up to %d", installed(t, o), last)
		}
		if kept := copies(t, o); len(kept) != 1 {
			t.Errorf("copies: %q", kept)
		}
		if _, err := os.Stat(filepath.Join(o.DataDir, "updates")); !os.IsNotExist(err) {
			t.Errorf("left behind: %v", err)
		}
	})
	t.Run("goes on with a download where it was cut", func(t *testing.T) {
		s := &server{file: archive(t, "1.3.0", 0), part: 100, cut: 1}
		u, o := offered(t, s, nil)
		if err := u.Install(t.Context(), ignore, always); !errors.Is(err, errCut) || installed(t, o) {
			t.Fatalf("got %v", err)
		}
		s.asked = nil
		if err := newUpdater(t, o).Install(t.Context(), ignore, always); err != nil || !installed(t, o) {
			t.Fatal(err)
		}
		if s.asked[0] != 100 || slices.Contains(s.asked, 0) {
			t.Errorf("asked from %v", s.asked)
		}
	})
	t.Run("begins anew after a file that is not the one that was signed", func(t *testing.T) {
		good := archive(t, "1.3.0", 0)
		s := &server{file: good, part: 1 << 20}
		u, o := offered(t, s, nil)
		s.file = bytes.Clone(good)
		s.file[len(good)/2] ^= 1
		if err := u.Install(t.Context(), ignore, always); action.CodeOf(err) != action.UpdateRefused || !strings.Contains(action.MessageOf(err), "not the one that was signed") {
			t.Errorf("got %v", err)
		}
		s.file = good
		if err := u.Install(t.Context(), ignore, always); err != nil || !installed(t, o) {
			t.Errorf("afterwards: %v", err)
		}
	})
	for name, size := range map[string]int{"longer": 1, "shorter": -1} {
		t.Run("refuses a file that is "+name+" than was signed", func(t *testing.T) {
			s := &server{file: archive(t, "1.3.0", 0), part: 1 << 20}
			u, o := offered(t, s, func(m *release.Manifest) { m.Files[0].Size -= int64(size) })
			err := u.Install(t.Context(), ignore, always)
			if action.CodeOf(err) != action.UpdateRefused || !strings.Contains(action.MessageOf(err), "has not the size that was signed") || installed(t, o) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("is not installed where the new build cannot go on with what is unsent", func(t *testing.T) {
		u, o := offered(t, &server{file: archive(t, "1.3.0", 1), part: 1 << 20}, nil)
		err := u.Install(t.Context(), ignore, always)
		if action.CodeOf(err) != action.NotPossible || !strings.Contains(action.MessageOf(err), "cannot go on with what is unsent") || installed(t, o) {
			t.Errorf("got %v", err)
		}
		if _, err := os.Stat(filepath.Join(o.DataDir, "updates", "rehearsal")); !os.IsNotExist(err) {
			t.Errorf("the key lies about: %v", err)
		}
	})
	t.Run("is not installed where the programs are of another version", func(t *testing.T) {
		s := &server{part: 1 << 20, file: packed(t, map[string]string{
			"fieldpay-1.3.0-linux-amd64/fieldpayctl": fmt.Sprintf(console, "1.1.0", 0), "fieldpay-1.3.0-linux-amd64/install.sh": installer,
		})}
		u, o := offered(t, s, nil)
		if err := u.Install(t.Context(), ignore, always); action.CodeOf(err) != action.UpdateRefused || installed(t, o) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("stops at the last moment when it is not the time", func(t *testing.T) {
		u, o := offered(t, &server{file: archive(t, "1.3.0", 0), part: 1 << 20}, nil)
		busy := &action.Error{Code: action.NotPossible, Message: "A form is open"}
		if err := u.Install(t.Context(), ignore, func() error { return busy }); !errors.Is(err, busy) || installed(t, o) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("is not installed where the journal cannot be copied", func(t *testing.T) {
		s := &server{file: archive(t, "1.3.0", 0), part: 1 << 20}
		s.offer(t, key(1), "1.3.0", nil)
		o := options(t, s, t.TempDir())
		full := &action.Error{Code: action.DiskFull}
		o.Snapshot = func(context.Context, string) error { return full }
		u := newUpdater(t, o)
		if _, err := u.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := u.Install(t.Context(), ignore, always); !errors.Is(err, full) || installed(t, o) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("leaves its folder for no archive", func(t *testing.T) {
		s := &server{part: 1 << 20, file: packed(t, map[string]string{"../outside": "x"})}
		u, o := offered(t, s, nil)
		if err := u.Install(t.Context(), ignore, always); err == nil {
			t.Error("want an error")
		}
		if _, err := os.Stat(filepath.Join(o.DataDir, "updates", "outside")); !os.IsNotExist(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("keeps few copies of the journal", func(t *testing.T) {
		u, o := offered(t, &server{file: archive(t, "1.3.0", 1), part: 1 << 20}, nil)
		for range 5 {
			if err := u.Install(t.Context(), ignore, always); err == nil {
				t.Fatal("want an error")
			}
		}
		if kept := copies(t, o); len(kept) != 3 {
			t.Errorf("copies: %q", kept)
		}
	})
}

func TestInstalledAt(t *testing.T) {
	prefix := t.TempDir()
	program := filepath.Join(prefix, "bin", "fieldpay")
	if got := update.InstalledAt(program); got.Kind != "" || got.Reason == "" {
		t.Errorf("without a mark: %+v", got)
	}
	for _, folder := range []string{"bin", "share/fieldpay"} {
		if err := os.MkdirAll(filepath.Join(prefix, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(prefix, "share", "fieldpay", "archive"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := update.InstalledAt(program); got.Kind != release.Archive || got.Prefix != prefix {
		t.Errorf("with the mark: %+v", got)
	}
}
