package blob_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app/blob"
)

func open(t *testing.T, dir string, key byte) *blob.Store {
	t.Helper()
	s, err := blob.Open(blob.Options{Dir: dir, Key: bytes.Repeat([]byte{key}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	s := open(t, dir, 1)
	photo := []byte("a photo of the meter")
	hash, err := s.Put(photo)
	if err != nil || !action.IsFileHash(hash) {
		t.Fatalf("got %q, %v", hash, err)
	}
	t.Run("the same bytes are kept once and found by their hash", func(t *testing.T) {
		if again, err := s.Put(photo); err != nil || again != hash {
			t.Errorf("got %q, %v", again, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%d files, %v", len(entries), err)
		}
		if got, err := open(t, dir, 1).Get(hash); err != nil || !bytes.Equal(got, photo) {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("the disk shows neither the bytes nor their hash, and another key opens nothing", func(t *testing.T) {
		entries, err := os.ReadDir(dir)
		if err != nil || strings.Contains(entries[0].Name(), hash) {
			t.Fatalf("the name tells the content: %v", err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
		if err != nil || bytes.Contains(raw, photo) {
			t.Errorf("the bytes can be read: %v", err)
		}
		if _, err := open(t, dir, 2).Get(hash); action.CodeOf(err) != action.NotFound {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a file that was changed on the disk is none", func(t *testing.T) {
		entries, _ := os.ReadDir(dir)
		path := filepath.Join(dir, entries[0].Name())
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)-1] ^= 1
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(hash); action.CodeOf(err) != action.NotFound {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nothing, and too much, is refused; forgetting twice is harmless", func(t *testing.T) {
		for _, content := range [][]byte{nil, make([]byte, action.MaxAttachmentBytes+1)} {
			if _, err := s.Put(content); action.CodeOf(err) != action.TooLarge {
				t.Errorf("%d bytes: %v", len(content), err)
			}
		}
		for range 2 {
			if err := s.Forget(hash); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.Get(hash); action.CodeOf(err) != action.NotFound {
			t.Errorf("got %v", err)
		}
	})
}
