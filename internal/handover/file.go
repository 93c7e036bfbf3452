package handover

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"filippo.io/age"
)

const (
	// MaxActions is how many actions one file holds, so that a server can take
	// it in one request.
	MaxActions = 5000
	// MaxBytes is how long a file may be. It bounds what is read before anything
	// of it is known to be genuine.
	MaxBytes = 16 << 20

	format = "fieldpay-hand-over"
	// maxPlain bounds what a file may unpack to.
	maxPlain = 64 << 20
	// maxLine bounds one line: an action has at most 256 KiB of payload.
	maxLine = 1 << 20
)

// ErrUnreadable says that a file is not one of ours, was cut or changed, or is
// sealed for another server.
var ErrUnreadable = errors.New("the file cannot be read: it was cut or changed, or is for another server")

// ErrForged says that a file can be read, and is not from the device it names.
var ErrForged = errors.New("the file is not signed by the device it names")

// Header is what a file says of itself.
type Header struct {
	DeviceID string `json:"deviceId"`
	// By is the id of the person who made the file, MadeAt the device's clock in
	// UTC.
	By     string    `json:"by,omitempty"`
	MadeAt time.Time `json:"madeAt"`
}

// File is what an opened file holds: actions in their wire form, in the order of
// the journal.
type File struct {
	Header
	Actions []json.RawMessage
}

// opening is the first line.
type opening struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Header
}

// ending is the last line.
type ending struct {
	End       bool   `json:"end"`
	Count     int    `json:"count"`
	Signature []byte `json:"signature"`
}

// NewIdentity makes the server's key, as text: what [Open] takes. It is secret.
func NewIdentity() (string, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("making a key for hand-overs: %w", err)
	}
	return id.String(), nil
}

// RecipientOf is the public half of the server's key, as text: what [Seal] takes.
func RecipientOf(identity string) (string, error) {
	id, err := age.ParseX25519Identity(identity)
	if err != nil {
		return "", errors.New("the server's key for hand-overs cannot be read") // never quote a key
	}
	return id.Recipient().String(), nil
}

// Seal writes a file of actions, at most [MaxActions], for the server that owns
// recipient.
func Seal(w io.Writer, recipient string, key ed25519.PrivateKey, h Header, actions []json.RawMessage) error {
	if len(actions) > MaxActions {
		return fmt.Errorf("sealing a hand-over: %d actions, at most %d fit", len(actions), MaxActions)
	}
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return fmt.Errorf("sealing a hand-over: the server's key cannot be read: %w", err)
	}
	box, err := age.Encrypt(w, to)
	if err != nil {
		return fmt.Errorf("sealing a hand-over: %w", err)
	}
	packed := gzip.NewWriter(box)
	err = writeLines(packed, key, opening{Format: format, Version: 1, Header: h}, actions)
	if err := errors.Join(err, packed.Close(), box.Close()); err != nil {
		return fmt.Errorf("sealing a hand-over: %w", err)
	}
	return nil
}

func writeLines(w io.Writer, key ed25519.PrivateKey, first opening, actions []json.RawMessage) error {
	sum := sha512.New()
	enc := json.NewEncoder(io.MultiWriter(w, sum))
	enc.SetEscapeHTML(false)
	if err := enc.Encode(first); err != nil {
		return err
	}
	for _, a := range actions {
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	signature, err := sign(key, sum)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(ending{End: true, Count: len(actions), Signature: signature})
}

func sign(key ed25519.PrivateKey, sum hash.Hash) ([]byte, error) {
	return key.Sign(nil, sum.Sum(nil), prehashed())
}

// prehashed is Ed25519ph, whose context keeps its signatures apart from those
// under requests.
func prehashed() *ed25519.Options {
	return &ed25519.Options{Hash: crypto.SHA512, Context: format + "-1"}
}

// Open reads a file with the server's identity. keyOf gives the public key of a
// device; its error is passed on. The errors of a file itself are
// [ErrUnreadable] and [ErrForged].
func Open(r io.Reader, identity string, keyOf func(deviceID string) (ed25519.PublicKey, error)) (File, error) {
	id, err := age.ParseX25519Identity(identity)
	if err != nil {
		return File{}, errors.New("the server's key for hand-overs cannot be read")
	}
	box, err := age.Decrypt(io.LimitReader(r, MaxBytes), id)
	if err != nil {
		return File{}, unreadable(err)
	}
	plain, err := gzip.NewReader(box)
	if err != nil {
		return File{}, unreadable(err)
	}
	plain.Multistream(false)
	file, end, sum, err := readLines(io.LimitReader(plain, maxPlain))
	if err != nil {
		return File{}, unreadable(err)
	}
	key, err := keyOf(file.DeviceID)
	if err != nil {
		return File{}, err
	}
	if len(key) != ed25519.PublicKeySize || ed25519.VerifyWithOptions(key, sum, end.Signature, prehashed()) != nil {
		return File{}, ErrForged
	}
	return file, nil
}

func unreadable(cause error) error { return fmt.Errorf("%w (%w)", ErrUnreadable, cause) }

// readLines reads to the last line, and returns the sum that it signs.
func readLines(r io.Reader) (f File, end ending, sum []byte, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	all := sha512.New()
	first := true
	for lines.Scan() {
		line := lines.Bytes()
		if !first && bytes.HasPrefix(line, []byte(`{"end":`)) {
			if err := strictly(line, &end); err != nil {
				return File{}, ending{}, nil, err
			}
			if lines.Scan() || !end.End || end.Count != len(f.Actions) {
				return File{}, ending{}, nil, errors.New("the end is not the end")
			}
			return f, end, all.Sum(nil), lines.Err()
		}
		all.Write(line)
		all.Write([]byte{'\n'})
		switch {
		case first:
			f.Header, err = readOpening(line)
		case len(f.Actions) == MaxActions:
			err = fmt.Errorf("there are more than %d actions", MaxActions)
		case !json.Valid(line):
			err = errors.New("an action cannot be read")
		default:
			f.Actions = append(f.Actions, bytes.Clone(line))
		}
		if err != nil {
			return File{}, ending{}, nil, err
		}
		first = false
	}
	if err := lines.Err(); err != nil {
		return File{}, ending{}, nil, err
	}
	return File{}, ending{}, nil, io.ErrUnexpectedEOF
}

func readOpening(line []byte) (Header, error) {
	var o opening
	if err := json.Unmarshal(line, &o); err != nil {
		return Header{}, fmt.Errorf("reading the header: %w", err)
	}
	if o.Format != format || o.Version != 1 || o.DeviceID == "" {
		return Header{}, errors.New("the header is not of a known form")
	}
	return o.Header, nil
}

func strictly(line []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}
