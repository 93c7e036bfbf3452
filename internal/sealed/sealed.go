// Package sealed keeps small files that nobody else can read and that several
// processes may change: each is one AES-GCM box, replaced as a whole, behind a
// lock file.
//
// A [File] is found unreadable, never half written: [ErrUnreadable] says that
// its bytes are cut, foreign or sealed with another key. [WriteFile] replaces
// any file so that a power cut leaves the old or the new one.
package sealed

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// format opens every file, so that a later one can be told apart. It is part
// of what the box authenticates.
const format = "fieldpay-sealed-1\n"

// lockPause is how often a lock that another process holds is tried again. A
// change takes about a millisecond.
const lockPause = 2 * time.Millisecond

// ErrUnreadable says that a file is not one that this key has sealed.
var ErrUnreadable = errors.New("the sealed file cannot be opened with this key")

// Options configures a File. All are required.
type Options struct {
	// Path is the file; Path + ".lock" lies beside it.
	Path string
	// Key is the 32-byte data key; the file's own key is derived from it.
	Key []byte
	// Purpose names the content, e.g. "session", so that one file cannot stand
	// in for another.
	Purpose string
}

// File is one sealed file. It is safe for concurrent use, by several processes
// too.
type File struct {
	path  string
	aead  cipher.AEAD
	label []byte
}

// New returns the file at o.Path, which need not exist.
func New(o Options) (*File, error) {
	if o.Path == "" || o.Purpose == "" || len(o.Key) != KeySize {
		return nil, fmt.Errorf("sealed file: a path, a purpose and a key of %d bytes are needed", KeySize)
	}
	label := format + o.Purpose
	key, err := hkdf.Key(sha256.New, o.Key, nil, label, KeySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of %s: %w", o.Purpose, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the cipher of %s: %w", o.Purpose, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher of %s: %w", o.Purpose, err)
	}
	return &File{path: o.Path, aead: aead, label: []byte(label)}, nil
}

// Load returns the content. The error is fs.ErrNotExist for no file and
// ErrUnreadable for a foreign one.
func (f *File) Load(ctx context.Context) ([]byte, error) {
	lock := flock.New(f.path + ".lock")
	if _, err := lock.TryRLockContext(ctx, lockPause); err != nil {
		return nil, fmt.Errorf("locking the sealed file: %w", err)
	}
	defer unlock(lock)
	return f.read()
}

// Update replaces the content by what change makes of it. A file that does not
// exist or cannot be opened is given as nil.
func (f *File) Update(ctx context.Context, change func(old []byte) ([]byte, error)) error {
	lock := flock.New(f.path + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		return fmt.Errorf("locking the sealed file: %w", err)
	}
	defer unlock(lock)
	old, err := f.read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrUnreadable) {
		return err
	}
	content, err := change(old)
	if err != nil {
		return err
	}
	box := f.aead.Seal([]byte(format), nil, content, f.label)
	return WriteFile(f.path, box, 0o600)
}

func (f *File) read() ([]byte, error) {
	box, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("reading the sealed file: %w", err)
	}
	if len(box) < len(format) || string(box[:len(format)]) != format {
		return nil, ErrUnreadable
	}
	content, err := f.aead.Open(nil, nil, box[len(format):], f.label)
	if err != nil {
		return nil, ErrUnreadable
	}
	if content == nil {
		content = []byte{}
	}
	return content, nil
}

// unlock lets go of a lock. It cannot fail in a way that matters: the lock ends
// with its descriptor.
func unlock(lock *flock.Flock) { _ = lock.Close() }
