package action

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Decode reads the payload of a. Unknown fields are refused, because a field
// that is dropped in silence may be the one that mattered.
//
// The error is an *Error: UnknownType or UnknownVersion when this build is
// older than the sender (the action must wait, not fail), InvalidPayload when
// the content cannot be read.
func Decode(a Action) (Payload, error) {
	p := newPayload(a.Type)
	if p == nil {
		return nil, &Error{Code: UnknownType, Message: fmt.Sprintf("Unknown action type: %s", clip(string(a.Type), 64))}
	}
	if a.Version < 0 || a.Version > CurrentVersion(a.Type) {
		return nil, &Error{Code: UnknownVersion, Message: fmt.Sprintf("Version %d of %s is not known here", a.Version, a.Type)}
	}
	if len(a.Payload) > MaxPayloadBytes {
		return nil, &Error{Code: InvalidPayload, Message: fmt.Sprintf("The content is larger than %d KiB", MaxPayloadBytes>>10)}
	}
	if !utf8.Valid(a.Payload) {
		return nil, &Error{Code: InvalidPayload, Message: "The content is not valid UTF-8"}
	}
	if err := strictUnmarshal(a.Payload, p); err != nil {
		return nil, err
	}
	return p, nil
}

// Parse decodes a and applies every rule that needs no other record: the
// envelope's and the payload's. Both ends call it before anything else.
func Parse(a Action) (Payload, error) {
	p, err := Decode(a)
	if err != nil {
		return nil, err
	}
	var f fieldErrors
	if _, err := uuid.Parse(a.ID); err != nil || len(a.ID) != 36 {
		f.add("id", "must be a UUID")
	}
	if a.Lane != "" && a.Lane != a.LaneOf(p) {
		f.add("lane", "must be the lane of the record: "+a.LaneOf(p))
	}
	if a.Try < 0 || a.Sequence < 0 {
		f.add("sequence", "must not be negative")
	}
	if err := f.err(InvalidEnvelope); err != nil {
		return nil, err
	}
	return p, p.Validate()
}

// Encode returns p as payload bytes, in the form that is stored and sent.
func Encode(p Payload) (json.RawMessage, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", p.Type(), err)
	}
	return b, nil
}

func strictUnmarshal(data []byte, into Payload) error {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return &Error{Code: InvalidPayload, Message: "The content must be a JSON object"}
	}
	dec := json.NewDecoder(bytes.NewReader(trimmed))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return decodeError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &Error{Code: InvalidPayload, Message: "The content has something after its end"}
	}
	return nil
}

func decodeError(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) && wrongType.Field != "" {
		var f fieldErrors
		f.add(wrongType.Field, "has the wrong type: "+wrongType.Value)
		return f.err(InvalidPayload)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		var f fieldErrors
		f.add(clip(strings.Trim(name, `"`), 64), "is not a field of this action")
		return f.err(InvalidPayload)
	}
	return &Error{Code: InvalidPayload, Message: "The content is not valid JSON", Cause: err}
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
