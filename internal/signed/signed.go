// Package signed is the signature of a device under a request to the server:
// what is signed, and how it is written into a header. Both ends run the same
// code.
//
//	header := signed.Request{…}.Sign(deviceKey)        // the device
//	mark, err := signed.Parse(header)                  // the server
//	fits := mark.Fits(publicKey, signed.Request{…})
//
// The signature covers the method, the address with its query, the hash of the
// body as it travels, the hash of the access token, the device, the time and a
// random nonce, one a line, so that none of them can be exchanged. It promises
// who sent a request; that it is not sent again is for the server to remember.
package signed

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed request. KeyHeader carries the public key of a device
// that the server does not know yet, TimeHeader the server's time in an answer.
const (
	Header     = "FieldPay-Signature"
	KeyHeader  = "FieldPay-Device-Key"
	TimeHeader = "FieldPay-Time"
)

// Skew is how far the time of a request may be from the server's.
const Skew = 5 * time.Minute

const (
	version  = "v1"
	maxValue = 512
)

// Request is what a signature covers.
type Request struct {
	Method string
	// Target is the address without scheme and host, with its query.
	Target string
	// Body is the body as it travels: compressed, if it is.
	Body []byte
	// Token is the access token that goes with the request, or empty.
	Token    string
	DeviceID string
	At       time.Time
	// Nonce is random text of 16 to 64 characters of base64url.
	Nonce string
}

func (r Request) text() []byte {
	body, token := sha256.Sum256(r.Body), sha256.Sum256([]byte(r.Token))
	return []byte(strings.Join([]string{
		"fieldpay-request-" + version, r.Method, r.Target, hex.EncodeToString(body[:]), hex.EncodeToString(token[:]),
		r.DeviceID, strconv.FormatInt(r.At.UnixMilli(), 10), r.Nonce,
	}, "\n"))
}

// Sign returns the value of the header.
func (r Request) Sign(key ed25519.PrivateKey) string {
	return strings.Join([]string{
		version, r.DeviceID, strconv.FormatInt(r.At.UnixMilli(), 10), r.Nonce,
		base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, r.text())),
	}, ";")
}

// Mark is a header that was read, not checked.
type Mark struct {
	DeviceID  string
	At        time.Time
	Nonce     string
	Signature []byte
}

var (
	deviceForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$`)
	nonceForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
)

// Parse reads the value of the header.
func Parse(header string) (Mark, error) {
	parts := strings.Split(header, ";")
	if len(header) > maxValue || len(parts) != 5 || parts[0] != version {
		return Mark{}, errors.New("the signature is not of a known form")
	}
	millis, timeErr := strconv.ParseInt(parts[2], 10, 64)
	signature, err := decode(parts[4])
	switch {
	case timeErr != nil, strconv.FormatInt(millis, 10) != parts[2]:
		return Mark{}, errors.New("the signature has no time")
	case err != nil, len(signature) != ed25519.SignatureSize:
		return Mark{}, errors.New("the signature cannot be read")
	case !deviceForm.MatchString(parts[1]), !nonceForm.MatchString(parts[3]):
		return Mark{}, errors.New("the signature names no device or no nonce")
	}
	return Mark{DeviceID: parts[1], At: time.UnixMilli(millis).UTC(), Nonce: parts[3], Signature: signature}, nil
}

// Fits reports whether the mark is that of the key's owner under the request;
// device, time and nonce are the mark's own.
func (m Mark) Fits(key ed25519.PublicKey, r Request) bool {
	r.DeviceID, r.At, r.Nonce = m.DeviceID, m.At, m.Nonce
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, r.text(), m.Signature)
}

// EncodeKey writes a public key as the value of KeyHeader.
func EncodeKey(key ed25519.PublicKey) string { return base64.RawURLEncoding.EncodeToString(key) }

// DecodeKey reads the value of KeyHeader.
func DecodeKey(text string) (ed25519.PublicKey, error) {
	key, err := decode(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("the device's key cannot be read")
	}
	return key, nil
}

// decode reads base64url that is written in the one way: package base64 skips
// line ends wherever they stand.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("there is a line end in it")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
