package bffclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"fieldpay/action"
)

// uploadTimeout is for one attachment: 8 MiB over a thin link of 300 kbit/s.
const uploadTimeout = 4 * time.Minute

// Attachment is bytes that an action of type add_attachment names.
type Attachment struct {
	// Name is a file name without a folder, MediaType e.g. image/jpeg.
	Name, MediaType string
	// Content is at most action.MaxAttachmentBytes.
	Content []byte
}

// Hash is the SHA-256 of the content in hex: its name everywhere.
func (a Attachment) Hash() string {
	sum := sha256.Sum256(a.Content)
	return hex.EncodeToString(sum[:])
}

// HasAttachment reports whether the server has the bytes of a hash already.
func (c *Client) HasAttachment(ctx context.Context, hash string) (bool, error) {
	err := c.authorised(ctx, request{
		op: "looking for an attachment", method: http.MethodGet, path: "/attachments/" + url.PathEscape(hash),
		read: true, replay: true, timeout: probeTimeout, limit: answerLimit,
	})
	if code := action.CodeOf(err); code == action.NotFound || code == action.UnknownType {
		return false, nil // a server that does not know the route says so when the bytes come
	}
	return err == nil, err
}

// Upload sends the bytes of an attachment, unless the server has them. Sending
// them again is harmless: what is named by its content cannot change.
func (c *Client) Upload(ctx context.Context, a Attachment) error {
	if len(a.Content) == 0 || len(a.Content) > action.MaxAttachmentBytes {
		return &action.Error{Code: action.TooLarge, Op: "sending an attachment",
			Message: fmt.Sprintf("An attachment has from 1 byte to %d MiB", action.MaxAttachmentBytes>>20)}
	}
	hash := a.Hash()
	if has, err := c.HasAttachment(ctx, hash); has || err != nil {
		return err
	}
	return c.authorised(ctx, request{
		op: "sending an attachment", method: http.MethodPut, path: "/attachments/" + hash, bytes: a.Content,
		header: http.Header{"File-Name": {url.PathEscape(a.Name)}, "File-Type": {a.MediaType}},
		read:   true, replay: true, timeout: uploadTimeout, limit: answerLimit,
	})
}
