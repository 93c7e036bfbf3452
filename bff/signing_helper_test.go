package bff_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"time"

	"fieldpay/internal/signed"
)

// device is a device with a key of its own.
type device struct {
	id  string
	key ed25519.PrivateKey
	// ahead is how far its clock is ahead.
	ahead time.Duration
}

func newDevice(id string) *device {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &device{id: id, key: key}
}

func (d *device) public() string { return signed.EncodeKey(d.key.Public().(ed25519.PublicKey)) }

// sign returns the headers of a signed request, as pairs.
func (d *device) sign(method, target, body, token string) []string {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce)
	return []string{signed.Header, signed.Request{
		Method: method, Target: target, Body: []byte(body), Token: token, DeviceID: d.id,
		At: time.Now().Add(d.ahead), Nonce: base64.RawURLEncoding.EncodeToString(nonce),
	}.Sign(d.key)}
}
