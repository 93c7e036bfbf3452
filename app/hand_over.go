package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/handover"
)

// SealedWork says what went into a file of unsent work.
type SealedWork struct {
	// Actions is how many the file holds. More says that others did not fit: they
	// go into the next file, once this one was taken.
	Actions int  `json:"actions"`
	More    bool `json:"more"`
}

// SealUnsent writes the unsent work of the device to w, sealed for its server:
// for a device that cannot send any more. Nothing changes in the journal until
// the server's receipt comes back, see [Device.TakeReceipt].
//
// It works without a connection. A device that never reached its server has no
// key to seal for: NotPossible, as for nothing unsent.
func (d *Device) SealUnsent(ctx context.Context, w io.Writer) (SealedWork, error) {
	const op = "sealing unsent work"
	recipient, err := d.session.Recipient(ctx, d.config.BFF.Value)
	if err != nil {
		return SealedWork{}, err
	}
	if recipient == "" {
		return SealedWork{}, &action.Error{
			Code: action.NotPossible, Op: op, Message: "This device does not have its server's key yet",
			Hint: "Connect once and sign in. The journal can be kept as a backup meanwhile",
		}
	}
	found, more, err := d.journal.Unsent(ctx, handover.MaxActions)
	if err != nil {
		return SealedWork{}, fmt.Errorf("reading unsent work: %w", err)
	}
	if len(found) == 0 {
		return SealedWork{}, &action.Error{Code: action.NotPossible, Op: op, Message: "Everything was sent: there is nothing to hand over"}
	}
	lines := make([]json.RawMessage, len(found))
	for i, a := range found {
		if lines[i], err = json.Marshal(a); err != nil {
			return SealedWork{}, fmt.Errorf("encoding an action: %w", err)
		}
	}
	head := handover.Header{DeviceID: d.journal.DeviceID(), By: d.Author(), MadeAt: time.Now().UTC()}
	if err := handover.Seal(w, recipient, d.vault.DeviceKey(), head, lines); err != nil {
		return SealedWork{}, &action.Error{Code: action.StorageFailed, Op: op, Message: "The file cannot be written", Cause: err}
	}
	return SealedWork{Actions: len(found), More: more}, nil
}

// BringFile brings a sealed file to the server, of whichever device it is. It is
// safe to repeat.
func (d *Device) BringFile(ctx context.Context, file []byte) (bffclient.HandedOver, error) {
	taken, err := d.client.HandOver(ctx, file)
	if err != nil {
		return bffclient.HandedOver{}, fmt.Errorf("handing over: %w", err)
	}
	return taken, nil
}

// TakeReceipt notes that the server took what a receipt names, and returns how
// many actions that changed.
func (d *Device) TakeReceipt(ctx context.Context, text []byte) (int, error) {
	receipt, err := d.client.CheckReceipt(ctx, text)
	if err != nil {
		return 0, err
	}
	n, err := d.journal.HandOver(ctx, receipt.IDs, d.Author(), "receipt of "+receipt.At.UTC().Format(time.RFC3339))
	if err != nil {
		return n, fmt.Errorf("noting a hand-over: %w", err)
	}
	return n, nil
}

// learnRecipient keeps the server's key for files, so that work can be sealed
// when the server cannot be reached. Servers without one are fine.
func (d *Device) learnRecipient(ctx context.Context) {
	server := d.config.BFF.Value
	known, err := d.session.Recipient(ctx, server)
	if err != nil || known != "" {
		return
	}
	// A receipt is believed for the key that signs probes.
	if _, err := d.Probe(ctx); err != nil {
		return
	}
	recipient, err := d.client.HandOverRecipient(ctx)
	if err == nil && recipient != "" {
		err = d.session.SetRecipient(ctx, server, recipient)
	}
	if err != nil {
		d.log.Info().Str("code", string(action.CodeOf(err))).Msg("the key for hand-overs was not learned")
	}
}
