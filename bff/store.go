package bff

import (
	"context"
	"time"
)

// Stores is everything the server keeps. Packages sqlite and memory make one.
type Stores struct {
	Ledger Ledger
	// Desk is the ledger as the office works on it, Telemetry what devices say of
	// themselves.
	Desk      Desk
	Telemetry Telemetry
	Users     Users
	Sessions  Sessions
	Keys      Keys
	Devices   Devices
	Events    Events
	// Enrolments and Audit are kept beside the people they are about.
	Enrolments Enrolments
	Audit      Audit
	// PaymentRequests are what was asked of the card processor.
	PaymentRequests PaymentRequests
	// Retention forgets what came to its end.
	Retention Retention
	// Ping reports whether the store takes work.
	Ping func(ctx context.Context) error
	// Close ends the store.
	Close func() error
}

// Session is a family of refresh tokens: one sign-in on one device. Only hashes
// of tokens are kept.
type Session struct {
	ID, UserID, DeviceID string
	// Current is the hash of the token that is good now; Previous that of the
	// one it replaced, at RotatedAt.
	Current, Previous string
	CreatedAt         time.Time
	RotatedAt         time.Time
	ExpiresAt         time.Time
	RevokedAt         time.Time
}

// Sessions keeps the sign-ins.
type Sessions interface {
	AddSession(ctx context.Context, s Session) error
	// Session answers an *action.Error of code NotFound for an unknown id.
	Session(ctx context.Context, id string) (Session, error)
	// Rotate replaces the current token's hash if it is still from, and reports
	// whether it did; of two that try at once, one does.
	Rotate(ctx context.Context, id, from, to string, at, expires time.Time) (bool, error)
	// Revoke ends a session for good. An unknown id is no error.
	Revoke(ctx context.Context, id string, at time.Time) error
	// RevokeUser ends every session of a person for good.
	RevokeUser(ctx context.Context, userID string, at time.Time) error
}

// Keys keeps the server's own keys. All instances share them.
type Keys interface {
	// Key returns the key of that name. The first call stores fresh; every
	// later one returns what was stored.
	Key(ctx context.Context, name string, fresh []byte) ([]byte, error)
	// KeyList returns the keys whose names begin with prefix, by name.
	KeyList(ctx context.Context, prefix string) (map[string][]byte, error)
	// DropKey forgets the key of a name. An unknown one is no error.
	DropKey(ctx context.Context, name string) error
}

// ChainPoint is a link of a device's journal chain.
type ChainPoint struct {
	Position int64
	MAC      string
	// Confirmed says that the device has shown that it knows the link was
	// acknowledged; the answer that said so may have been lost before.
	Confirmed bool
}

// Device is what the server knows of a device's journal.
type Device struct {
	ID string
	// Fence is the highest fencing number of a drain that was seen.
	Fence int64
	// Points are the latest heads that were acknowledged, oldest first.
	Points []ChainPoint
	// Revision rises with every change; see Devices.
	Revision int64
	// FlaggedAt is when the journal did not fit for the last time; zero: never.
	FlaggedAt time.Time
	SeenAt    time.Time
}

// Devices keeps what the server knows of journals.
type Devices interface {
	// Device returns the device; an unknown one is empty with its ID.
	Device(ctx context.Context, id string) (Device, error)
	// PutDevice stores d if its Revision is still the stored one, raises that,
	// and reports whether it did.
	PutDevice(ctx context.Context, d Device) (bool, error)
}

// ReceivedEvent is a webhook event whose signature was good.
type ReceivedEvent struct {
	ID, Type, IntentID string
	ReceivedAt         time.Time
	// Attempts counts how often the event was taken.
	Attempts int
}

// Events keeps webhook events, so that each is handled and none is lost. An
// event is due until it is finished, however often that takes; while a server is
// at it, and while it is put off, no server takes it.
type Events interface {
	// Receive stores an event and reports whether it is new.
	Receive(ctx context.Context, e ReceivedEvent) (bool, error)
	// Finish marks an event as handled.
	Finish(ctx context.Context, id string, at time.Time) error
	// Take takes up to limit events that are due at now, the longest due first,
	// each away from other servers until a moment. A server that dies with them
	// gives them back so.
	Take(ctx context.Context, now, until time.Time, limit int) ([]ReceivedEvent, error)
	// PutOff makes an event due again at a moment. One that is finished stays so.
	PutOff(ctx context.Context, id string, at time.Time) error
}
