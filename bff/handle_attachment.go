package bff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/internal/handover"
)

// attachmentPath begins the path of every attachment.
const attachmentPath = "/attachments/"

// bodyLimit is how much may be sent to a path.
func (s *Server) bodyLimit(r *http.Request) int64 {
	switch {
	case r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, attachmentPath):
		return action.MaxAttachmentBytes
	case r.Method == http.MethodPost && r.URL.Path == handOverPath:
		return handover.MaxBytes
	default:
		return s.o.MaxBody
	}
}

// files is the CRM's place for bytes.
func (s *Server) files() (Files, error) {
	f, ok := s.o.CRM.(Files)
	if !ok {
		return nil, &action.Error{Code: action.NotFound, Message: "This server keeps no attachments"}
	}
	return f, nil
}

// FindAttachment implements api.Handler.
func (s *Server) FindAttachment(ctx context.Context, params api.FindAttachmentParams) error {
	f, err := s.files()
	if err != nil {
		return err
	}
	kept, err := f.HasFile(ctx, params.SHA256)
	if err == nil && !kept {
		return &action.Error{Code: action.NotFound, Message: "The bytes have not come yet"}
	}
	return err
}

// PutAttachment implements api.Handler. The bytes are compared with the hash
// before anybody keeps them: what is named by its content cannot be exchanged
// by whoever sends it next.
func (s *Server) PutAttachment(ctx context.Context, req api.PutAttachmentReq, params api.PutAttachmentParams) error {
	f, err := s.files()
	if err != nil {
		return err
	}
	upload := FileUpload{SHA256: params.SHA256}
	if upload.Name, upload.MediaType, err = attachmentHeaders(params); err != nil {
		return err
	}
	if req.Data == nil {
		return emptyAttachment()
	}
	if upload.Content, err = io.ReadAll(req.Data); err != nil {
		return requestError(&http.MaxBytesError{Limit: action.MaxAttachmentBytes})
	}
	sum := sha256.Sum256(upload.Content)
	switch {
	case len(upload.Content) == 0:
		return emptyAttachment()
	case len(upload.Content) > action.MaxAttachmentBytes:
		return &action.Error{Code: action.TooLarge, Message: "Payload Too Large"}
	case hex.EncodeToString(sum[:]) != params.SHA256:
		return &action.Error{Code: action.BadRequest, Message: "The bytes are not those of the hash. They were cut or changed on the way; send them again"}
	}
	return f.KeepFile(ctx, upload)
}

func emptyAttachment() error {
	return &action.Error{Code: action.BadRequest, Message: "An attachment has at least one byte"}
}

func attachmentHeaders(params api.PutAttachmentParams) (name, mediaType string, err error) {
	wrong := func(field, message string) error {
		return &action.Error{Code: action.BadRequest, Message: "A header of the attachment is not valid", Fields: map[string]string{field: message}}
	}
	name, err = url.PathUnescape(params.FileName)
	if err != nil || !utf8.ValidString(name) || strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > action.MaxFileName ||
		strings.ContainsAny(name, "/\\\x00\r\n") {
		return "", "", wrong("File-Name", "must be a name without a folder, percent-encoded")
	}
	if _, _, err := mime.ParseMediaType(params.FileType); err != nil || !strings.Contains(params.FileType, "/") {
		return "", "", wrong("File-Type", "is not a media type such as image/jpeg")
	}
	return name, params.FileType, nil
}
