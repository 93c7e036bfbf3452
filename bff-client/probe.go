package bffclient

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"fieldpay/action"
)

// PinStore remembers which key signed the first probe of a server. The key is
// empty when there was none yet.
type PinStore interface {
	Pin(ctx context.Context, server string) (key string, err error)
	SetPin(ctx context.Context, server, key string) error
}

// Health is the verified answer to a probe.
type Health struct {
	// ServerTime is the server's clock and ClockOffset how far this device's
	// clock is ahead of it, measured at the middle of the round trip.
	ServerTime  time.Time
	ClockOffset time.Duration
	RoundTrip   time.Duration
	// StartDelay is up to how long the first send after an outage should wait
	// at random.
	StartDelay time.Duration
	// Down names the upstreams the server cannot reach, sorted.
	Down        []string
	Version     string
	Environment string
}

// healthAnswer is the contract's Health as the probe needs it: the signature is
// over the timestamp as it was sent, which a time value does not keep.
type healthAnswer struct {
	Timestamp    string            `json:"timestamp"`
	Nonce        string            `json:"nonce"`
	Signature    string            `json:"signature"`
	KeyID        string            `json:"keyId"`
	Version      string            `json:"version"`
	Environment  string            `json:"environment"`
	StartDelayMs int64             `json:"startDelayMs"`
	Upstreams    map[string]string `json:"upstreams"`
}

// Probe asks the server for a signed sign of life. The nonce is new for every
// probe and stands in the signed answer, so neither a portal nor a cache can
// give one; the key is pinned at first use.
//
// An answer without a good signature is action.Portal, one of another key than
// the pinned one action.UnsafeNetwork.
func (c *Client) Probe(ctx context.Context) (Health, error) {
	const op = "probing the server"
	nonce := newNonce()
	var answer healthAnswer
	sent, asked := time.Now(), c.now()
	err := c.call(ctx, request{
		op: op, method: http.MethodGet, path: "/health", query: url.Values{"nonce": {nonce}}, answer: &answer,
		read: true, replay: true, anonymous: true, timeout: probeTimeout, limit: answerLimit,
	}, "")
	if err != nil {
		return Health{}, err
	}
	trip := time.Since(sent)
	served, err := answer.verify(nonce)
	if err != nil {
		return Health{}, &action.Error{Code: action.Portal, Message: action.Portal.Message(), Op: op, Cause: err}
	}
	if err := c.checkPin(ctx, answer.KeyID); err != nil {
		return Health{}, err
	}
	offset := asked.Add(trip / 2).Sub(served)
	c.offset.Store(int64(offset))
	return Health{
		ServerTime: served, ClockOffset: offset, RoundTrip: trip,
		StartDelay: time.Duration(min(max(answer.StartDelayMs, 0), maxRetryAfter.Milliseconds())) * time.Millisecond,
		Down:       down(answer.Upstreams), Version: answer.Version, Environment: answer.Environment,
	}, nil
}

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: see the documentation of crypto/rand
	return hex.EncodeToString(b[:])
}

// verify checks that the answer belongs to this very probe and returns the
// server's time. The key's id is the public key itself.
func (a healthAnswer) verify(nonce string) (time.Time, error) {
	if a.Nonce != nonce {
		return time.Time{}, errors.New("the answer is to another probe")
	}
	key, err := decodeBase64(a.KeyID)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return time.Time{}, errors.New("the answer names no key")
	}
	signature, err := decodeBase64(a.Signature)
	if err != nil || !ed25519.Verify(key, []byte("fieldpay-probe:"+nonce+":"+a.Timestamp), signature) {
		return time.Time{}, errors.New("the answer is not signed by its key")
	}
	served, err := time.Parse(time.RFC3339Nano, a.Timestamp)
	if err != nil {
		return time.Time{}, errors.New("the answer has no time")
	}
	return served.UTC(), nil
}

// decodeBase64 reads both alphabets, with and without padding.
func decodeBase64(text string) ([]byte, error) {
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding, base64.RawStdEncoding} {
		if b, err := form.DecodeString(text); err == nil {
			return b, nil
		}
	}
	return base64.URLEncoding.DecodeString(text)
}

// checkPin compares the key with the one that the server's first probe had.
func (c *Client) checkPin(ctx context.Context, key string) error {
	server := c.base.String()
	pinned, err := c.pins.Pin(ctx, server)
	switch {
	case err != nil:
		return err
	case pinned == key:
		return nil
	case pinned == "":
		return c.pins.SetPin(ctx, server, key)
	}
	return &action.Error{
		Code: action.UnsafeNetwork, Message: "The server is not the one this device knows",
		Hint: "Change the network. If the office has set the server up anew, sign in again", Op: "probing the server",
	}
}

func down(upstreams map[string]string) []string {
	names := []string{}
	for name, state := range upstreams {
		if state != "ok" {
			names = append(names, clip(name))
		}
	}
	slices.Sort(names)
	return names
}

// lifelongPins is the PinStore of a client that was given none.
type lifelongPins struct {
	mu   sync.Mutex
	keys map[string]string
}

// Pin returns the key of a server.
func (p *lifelongPins) Pin(_ context.Context, server string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[server], nil
}

// SetPin sets the key of a server.
func (p *lifelongPins) SetPin(_ context.Context, server, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys[server] = key
	return nil
}
