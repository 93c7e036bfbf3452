package app

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/queue"
)

// Base64 is the bytes of a file as text.
type Base64 string

// maxFileText limits one file from a screen, which scales photos down to it: the
// body of a call is 1 MiB.
const maxFileText = 960 << 10

// FileForm is a photo or a signature as a form took it.
type FileForm struct {
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	// Role is photo or signature.
	Role    string `json:"role"`
	Content Base64 `json:"content"`
}

// KeptFile is a file that lies on this device under the hash of its content.
type KeptFile struct {
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"`
	Name      string `json:"name"`
	Role      string `json:"role"`
}

func (k KeptFile) file() action.File {
	return action.File{SHA256: k.SHA256, Size: k.Size, MediaType: k.MediaType, Name: k.Name, Role: action.AttachmentRole(k.Role)}
}

// KeepFile keeps the bytes of a photo or a signature, sealed; they are durable on
// the return. A form that is saved names them by their hash.
func (b *Bridge) KeepFile(f FileForm) (KeptFile, error) {
	return bound(b, "KeepFile", f, func(_ context.Context, r *running, f FileForm) (KeptFile, error) {
		content, err := base64.StdEncoding.DecodeString(string(f.Content))
		if err != nil {
			return KeptFile{}, &action.Error{Code: action.BadRequest, Op: "keeping a file", Cause: fmt.Errorf("not base64")}
		}
		hash, err := r.device.files.Put(content)
		if err != nil {
			return KeptFile{}, err
		}
		return KeptFile{SHA256: hash, Size: int64(len(content)), MediaType: f.MediaType, Name: f.Name, Role: f.Role}, nil
	})
}

// attach makes an action of its own for each file of a visit, so that the visit
// does not wait for them. Their ids follow from the visit's and the file's: what
// a crash interrupted is completed by doing it again.
func (d *Device) attach(ctx context.Context, visit queue.Item, visitID string, files []action.File) error {
	for _, file := range files {
		id := attachmentID(visitID, file.SHA256)
		switch _, err := d.journal.Item(ctx, id); action.CodeOf(err) {
		case "":
			continue
		case action.NotFound:
		default:
			return fmt.Errorf("looking for an attachment: %w", err)
		}
		p := &action.AddAttachment{ID: id, ParentKind: action.VisitKind, ParentID: visitID, File: file}
		if _, err := d.keep(ctx, queue.Draft{ID: id, Payload: p, Actor: visit.Actor, Needs: []string{visit.ID}}, ""); err != nil {
			return err
		}
	}
	return nil
}

func attachmentID(visitID, hash string) string {
	sum, err := hex.DecodeString(hash)
	if err != nil {
		sum = []byte(hash)
	}
	return uuid.NewSHA1(uuid.NewSHA1(uuid.NameSpaceOID, []byte(visitID)), sum).String()
}

// completeVisits makes the attachments that a crash left out between a visit and
// them.
func (d *Device) completeVisits(ctx context.Context) error {
	items, err := d.list(ctx, queue.Filter{States: openStates(), Limit: pageSize})
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.Type != action.LogVisitType {
			continue
		}
		payload, err := action.Decode(item.Action)
		if err != nil {
			continue // written by a newer build, which completes it
		}
		if p, ok := payload.(*action.LogVisit); ok {
			if err := d.attach(ctx, item, p.ID, p.Attachments); err != nil {
				return err
			}
		}
	}
	return nil
}

// upload brings the bytes of a batch's attachments to the server before their
// actions, which only name them. What is about one file and not about the way is
// left to the server's answer on its action.
func (c courier) upload(ctx context.Context, actions []action.Action) error {
	for _, a := range actions {
		if a.Type != action.AddAttachmentType {
			continue
		}
		payload, err := action.Decode(a)
		p, ok := payload.(*action.AddAttachment)
		if err != nil || !ok {
			continue
		}
		content, err := c.device.files.Get(p.SHA256)
		if err == nil {
			err = c.device.client.Upload(ctx, bffclient.Attachment{Name: p.Name, MediaType: p.MediaType, Content: content})
		}
		switch code := action.CodeOf(err); {
		case err == nil:
		case code == action.NotFound, code == action.TooLarge, code.Class() == action.Invalid:
			c.device.log.Warn().Str("actionId", a.ID).Str("code", string(code)).Msg("a file was not brought to the server")
		default:
			return err
		}
	}
	return nil
}

// forget removes the bytes that the server has put where they belong. What stays
// by a fault costs room alone.
func (c courier) forget(actions []action.Action, outcomes []action.Outcome) {
	applied := map[string]bool{}
	for _, o := range outcomes {
		applied[o.ID] = o.Status == action.StatusApplied
	}
	for _, a := range actions {
		if a.Type != action.AddAttachmentType || !applied[a.ID] {
			continue
		}
		payload, err := action.Decode(a)
		if p, ok := payload.(*action.AddAttachment); err == nil && ok {
			if err := c.device.files.Forget(p.SHA256); err != nil {
				c.device.log.Warn().Str("code", string(action.CodeOf(err))).Msg("a file that was sent stays on the disk")
			}
		}
	}
}
