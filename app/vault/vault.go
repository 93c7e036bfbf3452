// Package vault keeps the device's data key: the one key under which the
// journal, the session and the cache are sealed.
//
// [Open] makes the key at the first start and finds it again ever after. The
// key is random; key.json in the data folder holds it wrapped under a second
// key, which lies in the operating system's keychain, or where there is none is
// derived from a passphrase, or at worst lies in a file outside the data folder
// ([Protection] says which, for the screen to show).
//
// A key that exists is never replaced: when its wrapping key is missing or
// locked, Open fails with action.KeyMissing and changes nothing. Processes that
// start at once agree on one key.
package vault

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"fieldpay/action"
)

// KeySize is the length of the data key in bytes.
const KeySize = 32

const (
	defaultService = "fieldpay"
	defaultTimeout = 3 * time.Second
	// lockPause is how often the lock is tried while another process makes the
	// key.
	lockPause = 10 * time.Millisecond
)

// Protection says what guards the data key.
type Protection string

// The kinds of protection.
const (
	// Keychain: the operating system's keychain has the wrapping key.
	Keychain Protection = "keychain"
	// Passphrase: the wrapping key is derived from a passphrase.
	Passphrase Protection = "passphrase"
	// File: the wrapping key lies in a file that only its owner can read. This
	// is no protection against who has the disk, and is shown as such.
	File Protection = "file"
)

// Options configures a Vault. DataDir is required.
type Options struct {
	// DataDir is the data folder; key.json in it holds the wrapped data key.
	DataDir string
	// Service names the application in the keychain. Default: "fieldpay".
	Service string
	// Keyring is the keychain. Default: the operating system's.
	Keyring Keyring
	// PassphraseFile is read where no keychain works. Default: none.
	PassphraseFile string
	// FallbackDir holds the wrapping key where there is neither; it must lie
	// outside DataDir. Default: "fieldpay" in the user's configuration folder.
	FallbackDir string
	// Sealed names files that the key has sealed: if one of them exists
	// although key.json does not, Open fails with KeyMissing instead of making
	// a key that does not fit. Default: none.
	Sealed []string
	// Timeout limits every call of the keychain. Default: 3 s.
	Timeout time.Duration
}

// Vault holds the data key of one data folder.
type Vault struct {
	key        []byte
	protection Protection
}

// Open returns the vault of a data folder and makes its key at the first start.
//
// The error is an *action.Error: KeyMissing when there is a key that cannot be
// unwrapped, DiskFull or StorageFailed when a new one cannot be stored.
func Open(ctx context.Context, o Options) (*Vault, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return nil, &action.Error{Code: action.StorageFailed, Op: "making the data folder", Cause: err}
	}
	lock := flock.New(filepath.Join(o.DataDir, "key.lock"))
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		return nil, &action.Error{Code: action.StorageFailed, Op: "locking the data key", Cause: err}
	}
	defer func() { _ = lock.Close() }() // the lock ends with its descriptor
	path := filepath.Join(o.DataDir, "key.json")
	stored, err := readWrapped(path)
	switch {
	case err != nil:
		return nil, err
	case stored != nil:
		return o.unwrap(ctx, *stored)
	}
	for _, sealed := range o.Sealed {
		if _, err := os.Stat(sealed); err == nil {
			return nil, keyMissing("looking for the data key", errors.New("there are sealed files and no key.json"))
		}
	}
	return o.create(ctx, path)
}

func (o Options) withDefaults() (Options, error) {
	if o.DataDir == "" {
		return o, errors.New("vault: Options.DataDir is required")
	}
	if o.Service == "" {
		o.Service = defaultService
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Keyring == nil {
		o.Keyring = systemKeyring{}
	}
	if o.FallbackDir == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return o, fmt.Errorf("finding the configuration folder: %w", err)
		}
		o.FallbackDir = filepath.Join(config, "fieldpay")
	}
	inside, err := within(o.FallbackDir, o.DataDir)
	if err != nil {
		return o, err
	}
	if inside {
		return o, errors.New("vault: Options.FallbackDir must lie outside the data folder")
	}
	return o, nil
}

// within reports whether folder is parent or lies in it. A key beside what it
// protects would go wherever a copy of the data goes.
func within(folder, parent string) (bool, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return false, fmt.Errorf("finding the fallback folder: %w", err)
	}
	parent, err = filepath.Abs(parent)
	if err != nil {
		return false, fmt.Errorf("finding the data folder: %w", err)
	}
	rel, err := filepath.Rel(parent, folder)
	return err == nil && filepath.IsLocal(rel), nil
}

// DataKey returns a copy of the 32-byte data key.
func (v *Vault) DataKey() []byte { return slices.Clone(v.key) }

// Protection says what guards the data key.
func (v *Vault) Protection() Protection { return v.protection }

// Derive returns a 32-byte key for one purpose. Keys of different purposes tell
// nothing about each other. It is HKDF-Expand (RFC 5869) to one block, which
// needs no extraction because the data key is random, and cannot fail.
func (v *Vault) Derive(purpose string) []byte {
	mac := hmac.New(sha256.New, v.key)
	mac.Write([]byte("fieldpay " + purpose))
	mac.Write([]byte{1})
	return mac.Sum(nil)
}

// DeviceKey returns the Ed25519 key that signs the device's requests. It follows
// from the data key, so that it is as safe, is there as long as the journal can
// be read, and is never stored by itself.
func (v *Vault) DeviceKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(v.Derive("device requests"))
}

func keyMissing(op string, cause error) error {
	return &action.Error{
		Code: action.KeyMissing, Message: action.KeyMissing.Message(), Op: op, Cause: cause,
		Hint: "Unlock this computer's keychain, or bring back the passphrase or key file, and start again",
	}
}
