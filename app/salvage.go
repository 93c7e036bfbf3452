package app

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"

	"fieldpay/action"
	"fieldpay/app/vault"
	"fieldpay/internal/sealed"
	"fieldpay/queue"
)

// SalvageJournal makes a new journal of what is intact in the damaged one of a
// data folder, and puts the damaged file aside: see [queue.Salvage]. FieldPay
// must be closed. The next sending is refused until a person goes on with it,
// by [Device.GoOn].
func SalvageJournal(ctx context.Context, o DeviceOptions) (queue.Rescue, error) {
	dir := o.Config.DataDir.Value
	journal, id := filepath.Join(dir, "journal.db"), filepath.Join(dir, "device.sealed")
	lock := flock.New(filepath.Join(dir, "replay.lock"))
	switch held, err := lock.TryLock(); {
	case err != nil:
		return queue.Rescue{}, &action.Error{Code: action.StorageFailed, Message: "The data folder cannot be locked", Op: "salvaging the journal", Cause: err}
	case !held:
		return queue.Rescue{}, &action.Error{Code: action.NotPossible, Message: "FieldPay is open on this device", Hint: "Close it, then salvage again", Op: "salvaging the journal"}
	}
	rescue, err := salvage(ctx, o, journal, id)
	if unlockErr := lock.Unlock(); unlockErr != nil {
		o.Logger.Warn().Err(unlockErr).Msg("unlocking the data folder")
	}
	return rescue, err
}

func salvage(ctx context.Context, o DeviceOptions, journal, idPath string) (queue.Rescue, error) {
	v, err := vault.Open(ctx, vault.Options{
		DataDir: o.Config.DataDir.Value, Keyring: o.Keyring, PassphraseFile: o.Config.PassphraseFile.Value,
		FallbackDir: o.Config.KeyDir.Value, Sealed: []string{journal, idPath},
	})
	if err != nil {
		return queue.Rescue{}, fmt.Errorf("opening the vault: %w", err)
	}
	id, err := sealed.New(sealed.Options{Path: idPath, Key: v.DataKey(), Purpose: "device"})
	if err != nil {
		return queue.Rescue{}, fmt.Errorf("opening the device's id: %w", err)
	}
	known, err := id.Load(ctx)
	if err != nil {
		return queue.Rescue{}, fmt.Errorf("reading the device's id: %w", err)
	}
	return queue.Salvage(ctx, queue.SalvageOptions{Path: journal, Key: v.DataKey(), DeviceID: string(known)})
}

// GoOn is a person's decision to go on with a journal that the server refuses
// because it knows a newer one: see [queue.Replay.GoOn].
func (d *Device) GoOn(ctx context.Context) error {
	r, err := d.replay()
	if err != nil {
		return err
	}
	if err := r.GoOn(ctx, d.Author()); err != nil {
		return fmt.Errorf("going on with an older journal: %w", err)
	}
	return nil
}
