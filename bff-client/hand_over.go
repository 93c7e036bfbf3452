package bffclient

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"fieldpay/action"
	"fieldpay/internal/handover"
)

// handOverTimeout is for a whole file over a thin link of 300 kbit/s, and for a
// server that applies it in parts of 8 s.
const handOverTimeout = 8 * time.Minute

// HandedOver is what the server made of a file.
type HandedOver struct {
	DeviceID string           `json:"deviceId"`
	Outcomes []action.Outcome `json:"results"`
	// Receipt is what the device that made the file notes its actions by.
	Receipt handover.Receipt `json:"receipt"`
}

// HandOverRecipient asks for the key for which the server wants unsent work
// sealed. It is public and does not change.
func (c *Client) HandOverRecipient(ctx context.Context) (string, error) {
	var answer struct {
		Recipient string `json:"recipient"`
	}
	err := c.authorised(ctx, request{
		op: "asking for the key for hand-overs", method: http.MethodGet, path: "/sync/hand-over", answer: &answer,
		read: true, replay: true, timeout: listTimeout, limit: answerLimit,
	})
	return answer.Recipient, err
}

// HandOver brings a sealed file of unsent work to the server, of whichever
// device it is. It is safe to repeat.
func (c *Client) HandOver(ctx context.Context, file []byte) (HandedOver, error) {
	const op = "handing over"
	if len(file) == 0 || len(file) > handover.MaxBytes {
		return HandedOver{}, &action.Error{Code: action.BadRequest, Message: "The file is no hand-over", Op: op}
	}
	var answer HandedOver
	err := c.authorised(ctx, request{
		op: op, method: http.MethodPost, path: "/sync/hand-over", bytes: file, answer: &answer,
		replay: true, timeout: handOverTimeout, limit: listLimit,
	})
	return answer, err
}

// CheckReceipt reads a receipt and checks that it comes from this client's
// server, whose key the device has pinned.
func (c *Client) CheckReceipt(ctx context.Context, text []byte) (handover.Receipt, error) {
	pinned, err := c.pins.Pin(ctx, c.base.String())
	if err != nil {
		return handover.Receipt{}, err
	}
	r, err := handover.ReadReceipt(bytes.NewReader(text), pinned)
	if err == nil && r.DeviceID != c.deviceID {
		err = errors.New("it is of another device")
	}
	if err != nil {
		return handover.Receipt{}, &action.Error{
			Code: action.BadRequest, Message: "This is no receipt for this device", Op: "reading a receipt", Cause: err,
			Hint: "Use the file that the server gave when the hand-over was brought",
		}
	}
	return r, nil
}
