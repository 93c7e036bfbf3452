package queue

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"fieldpay/action"
)

// entry is one row of the chain.
type entry struct {
	position, prior, sequence int64
	cause                     Cause
	from, to                  State
	attempt                   int
	nextAt, at                int64
	code                      action.Code
	sealed                    []byte
	mac                       []byte
}

// link computes the row's MAC from that of the row before. Every column goes
// in, numbers at full width and texts with their length, so that no two rows
// have the same bytes.
func (e *entry) link(h hash.Hash, before []byte) []byte {
	b := make([]byte, 0, 128)
	for _, n := range [...]int64{e.position, e.prior, e.sequence, int64(e.attempt), e.nextAt, e.at} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, s := range [...]string{string(e.cause), string(e.from), string(e.to), string(e.code)} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	h.Reset()
	h.Write(before)
	h.Write(b)
	h.Write(e.sealed)
	return h.Sum(nil)
}

// genesis stands in for the MAC before the first row.
func genesis(h hash.Hash, device string) []byte {
	h.Reset()
	h.Write([]byte("fieldpay journal " + device))
	return h.Sum(nil)
}

// shortHash is the form of a link that fits on a receipt.
func shortHash(mac []byte) string {
	if len(mac) < 8 {
		return ""
	}
	return hex.EncodeToString(mac[:8])
}

// header is the envelope as the first entry keeps it, in front of the payload.
type header struct {
	ID        string      `json:"id"`
	Type      action.Type `json:"type"`
	Version   int         `json:"version"`
	Actor     string      `json:"actor,omitempty"`
	Lane      string      `json:"lane"`
	Place     int64       `json:"place"`
	After     string      `json:"after,omitempty"`
	Needs     []string    `json:"needs,omitempty"`
	Replaces  string      `json:"replaces,omitempty"`
	CreatedAt time.Time   `json:"createdAt"`
	OffsetMs  int64       `json:"offsetMs,omitempty"`
	// Gap is how many sequences before this one a salvage could not save.
	Gap int64 `json:"gap,omitempty"`
}

// encodeFirst joins the envelope and the untouched bytes of the payload.
func encodeFirst(h header, payload []byte) ([]byte, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(head)+len(payload)+4)
	b = binary.AppendUvarint(b, uint64(len(head)))
	b = append(b, head...)
	return append(b, payload...), nil
}

// decodeFirst is the reverse of encodeFirst. Fields that a later build added
// are left alone.
func decodeFirst(position int64, plain []byte) (header, json.RawMessage, error) {
	n, width := binary.Uvarint(plain)
	if width <= 0 || n > uint64(len(plain)-width) {
		return header{}, nil, damaged(position, "has no envelope")
	}
	var h header
	if err := json.Unmarshal(plain[width:width+int(n)], &h); err != nil {
		return header{}, nil, damaged(position, "has an envelope that cannot be read")
	}
	return h, json.RawMessage(bytes.Clone(plain[width+int(n):])), nil
}

// note is what a later entry keeps sealed: who, why, and what the server said.
type note struct {
	By      string          `json:"by,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Try     int             `json:"try,omitempty"`
	Other   string          `json:"other,omitempty"` // id of the action it was edited into
	Outcome *action.Outcome `json:"outcome,omitempty"`
}

func (n note) empty() bool {
	return n == note{}
}

func encodeNote(n note) ([]byte, error) {
	if n.empty() {
		return nil, nil
	}
	return json.Marshal(n)
}

func decodeNote(position int64, plain []byte) (note, error) {
	var n note
	if len(plain) == 0 {
		return n, nil
	}
	if err := json.Unmarshal(plain, &n); err != nil {
		return note{}, damaged(position, "has a note that cannot be read")
	}
	return n, nil
}

const entryColumns = `position, prior, sequence, cause, from_state, to_state, attempt, next_at, at, code, sealed, mac`

func (e *entry) fields() []any {
	return []any{
		&e.position, &e.prior, &e.sequence, &e.cause, &e.from, &e.to,
		&e.attempt, &e.nextAt, &e.at, &e.code, &e.sealed, &e.mac,
	}
}

// scanEntries reads and closes rows of entryColumns.
func scanEntries(rows *sql.Rows) (found []entry, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e entry
		if err := rows.Scan(e.fields()...); err != nil {
			return nil, fmt.Errorf("reading journal entries: %w", err)
		}
		found = append(found, e)
	}
	return found, rows.Err()
}
