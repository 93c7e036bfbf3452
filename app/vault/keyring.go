package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// ErrNoSecret is a Keyring's answer when it has no such secret.
var ErrNoSecret = errors.New("the keychain has no such secret")

// errKeychainSlow says that the keychain did not answer in time: it is locked
// and asks somebody who is not there, or its service hangs.
var errKeychainSlow = errors.New("the keychain does not answer")

// Keyring is the operating system's keychain: text by service and user.
type Keyring interface {
	// Get returns a secret, or ErrNoSecret.
	Get(service, user string) (string, error)
	// Set stores a secret.
	Set(service, user, secret string) error
}

// systemKeyring is the keychain of the system: the Secret Service on Linux, the
// Credential Manager on Windows, the Keychain on macOS.
type systemKeyring struct{}

// Get returns a secret of the system's keychain.
func (systemKeyring) Get(service, user string) (string, error) {
	if err := thisBus().check(); err != nil {
		return "", err
	}
	secret, err := keyring.Get(service, user)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrNoSecret
	}
	if err != nil {
		return "", fmt.Errorf("reading the keychain: %w", err)
	}
	return secret, nil
}

// Set stores a secret in the system's keychain.
func (systemKeyring) Set(service, user, secret string) error {
	if err := thisBus().check(); err != nil {
		return err
	}
	if err := keyring.Set(service, user, secret); err != nil {
		return fmt.Errorf("writing to the keychain: %w", err)
	}
	return nil
}

// limited runs one call of the keychain and stops waiting for it after the
// limit. Such a call cannot be broken off: one that hangs keeps its goroutine,
// which holds nothing but its own arguments, until the process ends. A vault is
// opened once per process, so there are at most three.
func limited[T any](ctx context.Context, limit time.Duration, call func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := call()
		done <- result{value, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var none T
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		return none, errKeychainSlow
	case <-ctx.Done():
		return none, fmt.Errorf("waiting for the keychain: %w", ctx.Err())
	}
}
