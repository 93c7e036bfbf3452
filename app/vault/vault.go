// Package vault keeps the device's data key.
package vault

import (
	"context"
	"time"
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

// Keyring is the operating system's keychain, holding text by service and
// user. Get answers ErrNoSecret when there is none.
type Keyring interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
}

// Options configures a Vault. DataDir is required.
type Options struct {
	// DataDir is the data folder; key.json in it holds the wrapped data key.
	DataDir string
	// Service names the application in the keychain. Default: "fieldpay".
	Service string
	// Keyring is the keychain. Default: the operating system's.
	Keyring Keyring
	// PassphraseFile is read where there is no keychain. Default: none.
	PassphraseFile string
	// FallbackDir holds the wrapping key where there is neither; it must lie
	// outside DataDir. Default: the user's configuration folder.
	FallbackDir string
	// Sealed names files that the key has sealed: if one of them exists
	// although key.json does not, Open refuses instead of making a new key.
	Sealed []string
	// Timeout limits every call of the keychain. Default: 3 s.
	Timeout time.Duration
}

// Vault holds the data key of one data folder.
type Vault struct{}

// Open returns the vault of a data folder and makes its key at the first start.
func Open(ctx context.Context, o Options) (*Vault, error) { return &Vault{}, nil }

// DataKey returns a copy of the 32-byte data key.
func (v *Vault) DataKey() []byte { return nil }

// Protection says what guards the data key.
func (v *Vault) Protection() Protection { return "" }

// Derive returns a 32-byte key for one purpose.
func (v *Vault) Derive(purpose string) []byte { return nil }
