package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"fieldpay/bff"
)

// auditStays is how long a row of the audit log cannot be forgotten.
const auditStays = 400 * 24 * time.Hour

// Sweep implements bff.Retention.
func (s *Store) Sweep(_ context.Context, kind bff.Leftover, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	// old reports whether a row that ended at a moment goes, while there may go more.
	old := func(end time.Time) bool {
		if n >= limit || !end.Before(before) {
			return false
		}
		n++
		return true
	}
	switch kind {
	case bff.EndedSessions:
		maps.DeleteFunc(s.sessions, func(_ string, v bff.Session) bool { return old(v.ExpiresAt) })
	case bff.EndedCodes:
		maps.DeleteFunc(s.people.codes, func(_ string, c bff.EnrolCode) bool { return old(c.ExpiresAt) })
	case bff.HandledEvents:
		s.events = slices.DeleteFunc(s.events, func(e event) bool { return !e.finished.IsZero() && old(e.finished) })
	case bff.SpentNonces:
		maps.DeleteFunc(s.people.nonces, func(_ [2]string, until time.Time) bool { return old(until) })
	case bff.OldRequests:
		maps.DeleteFunc(s.requests, func(_ string, r bff.PaymentRequest) bool { return !r.PaidAt.After(before) && old(r.TriedAt) })
	case bff.UnseenDevices:
		maps.DeleteFunc(s.devices, func(id string, d bff.Device) bool {
			_, enrolled := s.people.enrolments[id]
			return !enrolled && old(d.SeenAt)
		})
	case bff.OldAudit:
		if before.After(time.Now().Add(-auditStays)) {
			return 0, fmt.Errorf("the audit log is only added to")
		}
		s.people.audit = slices.DeleteFunc(s.people.audit, func(r bff.AuditRow) bool { return old(r.At) })
	default:
		return 0, fmt.Errorf("%q is no kind of what is kept", kind)
	}
	return n, nil
}
