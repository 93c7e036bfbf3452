package postgres

import (
	"context"
	"fmt"
	"time"

	"fieldpay/bff"
)

// sweeps forget, of each kind, the rows that ended before $1, $2 of them at
// most. What another server is forgetting is left to it.
func sweeps(kind bff.Leftover) string {
	const locked = " FOR UPDATE SKIP LOCKED)"
	switch kind {
	case bff.EndedSessions:
		return "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2" + locked
	case bff.EndedCodes:
		return "DELETE FROM enrol_codes WHERE id IN (SELECT id FROM enrol_codes WHERE expires_at < $1 LIMIT $2" + locked
	case bff.HandledEvents:
		return "DELETE FROM events WHERE position IN (SELECT position FROM events WHERE finished_at <> 0 AND finished_at < $1 LIMIT $2" + locked
	case bff.SpentNonces:
		return "DELETE FROM nonces WHERE (device_id, nonce) IN (SELECT device_id, nonce FROM nonces WHERE until < $1 LIMIT $2" + locked
	case bff.OldRequests:
		return "DELETE FROM payment_requests WHERE action_id IN (SELECT action_id FROM payment_requests WHERE greatest(tried_at, paid_at) < $1 LIMIT $2" + locked
	case bff.UnseenDevices:
		return `DELETE FROM devices WHERE id IN (SELECT id FROM devices AS d WHERE seen_at < $1
			AND NOT EXISTS (SELECT FROM enrolments WHERE device_id = d.id) LIMIT $2` + locked
	case bff.OldAudit:
		return "DELETE FROM audit WHERE position IN (SELECT position FROM audit WHERE at < $1 ORDER BY position LIMIT $2" + locked
	default:
		return ""
	}
}

// Sweep implements bff.Retention.
func (s *Store) Sweep(ctx context.Context, kind bff.Leftover, before time.Time, limit int) (int, error) {
	query := sweeps(kind)
	if query == "" {
		return 0, fmt.Errorf("%q is no kind of what is kept", kind)
	}
	tag, err := s.pool.Exec(ctx, query, nanos(before), limit)
	if err != nil {
		return 0, fmt.Errorf("forgetting old %s: %w", kind, err)
	}
	return int(tag.RowsAffected()), nil
}
