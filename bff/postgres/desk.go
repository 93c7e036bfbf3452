package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
)

// EntryList implements bff.Desk.
func (s *Store) EntryList(ctx context.Context, q bff.EntryQuery) ([]bff.Entry, error) {
	where, args := []string{"true"}, []any{}
	add := func(wanted bool, condition string, arg any) {
		if wanted {
			args = append(args, arg)
			where = append(where, fmt.Sprintf(condition, len(args)))
		}
	}
	add(q.Before > 0, "position < $%d", q.Before)
	add(q.Actor != "", "actor = $%d", kept(q.Actor))
	add(q.DeviceID != "", "convert_from(envelope, 'UTF8')::json ->> 'deviceId' = $%d", kept(q.DeviceID))
	if len(q.Statuses) > 0 { // in so many words, so that the index of those that need a person is used
		words := []string{"''"}
		for _, status := range q.Statuses {
			if status == bff.EntryOpen || status == action.StatusApplied || status == action.StatusReview || status == action.StatusFailed {
				words = append(words, "'"+string(status)+"'")
			}
		}
		where = append(where, "status IN ("+strings.Join(words[min(1, len(words)-1):], ", ")+")")
	}
	args = append(args, cmp.Or(q.Limit, bff.EntryLimit))
	rows, err := s.pool.Query(ctx, "SELECT "+entryColumns+" FROM entries WHERE "+strings.Join(where, " AND ")+
		fmt.Sprintf(" ORDER BY position DESC LIMIT $%d", len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("listing entries: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (bff.Entry, error) { return scanEntry(row) })
	if err != nil {
		return nil, fmt.Errorf("listing entries: %w", err)
	}
	return found, nil
}

// Decide implements bff.Desk.
func (s *Store) Decide(ctx context.Context, id string, seen time.Time, out action.Outcome, effect bool) (decided bool, err error) {
	raw, err := json.Marshal(out)
	if err != nil {
		return false, fmt.Errorf("encoding the outcome of %s: %w", id, err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT "+entryColumns+" FROM entries WHERE id = $1 FOR UPDATE", kept(id))
		if err != nil {
			return err
		}
		found, err := byID(rows)
		e, there := found[id]
		if err != nil || !there || !e.Settled() || e.Done() || !e.Outcome.OutcomeAt.Equal(seen) {
			return err
		}
		tag, err := tx.Exec(ctx, "UPDATE entries SET status = $1, outcome = $2, effect = $3 WHERE id = $4 AND status IN ('review', 'failed')",
			string(out.Status), raw, effect, kept(id))
		decided = tag.RowsAffected() > 0
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
	if err != nil {
		return fmt.Errorf("storing a heartbeat: %w", err)
	}
	_, err = s.change(ctx, "storing a heartbeat", `INSERT INTO heartbeats (device_id, received_at, body) VALUES ($1, $2, $3)
		ON CONFLICT (device_id) DO UPDATE SET received_at = excluded.received_at, body = excluded.body
		WHERE excluded.received_at >= heartbeats.received_at`, kept(h.DeviceID), nanos(h.ReceivedAt), body)
	return err
}

// Heartbeats implements bff.Telemetry.
func (s *Store) Heartbeats(ctx context.Context) ([]bff.Heartbeat, error) {
	found, err := all(ctx, s, scanJSON[bff.Heartbeat], "SELECT body FROM heartbeats ORDER BY device_id")
	if err != nil {
		return nil, fmt.Errorf("reading heartbeats: %w", err)
	}
	return found, nil
}

func scanJSON[T any](row pgx.Row) (v T, err error) {
	var body []byte
	if err := row.Scan(&body); err != nil {
		return v, err
	}
	return v, json.Unmarshal(body, &v)
}

// AddDeviceEvents implements bff.Telemetry.
func (s *Store) AddDeviceEvents(ctx context.Context, deviceID string, events []bff.DeviceEvent) error {
	batch := &pgx.Batch{}
	for _, e := range events {
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("storing events of a device: %w", err)
		}
		batch.Queue("INSERT INTO device_events (device_id, body) VALUES ($1, $2)", kept(deviceID), body)
	}
	batch.Queue(`DELETE FROM device_events WHERE device_id = $1 AND position <=
		(SELECT position FROM device_events WHERE device_id = $1 ORDER BY position DESC LIMIT 1 OFFSET $2)`, kept(deviceID), bff.DeviceEventLimit)
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("storing events of a device: %w", err)
	}
	return nil
}

// DeviceEvents implements bff.Telemetry.
func (s *Store) DeviceEvents(ctx context.Context, deviceID string, limit int) ([]bff.DeviceEvent, error) {
	found, err := all(ctx, s, scanJSON[bff.DeviceEvent], "SELECT body FROM device_events WHERE device_id = $1 ORDER BY position DESC LIMIT $2", kept(deviceID), limit)
	if err != nil {
		return nil, fmt.Errorf("reading events of a device: %w", err)
	}
	return found, nil
}
