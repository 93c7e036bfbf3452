package bffclient

import (
	"context"
	"net/http"
	"time"
)

// Telemetry is what the device says of itself: counts, sums and ages, and
// diagnostic events of names and tokens.
type Telemetry struct {
	DeviceID     string           `json:"deviceId"`
	Version      string           `json:"version"`
	Platform     string           `json:"platform"`
	SentAt       time.Time        `json:"sentAt"`
	Unsent       int              `json:"unsent"`
	NeedsPerson  int              `json:"needsPerson"`
	Sums         []TelemetrySum   `json:"sums"`
	OldestUnsent *time.Time       `json:"oldestUnsent,omitempty"`
	Head         *ChainPoint      `json:"head,omitempty"`
	Sound        bool             `json:"sound"`
	Events       []TelemetryEvent `json:"events"`
}

// TelemetrySum is money in hand that is unsent, in minor units.
type TelemetrySum struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

// TelemetryEvent is one diagnostic event.
type TelemetryEvent struct {
	At     time.Time         `json:"at"`
	Name   string            `json:"name"`
	Fields map[string]string `json:"fields"`
}

// Report tells the server how the device is. A report that is lost is made up
// for by the next.
func (c *Client) Report(ctx context.Context, t Telemetry) error {
	return c.authorised(ctx, request{
		op: "reporting", method: http.MethodPost, path: "/telemetry", body: t, replay: true, read: true,
		timeout: probeTimeout * 2, limit: answerLimit,
	})
}
