// Package blob keeps the bytes of photos and signatures until the server has
// them: each once, under the name of its content, sealed.
//
// A file's name on the disk is a keyed hash of its content's hash: who has the
// disk learns neither what is in it nor whether two devices have the same.
package blob

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"fieldpay/action"
	"fieldpay/internal/sealed"
)

// MaxTotal limits what a store holds in bytes: a thousand photos as the forms
// scale them.
const MaxTotal = 512 << 20

// Options configures a Store. Both are required.
type Options struct {
	// Dir is the folder of the files; it is made when the first one comes.
	Dir string
	// Key is the 32-byte data key; the store's own keys are derived from it.
	Key []byte
}

// Store holds files by their content. It is safe for concurrent use, by several
// processes too: a file is written once and never changed.
type Store struct {
	dir   string
	aead  cipher.AEAD
	names []byte
}

// Open returns the store at o.Dir, which need not exist.
func Open(o Options) (*Store, error) {
	key, err := hkdf.Key(sha256.New, o.Key, nil, "fieldpay blob content", sealed.KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of files: %w", err)
	}
	names, err := hkdf.Key(sha256.New, o.Key, nil, "fieldpay blob names", sealed.KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of file names: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the cipher of files: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher of files: %w", err)
	}
	return &Store{dir: o.Dir, aead: aead, names: names}, nil
}

// Put keeps content and returns its SHA-256 in hex; it is durable on the return.
// The error is [action.TooLarge] for no bytes, for more than an attachment may
// have, and where the store is full; [action.DiskFull] or [action.StorageFailed]
// where the disk does not take it.
func (s *Store) Put(content []byte) (hash string, err error) {
	if len(content) == 0 || len(content) > action.MaxAttachmentBytes {
		return "", &action.Error{Code: action.TooLarge, Op: "keeping a file",
			Message: fmt.Sprintf("A file has from 1 byte to %d MiB", action.MaxAttachmentBytes>>20)}
	}
	sum := sha256.Sum256(content)
	hash = hex.EncodeToString(sum[:])
	if _, err := os.Stat(s.path(hash)); err == nil {
		return hash, nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return "", &action.Error{Code: action.StorageFailed, Op: "keeping a file", Cause: err}
	}
	if held, err := s.total(); err != nil || held+int64(len(content)) > MaxTotal {
		return "", errors.Join(err, &action.Error{Code: action.TooLarge, Op: "keeping a file",
			Message: "There are too many unsent photos on this device", Hint: "Connect, so that they are sent, then add this one"})
	}
	box := s.aead.Seal(nil, nil, content, []byte(hash))
	if err := sealed.WriteFile(s.path(hash), box, 0o600); err != nil {
		return "", fmt.Errorf("keeping a file: %w", err)
	}
	return hash, nil
}

// Get returns the bytes of a hash. The error is [action.NotFound] where there are
// none, or none that this key has sealed.
func (s *Store) Get(hash string) ([]byte, error) {
	box, err := os.ReadFile(s.path(hash))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &action.Error{Code: action.StorageFailed, Op: "reading a file", Cause: err}
	}
	content, opened := []byte(nil), errors.New("no such file")
	if err == nil {
		content, opened = s.aead.Open(nil, nil, box, []byte(hash))
	}
	if opened != nil {
		return nil, &action.Error{Code: action.NotFound, Op: "reading a file", Cause: opened}
	}
	return content, nil
}

// Forget removes the bytes of a hash. There may be none.
func (s *Store) Forget(hash string) error {
	if err := os.Remove(s.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &action.Error{Code: action.StorageFailed, Op: "removing a file", Cause: err}
	}
	return nil
}

func (s *Store) path(hash string) string {
	mac := hmac.New(sha256.New, s.names)
	mac.Write([]byte(hash))
	return filepath.Join(s.dir, hex.EncodeToString(mac.Sum(nil)))
}

func (s *Store) total() (int64, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return 0, fmt.Errorf("listing files: %w", err)
	}
	var sum int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			sum += info.Size()
		}
	}
	return sum, nil
}
