package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"fieldpay/action"
	"fieldpay/internal/sealed"
	"fieldpay/queue"
)

// openJournal opens the journal, and makes it only on a device that never had
// one. The id of the device, noted in a file of its own, tells that: a journal
// that was lost must not look like one with nothing in it.
func (d *Device) openJournal(ctx context.Context, path, idPath string) error {
	id, err := sealed.New(sealed.Options{Path: idPath, Key: d.vault.DataKey(), Purpose: "device"})
	if err != nil {
		return fmt.Errorf("opening the device's id: %w", err)
	}
	known, err := id.Load(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// The first start, or one that ended before the id was noted.
	case errors.Is(err, sealed.ErrUnreadable):
		// A sound journal is worth more than this file, which is written anew.
		d.log.Warn().Msg("the device's id could not be read")
	case err != nil:
		return fmt.Errorf("reading the device's id: %w", err)
	}
	d.journal, err = queue.Open(ctx, queue.Options{Path: path, Key: d.vault.DataKey(), Expect: string(known), Logger: d.log})
	if err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	if len(known) > 0 {
		return nil
	}
	note := func([]byte) ([]byte, error) { return []byte(d.journal.DeviceID()), nil }
	if err := id.Update(ctx, note); err != nil {
		// The journal is there, and the next start notes the id again.
		d.log.Warn().Str("code", string(action.CodeOf(err))).Msg("the device's id could not be noted")
	}
	return nil
}
