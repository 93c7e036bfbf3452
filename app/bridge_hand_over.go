package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"fieldpay/action"
	"fieldpay/internal/handover"
)

// ageMark begins every sealed file (https://age-encryption.org/v1).
const ageMark = "age-encryption.org/"

// SealedFile is a file of unsent work and how many actions it holds. More says
// that others did not fit.
type SealedFile struct {
	File    FileDTO `json:"file"`
	Actions int     `json:"actions"`
	More    bool    `json:"more"`
}

// CarriedFile is a file that somebody carried here, in base64: sealed work of
// any device, or a receipt for this one.
type CarriedFile struct {
	Content string `json:"content"`
}

// TakenFile says what came of a carried file. For sealed work Receipt is the
// server's receipt, Actions how many the file held and Taken how many of them
// the server has now; for a receipt Taken is how many actions of this journal
// are handed over by it.
type TakenFile struct {
	Receipt FileDTO `json:"receipt"`
	Actions int     `json:"actions"`
	Taken   int     `json:"taken"`
}

// SealUnsent gives the person the unsent work in a file that only the server can
// read.
func (b *Bridge) SealUnsent() (SealedFile, error) {
	return bound(b, "SealUnsent", none{}, func(ctx context.Context, r *running, _ none) (SealedFile, error) {
		var sealed bytes.Buffer
		work, err := r.device.SealUnsent(ctx, &sealed)
		if err != nil {
			return SealedFile{}, err
		}
		file, err := b.app.deliver("unsent-work.fieldpay", "application/octet-stream", sealed.Bytes())
		return SealedFile{File: file, Actions: work.Actions, More: work.More}, err
	})
}

// TakeFile brings sealed work to the server, or notes a receipt: it tells the
// two apart by how they begin.
func (b *Bridge) TakeFile(f CarriedFile) (TakenFile, error) {
	return bound(b, "TakeFile", f, func(ctx context.Context, r *running, f CarriedFile) (TakenFile, error) {
		content, err := base64.StdEncoding.DecodeString(f.Content)
		if err != nil || len(content) == 0 || len(content) > handover.MaxBytes {
			return TakenFile{}, &action.Error{
				Code: action.InvalidPayload, Message: "This is neither a sealed file nor a receipt", Fields: map[string]string{"content": "is neither"},
			}
		}
		if !bytes.HasPrefix(content, []byte(ageMark)) {
			n, err := r.device.TakeReceipt(ctx, content)
			return TakenFile{Actions: n, Taken: n}, err
		}
		return b.bringFile(ctx, r.device, content)
	})
}

func (b *Bridge) bringFile(ctx context.Context, d *Device, content []byte) (TakenFile, error) {
	taken, err := d.BringFile(ctx, content)
	if err != nil {
		return TakenFile{}, err
	}
	text, err := json.Marshal(taken.Receipt)
	if err != nil {
		return TakenFile{}, fmt.Errorf("writing the receipt: %w", err)
	}
	receipt, err := b.app.deliver("hand-over-receipt.json", "application/json", text)
	return TakenFile{Receipt: receipt, Actions: len(taken.Outcomes), Taken: len(taken.Receipt.IDs)}, err
}
