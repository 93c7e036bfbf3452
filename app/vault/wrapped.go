package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"fieldpay/action"
	"fieldpay/internal/sealed"
)

const wrappedVersion = 1

// wrapped is key.json: the data key in an AES-GCM box under a wrapping key that
// lies elsewhere.
type wrapped struct {
	Version int `json:"version"`
	// ID tells the keys of several data folders apart: it is the user in the
	// keychain and the name of the key file.
	ID         string     `json:"id"`
	Protection Protection `json:"protection"`
	// KDF has the parameters of a passphrase.
	KDF *kdf `json:"kdf,omitempty"`
	// Box is nonce and sealed data key.
	Box []byte `json:"box"`
}

// idForm keeps a foreign key.json from naming another file.
var idForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// readWrapped reads key.json; nil stands for no such file.
func readWrapped(path string) (*wrapped, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, keyMissing("reading key.json", err)
	}
	var w wrapped
	if err := json.Unmarshal(text, &w); err != nil || !idForm.MatchString(w.ID) {
		return nil, keyMissing("reading key.json", errors.New("the file is damaged"))
	}
	if w.Version != wrappedVersion {
		return nil, keyMissing("reading key.json", fmt.Errorf("version %d is not known here", w.Version))
	}
	return &w, nil
}

// unwrap opens the data key with the one wrapping key that it was sealed with.
func (o Options) unwrap(ctx context.Context, w wrapped) (*Vault, error) {
	var wrapping []byte
	var err error
	switch w.Protection {
	case Keychain:
		wrapping, err = o.fromKeychain(ctx, w.ID)
	case Passphrase:
		wrapping, err = o.fromPassphrase(w.KDF)
	case File:
		wrapping, err = readKeyFile(o.keyFile(w.ID))
	default:
		err = errors.New("its protection is not known here")
	}
	if err != nil {
		return nil, keyMissing("unwrapping the data key", err)
	}
	key, err := w.open(wrapping)
	if err != nil {
		return nil, keyMissing("unwrapping the data key", err)
	}
	return &Vault{key: key, protection: w.Protection}, nil
}

// create makes a data key and protects it as well as this machine can.
func (o Options) create(ctx context.Context, path string) (*Vault, error) {
	w := wrapped{Version: wrappedVersion, ID: hex.EncodeToString(random(16))}
	wrapping, err := o.protect(ctx, &w)
	if err != nil {
		return nil, err
	}
	key := random(KeySize)
	if err := w.seal(wrapping, key); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding key.json: %w", err)
	}
	if err := sealed.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return nil, err
	}
	return &Vault{key: key, protection: w.Protection}, nil
}

// protect chooses the protection and returns a wrapping key that is stored
// already.
func (o Options) protect(ctx context.Context, w *wrapped) ([]byte, error) {
	if wrapping, err := o.intoKeychain(ctx, w.ID); err == nil {
		w.Protection = Keychain
		return wrapping, nil
	}
	if o.PassphraseFile != "" {
		w.Protection, w.KDF = Passphrase, newKDF()
		wrapping, err := o.fromPassphrase(w.KDF)
		if err != nil {
			return nil, keyMissing("reading the passphrase", err)
		}
		return wrapping, nil
	}
	w.Protection = File
	wrapping := random(KeySize)
	if err := os.MkdirAll(o.FallbackDir, 0o700); err != nil {
		return nil, &action.Error{Code: action.StorageFailed, Op: "making the key's folder", Cause: err}
	}
	text := base64.StdEncoding.EncodeToString(wrapping) + "\n"
	return wrapping, sealed.WriteFile(o.keyFile(w.ID), []byte(text), 0o600)
}

// intoKeychain stores a new wrapping key and reads it back, because there are
// keychains that take a secret and lose it.
func (o Options) intoKeychain(ctx context.Context, id string) ([]byte, error) {
	wrapping := random(KeySize)
	text := base64.StdEncoding.EncodeToString(wrapping)
	_, err := limited(ctx, o.Timeout, func() (struct{}, error) {
		return struct{}{}, o.Keyring.Set(o.Service, id, text)
	})
	if err != nil {
		return nil, err
	}
	back, err := o.fromKeychain(ctx, id)
	if err != nil {
		return nil, err
	}
	if string(back) != string(wrapping) {
		return nil, errors.New("the keychain does not keep what it is given")
	}
	return wrapping, nil
}

func (o Options) fromKeychain(ctx context.Context, id string) ([]byte, error) {
	text, err := limited(ctx, o.Timeout, func() (string, error) { return o.Keyring.Get(o.Service, id) })
	if err != nil {
		return nil, err
	}
	return decodeKey(text)
}

func (o Options) keyFile(id string) string { return filepath.Join(o.FallbackDir, "key-"+id) }

func readKeyFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	return decodeKey(string(text))
}

// seal puts the data key into the box. The box also vouches for the rest of
// key.json, so that no part of it can be exchanged.
func (w *wrapped) seal(wrapping, key []byte) error {
	aead, err := newAEAD(wrapping)
	if err != nil {
		return err
	}
	w.Box = aead.Seal(nil, nil, key, w.label())
	return nil
}

func (w *wrapped) open(wrapping []byte) ([]byte, error) {
	aead, err := newAEAD(wrapping)
	if err != nil {
		return nil, err
	}
	key, err := aead.Open(nil, nil, w.Box, w.label())
	if err != nil || len(key) != KeySize {
		return nil, errors.New("the wrapping key does not fit")
	}
	return key, nil
}

func (w *wrapped) label() []byte {
	return fmt.Appendf(nil, "fieldpay data key %d %s %s", w.Version, w.ID, w.Protection)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher: %w", err)
	}
	return aead, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: see the documentation of crypto/rand
	return b
}
