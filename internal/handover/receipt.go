package handover

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// maxReceipt bounds a receipt: 5,000 ids of 36 characters and their quotes.
const maxReceipt = 1 << 20

// Receipt is what the server gives for a file: the ids that its ledger has now.
// The device hands over these, and keeps the others.
type Receipt struct {
	DeviceID string `json:"deviceId"`
	// At is the server's clock in UTC.
	At  time.Time `json:"at"`
	IDs []string  `json:"ids"`
	// KeyID is the server's public key in base64url, as in the answer to a probe,
	// and Signature what it signed.
	KeyID     string `json:"keyId"`
	Signature []byte `json:"signature"`
}

func (r Receipt) text() []byte {
	ids := slices.Sorted(slices.Values(r.IDs))
	return []byte(strings.Join(append([]string{"fieldpay-hand-over-receipt-1", r.DeviceID, r.At.UTC().Format(time.RFC3339Nano)}, ids...), "\n"))
}

// Sign returns the receipt with the server's signature.
func (r Receipt) Sign(key ed25519.PrivateKey) Receipt {
	public, _ := key.Public().(ed25519.PublicKey)
	r.KeyID = base64.RawURLEncoding.EncodeToString(public)
	r.Signature = ed25519.Sign(key, r.text())
	return r
}

// ReadReceipt reads a receipt and checks that it is signed by the server whose
// public key, in base64url, is pinned.
func ReadReceipt(from io.Reader, pinned string) (Receipt, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxReceipt))
	if err != nil {
		return Receipt{}, fmt.Errorf("reading a receipt: %w", err)
	}
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return Receipt{}, errors.New("the receipt cannot be read")
	}
	key, err := base64.RawURLEncoding.DecodeString(pinned)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return Receipt{}, errors.New("the server's key is not known: this device never reached it")
	}
	if r.KeyID != pinned || !ed25519.Verify(key, r.text(), r.Signature) {
		return Receipt{}, errors.New("the receipt is not signed by the server that this device knows")
	}
	return r, nil
}
