package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// said is what devices said of themselves.
type said struct {
	heartbeats map[string]bff.Heartbeat
	events     map[string][]bff.DeviceEvent
}

// EntryList implements bff.Desk.
func (s *Store) EntryList(_ context.Context, q bff.EntryQuery) ([]bff.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []bff.Entry
	for _, e := range s.entries {
		status := bff.EntryOpen
		if e.Settled() {
			status = e.Outcome.Status
		}
		if (q.Before == 0 || e.Position < q.Before) && (q.Actor == "" || e.Action.Actor == q.Actor) &&
			(q.DeviceID == "" || e.Action.DeviceID == q.DeviceID) && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, status)) {
			found = append(found, *e)
		}
	}
	slices.SortFunc(found, func(a, b bff.Entry) int { return cmp.Compare(b.Position, a.Position) })
	return found[:min(cmp.Or(q.Limit, bff.EntryLimit), len(found))], nil
}

// Decide implements bff.Desk.
func (s *Store) Decide(_ context.Context, id string, seen time.Time, out action.Outcome, effect bool) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.entries[id]
	if !there || !e.Settled() || e.Done() || !e.Outcome.OutcomeAt.Equal(seen) {
		return false, nil
	}
	e.Outcome, e.Effect = &out, effect
	return true, nil
}

// PutHeartbeat implements bff.Telemetry.
func (s *Store) PutHeartbeat(_ context.Context, h bff.Heartbeat) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !h.ReceivedAt.Before(s.said.heartbeats[h.DeviceID].ReceivedAt) {
		h.Sums = slices.Clone(h.Sums)
		s.said.heartbeats[h.DeviceID] = h
	}
	return nil
}

// Heartbeats implements bff.Telemetry.
func (s *Store) Heartbeats(context.Context) ([]bff.Heartbeat, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []bff.Heartbeat
	for _, h := range s.said.heartbeats {
		found = append(found, h)
	}
	slices.SortFunc(found, func(a, b bff.Heartbeat) int { return strings.Compare(a.DeviceID, b.DeviceID) })
	return found, nil
}

// AddDeviceEvents implements bff.Telemetry.
func (s *Store) AddDeviceEvents(_ context.Context, deviceID string, events []bff.DeviceEvent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := append(s.said.events[deviceID], events...)
	s.said.events[deviceID] = kept[max(0, len(kept)-bff.DeviceEventLimit):]
	return nil
}

// DeviceEvents implements bff.Telemetry.
func (s *Store) DeviceEvents(_ context.Context, deviceID string, limit int) ([]bff.DeviceEvent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.Clone(s.said.events[deviceID])
	slices.Reverse(found)
	return found[:min(limit, len(found))], nil
}
