package action

import (
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// MaxAttachmentBytes limits one attachment. A photo of a phone, scaled for a
// form, is below 4 MiB; Salesforce takes 37.5 MB by the call that is used.
// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_insert_update_blob.htm
const MaxAttachmentBytes = 8 << 20

// AttachmentRole is what an attachment is to its record.
type AttachmentRole string

// The roles of an attachment.
const (
	Photo     AttachmentRole = "photo"
	Signature AttachmentRole = "signature"
	Document  AttachmentRole = "document"
)

// AttachmentRoles returns every role of an attachment.
func AttachmentRoles() []AttachmentRole { return []AttachmentRole{Photo, Signature, Document} }

// File describes bytes by their content: the same bytes are the same file,
// wherever they are named.
type File struct {
	// SHA256 is the hash of the bytes, 64 lower-case hex digits.
	SHA256 string `json:"sha256"`
	// Size is the number of bytes, from 1 to MaxAttachmentBytes.
	Size int64 `json:"size"`
	// MediaType is the type of the content, e.g. image/jpeg.
	MediaType string         `json:"mediaType"`
	Name      string         `json:"name"`
	Role      AttachmentRole `json:"role"`
}

// AddAttachment puts a file on a record. The bytes are uploaded before the
// action takes effect and are not in it; the record may be one that another
// action, which stands in needs, makes.
type AddAttachment struct {
	// ID is the attachment's id; left out, the action's id is the attachment's.
	ID string `json:"id,omitempty"`
	// ParentKind and ParentID name the record: an invoice, or a visit by the
	// UUID that its author's device gave it, which nobody else knows.
	ParentKind string `json:"parentKind"`
	ParentID   string `json:"parentId"`
	File
}

var _ Payload = (*AddAttachment)(nil)

// Type is AddAttachmentType.
func (*AddAttachment) Type() Type { return AddAttachmentType }

// Record is the attachment itself: a photo that does not get through holds up
// nothing but itself.
func (p *AddAttachment) Record() Record { return Record{Kind: AttachmentKind, ID: p.ID} }

// Validate checks every field.
func (p *AddAttachment) Validate() error {
	var f fieldErrors
	f.optionalID("id", p.ID)
	if p.ParentKind != VisitKind && p.ParentKind != InvoiceKind {
		f.add("parentKind", "must be visit or invoice")
	}
	f.id("parentId", p.ParentID)
	if _, err := uuid.Parse(p.ParentID); p.ParentKind == VisitKind && (err != nil || len(p.ParentID) != 36) {
		f.add("parentId", "must be the UUID of the visit")
	}
	f.file("", p.File)
	return f.err(InvalidPayload)
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// IsFileHash reports whether s is the name of a file by its content.
func IsFileHash(s string) bool { return sha256Hex.MatchString(s) }

// file checks a description of a file; prefix is that of its fields.
func (f *fieldErrors) file(prefix string, file File) {
	if !IsFileHash(file.SHA256) {
		f.add(prefix+"sha256", "must be 64 lower-case hex digits")
	}
	switch {
	case file.Size <= 0:
		f.add(prefix+"size", "is required")
	case file.Size > MaxAttachmentBytes:
		f.add(prefix+"size", "is more than "+strconv.Itoa(MaxAttachmentBytes>>20)+" MiB")
	}
	if media, _, err := mime.ParseMediaType(file.MediaType); err != nil || !strings.Contains(media, "/") || len(file.MediaType) > MaxRef {
		f.add(prefix+"mediaType", "is not a media type such as image/jpeg")
	}
	f.requiredText(prefix+"name", file.Name, MaxFileName)
	if strings.ContainsAny(file.Name, "/\\") {
		f.add(prefix+"name", "must be a name without a folder")
	}
	if !slices.Contains(AttachmentRoles(), file.Role) {
		f.add(prefix+"role", "must be photo, signature or document")
	}
}
