package bff

import (
	"context"
	"fmt"
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

// errRolledBack refuses a whole journal. A process that was overtaken by another
// one of its device reads it too, and tells the two apart by its own journal.
func errRolledBack() error {
	return &action.Error{
		Code: action.JournalRolledBack,
		Hint: "Look for the newest journal of this device before you go on with this one",
	}
}

// admit checks a device's fence and chain before its actions are taken. An
// older fence is refused, and without an alarm: it may only be the late copy of
// a call, or a process that was overtaken. A journal that cannot be the one that
// was acknowledged is refused until a person decides to go on with it, and
// flagged: see adopt.
func (s *Server) admit(ctx context.Context, v journalVisit) error {
	if v.deviceID == "" {
		return nil
	}
	var refusal error
	err := s.changeDevice(ctx, v.deviceID, func(d *Device) error {
		if v.fence < d.Fence {
			return errRolledBack()
		}
		what := misfit(*d, v)
		if what == "" {
			d.Fence, refusal = v.fence, nil
			return nil
		}
		// The fence stays: the true journal may still be somewhere, and go on.
		d.FlaggedAt, refusal = time.Now(), errRolledBack()
		s.log.Error().Str("device", v.deviceID).Str("alarm", string(action.JournalRolledBack)).Str("what", what).
			Int64("position", v.acknowledged.Position).Msg("a journal does not fit what it said before")
		return nil
	})
	if err != nil {
		return err
	}
	return refusal
}

// misfit says how a visit contradicts what the server acknowledged, or nothing.
//
// A journal only grows, and so does its fence. So a hash that differs where one
// was acknowledged is proof, always. A head that is behind is proof only from a
// drain that was not seen before: from one that was, it is the late copy of an
// older call. And a call that is the newest of all knows what the calls before
// it knew to be acknowledged.
func misfit(d Device, v journalVisit) string {
	if len(d.Points) == 0 || !v.hasHead {
		return ""
	}
	newest := d.Points[len(d.Points)-1]
	switch {
	case differs(d.Points, v.head), differs(d.Points, v.acknowledged):
		return "a link has another hash"
	case v.fence > d.Fence && v.head.Position < newest.Position:
		return "the head is behind what was acknowledged"
	case v.head.Position > newest.Position && d.Points[0].Confirmed && v.acknowledged.Position < d.Points[0].Position:
		return "what was acknowledged is missing"
	default:
		return ""
	}
}

func differs(points []ChainPoint, p ChainPoint) bool {
	at := pointAt(points, p.Position)
	return at >= 0 && points[at].MAC != p.MAC
}

func pointAt(points []ChainPoint, position int64) int {
	return slices.IndexFunc(points, func(p ChainPoint) bool { return p.Position == position })
}

// acknowledge remembers the head of the journal whose actions were taken, and
// returns the newest one that it knows: a late call changes nothing. A journal
// that does not have that link learns from it that it is not the newest.
func (s *Server) acknowledge(ctx context.Context, v journalVisit) (newest ChainPoint, err error) {
	newest = v.head
	if v.deviceID == "" {
		return newest, nil
	}
	err = s.changeDevice(ctx, v.deviceID, func(d *Device) error {
		if n := len(d.Points); n > 0 && (d.Points[n-1].Position >= v.head.Position || v.fence < d.Fence) {
			newest = d.Points[n-1]
			return nil
		}
		newest = v.head
		confirm(d, v)
		d.Points = append(d.Points, v.head)
		d.Points = d.Points[max(0, len(d.Points)-maxPoints):]
		return nil
	})
	return newest, err
}

// confirm drops what is older than the link that the device shows to know.
func confirm(d *Device, v journalVisit) {
	if at := pointAt(d.Points, v.acknowledged.Position); v.hasAcknowledged && at >= 0 {
		d.Points = d.Points[at:]
		d.Points[0].Confirmed = true
	}
}

// adopt takes a journal that was refused for the one of the device, and returns
// the highest fence that was seen: the journal goes on above it. What its chain
// was before is forgotten, because nothing else can be compared with it.
func (s *Server) adopt(ctx context.Context, deviceID string, head ChainPoint) (fence int64, err error) {
	err = s.changeDevice(ctx, deviceID, func(d *Device) error {
		fence, d.FlaggedAt, d.Points = d.Fence, time.Now(), []ChainPoint{head}
		return nil
	})
	if err == nil {
		s.log.Error().Str("device", deviceID).Str("user", principal(ctx).User.ID).Str("alarm", "journal_adopted").
			Int64("position", head.Position).Msg("a person goes on with an older journal")
	}
	return fence, err
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
