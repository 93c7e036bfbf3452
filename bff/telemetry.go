package bff

import (
	"context"
	"regexp"
	"time"

	"fieldpay/action"
)

// Heartbeat is what a device says of itself: counts, sums and ages of what is
// unsent, never what it is.
type Heartbeat struct {
	DeviceID string
	// UserID is who was signed in.
	UserID string
	// Version and Platform are those of the program.
	Version, Platform string
	// ReceivedAt is the server's time, SentAt the device's.
	ReceivedAt, SentAt time.Time
	// Unsent counts what the server is not known to have, NeedsPerson what waits
	// for a decision; Sums is the money in hand among the unsent.
	Unsent, NeedsPerson int
	Sums                []action.Money
	// OldestUnsent is when the oldest unsent action was done; zero: none.
	OldestUnsent time.Time
	// Head is the newest link of the journal. Sound says that the device found
	// every link to hold.
	Head  ChainPoint
	Sound bool
}

// DeviceEvent is a diagnostic event of a device.
type DeviceEvent struct {
	At     time.Time
	Name   string
	Fields map[string]string
}

// Telemetry keeps what devices say of themselves: the latest heartbeat of each,
// and the newest events of each, up to [DeviceEventLimit].
type Telemetry interface {
	// PutHeartbeat replaces the heartbeat of the device, unless the stored one
	// was received later.
	PutHeartbeat(ctx context.Context, h Heartbeat) error
	// Heartbeats returns all by device.
	Heartbeats(ctx context.Context) ([]Heartbeat, error)
	// AddDeviceEvents adds events of a device, oldest first, and forgets its
	// oldest above the limit.
	AddDeviceEvents(ctx context.Context, deviceID string, events []DeviceEvent) error
	// DeviceEvents returns the newest events of a device, newest first.
	DeviceEvents(ctx context.Context, deviceID string, limit int) ([]DeviceEvent, error)
}

// DeviceEventLimit is how many events are kept for a device.
const DeviceEventLimit = 2000

// What an event of a device may look like. The device's catalogue is stricter;
// this keeps text out of the store whatever a device sends.
var (
	eventName  = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)
	eventField = regexp.MustCompile(`^[a-zA-Z]{1,24}$`)
	eventValue = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)
	plainWord  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._/+()-]{0,63}$`)
)

const maxEventFields = 8

// plainEvent drops what an event may not carry; false when nothing is left of
// it.
func plainEvent(e DeviceEvent) (DeviceEvent, bool) {
	if !eventName.MatchString(e.Name) || e.At.IsZero() {
		return DeviceEvent{}, false
	}
	kept := map[string]string{}
	for name, value := range e.Fields {
		if len(kept) < maxEventFields && eventField.MatchString(name) && eventValue.MatchString(value) {
			kept[name] = value
		}
	}
	return DeviceEvent{At: e.At.UTC(), Name: e.Name, Fields: kept}, true
}

// plainText is text, if it is plain, or nothing.
func plainText(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return ""
}
