package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// UserByLogin implements bff.Users.
func (s *Store) UserByLogin(ctx context.Context, login string) (bff.User, error) {
	return s.user(ctx, "login = ?", login)
}

// UserByID implements bff.Users.
func (s *Store) UserByID(ctx context.Context, id string) (bff.User, error) {
	return s.user(ctx, "id = ?", id)
}

func (s *Store) user(ctx context.Context, where, value string) (bff.User, error) {
	u, err := scanUser(s.db.QueryRowContext(ctx, selectUsers+" WHERE "+where, value))
	return u, missing(err, "looking up a user")
}

// missing turns the lack of a row into an error of the domain.
func missing(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return &action.Error{Code: action.NotFound, Op: doing}
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

// AddUser implements bff.Users.
func (s *Store) AddUser(ctx context.Context, u bff.User) (bool, error) {
	added, err := changed(s.db.ExecContext(ctx, `
		INSERT INTO users (id, login, name, email, password_hash, disabled, role, territories) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, u.ID, u.Login, u.Name, u.Email, u.PasswordHash, u.Disabled, cmp.Or(u.Role, bff.RoleRep), names(u.Territories)))
	if err != nil {
		return false, fmt.Errorf("adding a user: %w", err)
	}
	return added, nil
}

// AddSession implements bff.Sessions.
func (s *Store) AddSession(ctx context.Context, v bff.Session) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO sessions (id, user_id, device_id, current, previous, created_at, rotated_at, expires_at, revoked_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.ID, v.UserID, v.DeviceID, v.Current, v.Previous, nanos(v.CreatedAt), nanos(v.RotatedAt), nanos(v.ExpiresAt), nanos(v.RevokedAt))
	if err != nil {
		return fmt.Errorf("adding a session: %w", err)
	}
	return nil
}

// Session implements bff.Sessions.
func (s *Store) Session(ctx context.Context, id string) (bff.Session, error) {
	v := bff.Session{ID: id}
	var created, rotated, expires, revoked int64
	err := s.db.QueryRowContext(ctx, `
		SELECT user_id, device_id, current, previous, created_at, rotated_at, expires_at, revoked_at
		FROM sessions WHERE id = ?`, id).
		Scan(&v.UserID, &v.DeviceID, &v.Current, &v.Previous, &created, &rotated, &expires, &revoked)
	v.CreatedAt, v.RotatedAt, v.ExpiresAt, v.RevokedAt = moment(created), moment(rotated), moment(expires), moment(revoked)
	return v, missing(err, "looking up a session")
}

// Rotate implements bff.Sessions.
func (s *Store) Rotate(ctx context.Context, id, from, to string, at, expires time.Time) (bool, error) {
	rotated, err := changed(s.db.ExecContext(ctx, `
		UPDATE sessions SET previous = current, current = ?, rotated_at = ?, expires_at = ?
		WHERE id = ? AND current = ? AND revoked_at = 0`, to, nanos(at), nanos(expires), id, from))
	if err != nil {
		return false, fmt.Errorf("rotating a session: %w", err)
	}
	return rotated, nil
}

// Revoke implements bff.Sessions.
func (s *Store) Revoke(ctx context.Context, id string, at time.Time) error {
	_, err := s.db.ExecContext(ctx, "UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at = 0", nanos(at), id)
	if err != nil {
		return fmt.Errorf("revoking a session: %w", err)
	}
	return nil
}

// Key implements bff.Keys.
func (s *Store) Key(ctx context.Context, name string, fresh []byte) ([]byte, error) {
	if _, err := s.db.ExecContext(ctx, "INSERT INTO keys (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, fresh); err != nil {
		return nil, fmt.Errorf("storing a key: %w", err)
	}
	var value []byte
	if err := s.db.QueryRowContext(ctx, "SELECT value FROM keys WHERE name = ?", name).Scan(&value); err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	return value, nil
}

// Device implements bff.Devices.
func (s *Store) Device(ctx context.Context, id string) (bff.Device, error) {
	d := bff.Device{ID: id}
	var points []byte
	var flagged, seen int64
	err := s.db.QueryRowContext(ctx, "SELECT fence, points, revision, flagged_at, seen_at FROM devices WHERE id = ?", id).
		Scan(&d.Fence, &points, &d.Revision, &flagged, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil
	}
	if err != nil {
		return bff.Device{}, fmt.Errorf("reading a device: %w", err)
	}
	d.FlaggedAt, d.SeenAt = moment(flagged), moment(seen)
	if err := json.Unmarshal(points, &d.Points); err != nil {
		return bff.Device{}, fmt.Errorf("reading a device: %w", err)
	}
	return d, nil
}

// PutDevice implements bff.Devices.
func (s *Store) PutDevice(ctx context.Context, d bff.Device) (bool, error) {
	points, err := json.Marshal(d.Points)
	if err != nil {
		return false, fmt.Errorf("encoding a device: %w", err)
	}
	done, err := changed(s.db.ExecContext(ctx, `
		INSERT INTO devices (id, fence, points, revision, flagged_at, seen_at) SELECT ?1, ?2, ?3, 1, ?5, ?6
		WHERE ?4 = 0 OR EXISTS (SELECT 1 FROM devices WHERE id = ?1)
		ON CONFLICT (id) DO UPDATE SET fence = ?2, points = ?3, revision = revision + 1, flagged_at = ?5, seen_at = ?6
		WHERE revision = ?4`, d.ID, d.Fence, points, d.Revision, nanos(d.FlaggedAt), nanos(d.SeenAt)))
	if err != nil {
		return false, fmt.Errorf("storing a device: %w", err)
	}
	return done, nil
}

// Receive implements bff.Events.
func (s *Store) Receive(ctx context.Context, e bff.ReceivedEvent) (bool, error) {
	fresh, err := changed(s.db.ExecContext(ctx,
		"INSERT INTO events (id, type, intent_id, received_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
		e.ID, e.Type, e.IntentID, nanos(e.ReceivedAt)))
	if err != nil {
		return false, fmt.Errorf("storing an event: %w", err)
	}
	return fresh, nil
}

// Finish implements bff.Events.
func (s *Store) Finish(ctx context.Context, id string, at time.Time) error {
	if _, err := s.db.ExecContext(ctx, "UPDATE events SET finished_at = ? WHERE id = ?", nanos(at), id); err != nil {
		return fmt.Errorf("finishing an event: %w", err)
	}
	return nil
}

// Take implements bff.Events. To take an event is to make it due later, so that
// a server that dies gives it back by itself.
func (s *Store) Take(ctx context.Context, now, until time.Time, limit int) ([]bff.ReceivedEvent, error) {
	var events []bff.ReceivedEvent
	var positions []int64
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT position, id, type, intent_id, received_at, attempts + 1 FROM events
			WHERE finished_at = 0 AND next_at <= ? ORDER BY next_at, position LIMIT ?`, nanos(now), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e bff.ReceivedEvent
			var position, received int64
			if err := rows.Scan(&position, &e.ID, &e.Type, &e.IntentID, &received, &e.Attempts); err != nil {
				return err
			}
			e.ReceivedAt = moment(received)
			events, positions = append(events, e), append(positions, position)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, position := range positions {
			if _, err := tx.ExecContext(ctx, "UPDATE events SET next_at = ?, attempts = attempts + 1 WHERE position = ?", nanos(until), position); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("taking events: %w", err)
	}
	return events, nil
}

// PutOff implements bff.Events.
func (s *Store) PutOff(ctx context.Context, id string, at time.Time) error {
	if _, err := s.db.ExecContext(ctx, "UPDATE events SET next_at = ? WHERE id = ? AND finished_at = 0", nanos(at), id); err != nil {
		return fmt.Errorf("putting off an event: %w", err)
	}
	return nil
}
