package bff

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fieldpay/action"
)

// maxPoints is how many heads are kept per device. A device whose replies were
// all lost still knows one of the last few.
const maxPoints = 16

// journalVisit is what a batch says about the journal it comes from.
type journalVisit struct {
	deviceID        string
	fence           int64
	head            ChainPoint
	acknowledged    ChainPoint
	hasHead         bool
	hasAcknowledged bool
}

// admit checks a device's fence and chain before its actions are taken. An
// older fence is refused: another process of the device drains now. A chain
// that does not fit is flagged and told to the operator; the actions are still
// taken, because each is idempotent and the work of a person.
func (s *Server) admit(ctx context.Context, v journalVisit) error {
	if v.deviceID == "" {
		return nil
	}
	return s.changeDevice(ctx, v.deviceID, func(d *Device) error {
		if v.fence < d.Fence {
			return statusError{status: http.StatusConflict, error: &action.Error{
				Code: action.Busy, Message: "Another process of this device is sending",
			}}
		}
		d.Fence = v.fence
		if what := misfit(*d, v); what != "" {
			d.FlaggedAt = time.Now()
			s.log.Error().Str("device", v.deviceID).Str("alarm", "journal_rolled_back").Str("what", what).
				Int64("position", v.acknowledged.Position).Msg("a journal does not fit what it said before")
			return nil
		}
		confirm(d, v)
		return nil
	})
}

// misfit says how a visit contradicts what the server acknowledged, or nothing.
// A device that never got an answer may have forgotten what was acknowledged,
// but one that knew a link knows it for ever.
func misfit(d Device, v journalVisit) string {
	if len(d.Points) == 0 || !v.hasHead {
		return ""
	}
	newest := d.Points[len(d.Points)-1]
	at := pointAt(d.Points, v.acknowledged.Position)
	switch {
	case at >= 0 && d.Points[at].MAC != v.acknowledged.MAC:
		return "a link has another hash"
	case d.Points[0].Confirmed && v.acknowledged.Position < d.Points[0].Position:
		return "what was acknowledged is missing"
	case v.head.Position < newest.Position:
		return "the head is behind what was acknowledged"
	case v.head.Position == newest.Position && v.head.MAC != newest.MAC:
		return "the head has another hash"
	default:
		return ""
	}
}

// confirm drops what is older than the link that the device shows to know.
func confirm(d *Device, v journalVisit) {
	if at := pointAt(d.Points, v.acknowledged.Position); v.hasAcknowledged && at >= 0 {
		d.Points = d.Points[at:]
		d.Points[0].Confirmed = true
	}
}

func pointAt(points []ChainPoint, position int64) int {
	return slices.IndexFunc(points, func(p ChainPoint) bool { return p.Position == position })
}

// acknowledge remembers the head of the journal whose actions were taken.
func (s *Server) acknowledge(ctx context.Context, v journalVisit) error {
	if v.deviceID == "" {
		return nil
	}
	return s.changeDevice(ctx, v.deviceID, func(d *Device) error {
		if at := pointAt(d.Points, v.head.Position); at >= 0 && d.Points[at] == (ChainPoint{v.head.Position, v.head.MAC, true}) {
			return nil
		}
		d.Points = slices.DeleteFunc(d.Points, func(p ChainPoint) bool { return p.Position >= v.head.Position })
		d.Points = append(d.Points, v.head)
		d.Points = d.Points[max(0, len(d.Points)-maxPoints):]
		return nil
	})
}

// changeDevice changes what is known of a device, again when another request
// was faster.
func (s *Server) changeDevice(ctx context.Context, id string, change func(*Device) error) error {
	const tries = 8
	for range tries {
		d, err := s.o.Devices.Device(ctx, id)
		if err != nil {
			return storeError(err)
		}
		if err := change(&d); err != nil {
			return err
		}
		d.SeenAt = time.Now()
		done, err := s.o.Devices.PutDevice(ctx, d)
		if err != nil {
			return storeError(err)
		}
		if done {
			return nil
		}
	}
	return storeError(fmt.Errorf("the record of device %s changes too often", id))
}
