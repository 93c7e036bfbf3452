package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// EntryList implements bff.Desk.
func (s *Store) EntryList(ctx context.Context, q bff.EntryQuery) ([]bff.Entry, error) {
	where, args := []string{"1"}, []driver.Value{}
	add := func(wanted bool, condition string, values ...driver.Value) {
		if wanted {
			where, args = append(where, condition), append(args, values...)
		}
	}
	add(q.Before > 0, "position < ?", q.Before)
	add(q.Actor != "", "actor = ?", q.Actor)
	add(q.DeviceID != "", "json_extract(CAST(envelope AS TEXT), '$.deviceId') = ?", q.DeviceID)
	// In so many words, so that the index of those that need a person is used.
	var words []string
	for _, status := range q.Statuses {
		if status == bff.EntryOpen || status == action.StatusApplied || status == action.StatusReview || status == action.StatusFailed {
			words = append(words, "'"+string(status)+"'")
		}
	}
	add(len(q.Statuses) > 0, "status IN ("+strings.Join(words, ", ")+")")
	var found []bff.Entry
	err := s.reader.in(ctx, reading, func(t *tx) error {
		return t.each(selectEntry+strings.Join(where, " AND ")+" ORDER BY position DESC LIMIT ?", func(row []driver.Value) error {
			e, err := entryOf(row)
			found = append(found, e)
			return err
		}, append(args, int64(cmp.Or(q.Limit, bff.EntryLimit)))...)
	})
	if err != nil {
		return nil, fmt.Errorf("listing entries: %w", err)
	}
	return found, nil
}

// Decide implements bff.Desk.
func (s *Store) Decide(ctx context.Context, id string, seen time.Time, out action.Outcome, effect bool) (bool, error) {
	raw, err := json.Marshal(out)
	if err != nil {
		return false, fmt.Errorf("encoding the outcome of %s: %w", id, err)
	}
	decided := false
	err = s.writer.in(ctx, writing, func(t *tx) error {
		e, there, err := t.entry(byID, id)
		if err != nil || !there || !e.Settled() || e.Done() || !e.Outcome.OutcomeAt.Equal(seen) {
			return err
		}
		n, err := t.exec("UPDATE entries SET status = ?, outcome = ?, effect = ? WHERE id = ? AND status IN ('review', 'failed')",
			string(out.Status), raw, effect, id)
		decided = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("deciding about %s: %w", id, err)
	}
	return decided, nil
}

// PutHeartbeat implements bff.Telemetry.
func (s *Store) PutHeartbeat(ctx context.Context, h bff.Heartbeat) error {
	body, err := json.Marshal(h)
	if err == nil {
		_, err = s.db.ExecContext(ctx, `INSERT INTO heartbeats (device_id, received_at, body) VALUES (?, ?, ?)
			ON CONFLICT (device_id) DO UPDATE SET received_at = excluded.received_at, body = excluded.body
			WHERE excluded.received_at >= heartbeats.received_at`, h.DeviceID, nanos(h.ReceivedAt), string(body))
	}
	if err != nil {
		return fmt.Errorf("storing a heartbeat: %w", err)
	}
	return nil
}

// Heartbeats implements bff.Telemetry.
func (s *Store) Heartbeats(ctx context.Context) ([]bff.Heartbeat, error) {
	found, err := all(ctx, s.db, scanJSON[bff.Heartbeat], "SELECT body FROM heartbeats ORDER BY device_id")
	if err != nil {
		return nil, fmt.Errorf("reading heartbeats: %w", err)
	}
	return found, nil
}

func scanJSON[T any](row scanner) (v T, err error) {
	var body []byte
	if err := row.Scan(&body); err != nil {
		return v, err
	}
	return v, json.Unmarshal(body, &v)
}

// AddDeviceEvents implements bff.Telemetry.
func (s *Store) AddDeviceEvents(ctx context.Context, deviceID string, events []bff.DeviceEvent) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, e := range events {
			body, err := json.Marshal(e)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO device_events (device_id, body) VALUES (?, ?)", deviceID, string(body)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM device_events WHERE device_id = ?1 AND position <=
			(SELECT position FROM device_events WHERE device_id = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)`, deviceID, bff.DeviceEventLimit)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing events of a device: %w", err)
	}
	return nil
}

// DeviceEvents implements bff.Telemetry.
func (s *Store) DeviceEvents(ctx context.Context, deviceID string, limit int) ([]bff.DeviceEvent, error) {
	found, err := all(ctx, s.db, scanJSON[bff.DeviceEvent], "SELECT body FROM device_events WHERE device_id = ? ORDER BY position DESC LIMIT ?", deviceID, limit)
	if err != nil {
		return nil, fmt.Errorf("reading events of a device: %w", err)
	}
	return found, nil
}
