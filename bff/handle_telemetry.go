package bff

import (
	"context"
	"time"

	"fieldpay/action"
	"fieldpay/api"
)

// ReportTelemetry implements api.Handler.
func (s *Server) ReportTelemetry(ctx context.Context, req *api.TelemetryReport) error {
	if err := s.ownJournal(ctx, req.DeviceId); err != nil {
		return err
	}
	h := Heartbeat{
		DeviceID: req.DeviceId, UserID: principal(ctx).User.ID, Version: plainText(req.Version), Platform: plainText(req.Platform),
		ReceivedAt: time.Now().UTC(), SentAt: req.SentAt.UTC(), Unsent: req.Unsent, NeedsPerson: req.NeedsPerson, Sound: req.Sound,
	}
	if oldest, given := req.OldestUnsent.Get(); given {
		h.OldestUnsent = oldest.UTC()
	}
	h.Head, _ = pointOf(req.Head)
	h.Head.MAC = plainText(h.Head.MAC)
	for _, sum := range req.Sums {
		if currency := action.Currency(sum.Currency).Normal(); currency.Known() {
			h.Sums = append(h.Sums, action.Money{Minor: sum.Amount, Currency: currency})
		}
	}
	var events []DeviceEvent
	for _, e := range req.Events {
		if plain, ok := plainEvent(DeviceEvent{At: e.At, Name: e.Name, Fields: e.Fields}); ok {
			events = append(events, plain)
		}
	}
	if err := s.o.Telemetry.PutHeartbeat(ctx, h); err != nil {
		return storeError(err)
	}
	if err := s.o.Telemetry.AddDeviceEvents(ctx, req.DeviceId, events); err != nil {
		return storeError(err)
	}
	return nil
}
