package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/internal/handover"
)

type handOverGroup struct {
	Seal    handOverSeal    `cmd:"" help:"Write unsent work to a file that only the server can read."`
	Bring   handOverBring   `cmd:"" help:"Bring a sealed file to the server, of this device or another."`
	Receipt handOverReceipt `cmd:"" help:"Note what the server took from a file of this device."`
}

// Help says how the three belong together.
func (handOverGroup) Help() string {
	return `For a device that cannot send any more: out of order, or shut out by the office. The file can be carried by anybody; only the server can read it, and taking it twice is harmless.

  fieldpayctl hand-over seal work.fieldpay            # on that device; needs no connection
  fieldpayctl hand-over bring work.fieldpay >receipt.json   # on any device that is signed in
  fieldpayctl hand-over receipt receipt.json          # on the first one, if it is still there`
}

type handOverSeal struct {
	File string `arg:"" help:"The new file."`
	JSON bool   `name:"json" help:"One JSON object."`
}

// Run seals the unsent work. A file is never replaced: it may be the only copy.
func (c *handOverSeal) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		var sealed bytes.Buffer
		work, err := d.SealUnsent(ctx, &sealed)
		if err != nil {
			return err
		}
		if err := writeNew(c.File, sealed.Bytes()); err != nil {
			return err
		}
		if c.JSON {
			return s.print(work)
		}
		if _, err = fmt.Fprintf(s.out, "%d unsent actions are in %s. They stay in the journal until the server's receipt comes back.\n", work.Actions, c.File); err != nil {
			return err
		}
		if work.More {
			_, err = fmt.Fprintln(s.out, "Others did not fit. Seal again when the receipt for this file was noted.")
		}
		return err
	})
}

// writeNew writes a new file that only its owner can read, through to the disk.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("making the file: %w", err)
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the file: %w", err)
	}
	return nil
}

// readSmall reads a file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(bufio.NewReader(file), limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, &action.Error{Code: action.TooLarge, Message: "The file is too large to be one of ours"}
	}
	return text, nil
}

type handOverBring struct {
	File string `arg:"" help:"The sealed file."`
}

// Run brings the file, and prints the receipt. Exit code 1 says that the server
// did not take everything, or that something needs a person.
func (c *handOverBring) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		file, err := readSmall(c.File, handover.MaxBytes)
		if err != nil {
			return err
		}
		taken, err := d.BringFile(ctx, file)
		if err != nil {
			return err
		}
		counts := map[action.Status]int{}
		for _, o := range taken.Outcomes {
			counts[o.Status]++
		}
		fmt.Fprintf(s.err, "Device %s: %d actions, %d applied, %d accepted, %d need somebody or were refused.\n", taken.DeviceID, len(taken.Outcomes),
			counts[action.StatusApplied], counts[action.StatusAccepted], len(taken.Outcomes)-counts[action.StatusApplied]-counts[action.StatusAccepted])
		if err := json.NewEncoder(s.out).Encode(taken.Receipt); err != nil {
			return fmt.Errorf("writing the receipt: %w", err)
		}
		if counts[action.StatusApplied]+counts[action.StatusAccepted] < len(taken.Outcomes) {
			return personNeeded{}
		}
		return nil
	})
}

type handOverReceipt struct {
	File string `arg:"" help:"The receipt."`
}

// Run notes the receipt.
func (c *handOverReceipt) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		text, err := readSmall(c.File, 1<<20)
		if err != nil {
			return err
		}
		n, err := d.TakeReceipt(ctx, text)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "%d actions are handed over.\n", n)
		return err
	})
}
