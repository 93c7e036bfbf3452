package action

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
)

// MaxPayloadBytes limits one payload: an invoice of 200 long lines is below
// 100 KiB, and a batch must stay under the 1 MiB that the server reads.
const MaxPayloadBytes = 256 << 10

// Action is one thing a person did, made durable on the device before they are
// told that it is kept. The JSON form is the wire form.
//
// ID, Type, Version, Payload and the order fields never change once the action
// is stored; only Try is raised, by a person's retry.
type Action struct {
	// ID is the idempotency key from end to end: a UUID made on the device
	// before the first send (version 7 on ours; the server takes any).
	ID string `json:"id"`
	// Type says what the payload is; Version is the payload's schema version.
	Type    Type `json:"type"`
	Version int  `json:"version,omitempty"`
	// DeviceID and Sequence number the actions of one device without a gap,
	// from 1. Both are empty for a client that keeps no journal.
	DeviceID string `json:"deviceId,omitempty"`
	Sequence int64  `json:"sequence,omitempty"`
	// Actor is the id of the person who did it and stays the author when
	// somebody else signs in.
	Actor string `json:"actor,omitempty"`
	// Lane names the record the action belongs to, e.g. "invoice:<id>". After
	// is the id of the action before it in that lane, Needs the ids of actions
	// of other lanes that must have been taken first.
	Lane  string   `json:"lane,omitempty"`
	After string   `json:"after,omitempty"`
	Needs []string `json:"needs,omitempty"`
	// Replaces is the id of the action that a person edited into this one.
	Replaces string `json:"replaces,omitempty"`
	// Try counts a person's retries of the same content, from 0.
	Try int `json:"try,omitempty"`
	// CreatedAt is the device's clock in UTC; ClockOffsetMs is how far that
	// clock was ahead of the server's (milliseconds) at the last contact.
	CreatedAt     time.Time `json:"createdAt,omitzero"`
	ClockOffsetMs int64     `json:"clockOffsetMs,omitempty"`
	// Payload is the typed content as JSON. Its bytes are kept as they are.
	Payload json.RawMessage `json:"payload"`
}

// NewID returns a fresh action id: a UUID of version 7, whose leading time bits
// keep the indexes of a journal local.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// EffectiveAt is the moment the server books the action at, in UTC: the
// device's time corrected by its measured offset. A device whose clock is not
// known to be right (no time, or a time in the future of received by more than
// a day) is booked at the time of receipt.
func (a Action) EffectiveAt(received time.Time) time.Time {
	if a.CreatedAt.IsZero() {
		return received.UTC()
	}
	at := a.CreatedAt.Add(-time.Duration(a.ClockOffsetMs) * time.Millisecond)
	if at.After(received.Add(24 * time.Hour)) {
		return received.UTC()
	}
	return at.UTC()
}

// ContentHash identifies the content of an action in hex: two sends of one id
// must have the same hash, or one of them is forged or a fault. White space
// between JSON tokens and everything that a retry may change are left out, and
// so is whether <, > and & are written as themselves: package json escapes them
// whenever it writes an envelope.
func (a Action) ContentHash() string {
	var compact, content bytes.Buffer
	if json.Compact(&compact, a.Payload) != nil {
		compact.Reset()
		compact.Write(a.Payload)
	}
	json.HTMLEscape(&content, compact.Bytes())
	h := sha256.New()
	for _, part := range []string{string(a.Type), strings.ToLower(a.ID), a.Replaces} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(content.Bytes())
	return hex.EncodeToString(h.Sum(nil))
}

// RecordID returns the id of the record that the action creates or changes:
// the one its payload names, else the action's own.
func (a Action) RecordID(p Payload) string {
	if id := p.Record().ID; id != "" {
		return id
	}
	return strings.ToLower(a.ID)
}

// LaneOf returns the lane of an action with payload p: the kind and id of the
// record it belongs to. Actions of one lane take effect in sequence order.
func (a Action) LaneOf(p Payload) string {
	return p.Record().Kind + ":" + a.RecordID(p)
}
