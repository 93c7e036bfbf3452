package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
)

// UserByLogin implements bff.Users.
func (s *Store) UserByLogin(ctx context.Context, login string) (bff.User, error) {
	return s.user(ctx, "login_key = $1", loginKey(login))
}

// UserByID implements bff.Users.
func (s *Store) UserByID(ctx context.Context, id string) (bff.User, error) {
	return s.user(ctx, "id = $1", kept(id))
}

func (s *Store) user(ctx context.Context, where, value string) (bff.User, error) {
	u, err := scanUser(s.pool.QueryRow(ctx, selectUsers+" WHERE "+where, value))
	return u, missing(err, "looking up a user")
}

// loginKey is the same for logins that differ in case. The database does not
// fold them: what it thinks a capital is depends on its locale.
func loginKey(login string) string { return kept(strings.ToLower(login)) }

// missing turns the lack of a row into an error of the domain.
func missing(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return &action.Error{Code: action.NotFound, Op: doing}
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

// change runs one statement and reports whether it changed a row.
func (s *Store) change(ctx context.Context, doing, statement string, args ...any) (bool, error) {
	tag, err := s.pool.Exec(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	return tag.RowsAffected() > 0, nil
}

// AddUser implements bff.Users.
func (s *Store) AddUser(ctx context.Context, u bff.User) (bool, error) {
	return s.change(ctx, "adding a user", `
		INSERT INTO users (id, login, login_key, name, email, password_hash, disabled, role, territories)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		kept(u.ID), kept(u.Login), loginKey(u.Login), kept(u.Name), kept(u.Email), u.PasswordHash, u.Disabled,
		cmp.Or(u.Role, bff.RoleRep), names(u.Territories))
}

// AddSession implements bff.Sessions.
func (s *Store) AddSession(ctx context.Context, v bff.Session) error {
	_, err := s.change(ctx, "adding a session", `
		INSERT INTO sessions (id, user_id, device_id, current, previous, created_at, rotated_at, expires_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		kept(v.ID), kept(v.UserID), kept(v.DeviceID), v.Current, v.Previous,
		nanos(v.CreatedAt), nanos(v.RotatedAt), nanos(v.ExpiresAt), nanos(v.RevokedAt))
	return err
}

// Session implements bff.Sessions.
func (s *Store) Session(ctx context.Context, id string) (bff.Session, error) {
	v := bff.Session{ID: id}
	var created, rotated, expires, revoked int64
	err := s.pool.QueryRow(ctx, `
		SELECT user_id, device_id, current, previous, created_at, rotated_at, expires_at, revoked_at
		FROM sessions WHERE id = $1`, kept(id)).
		Scan(&v.UserID, &v.DeviceID, &v.Current, &v.Previous, &created, &rotated, &expires, &revoked)
	v.UserID, v.DeviceID = told(v.UserID), told(v.DeviceID)
	v.CreatedAt, v.RotatedAt, v.ExpiresAt, v.RevokedAt = moment(created), moment(rotated), moment(expires), moment(revoked)
	return v, missing(err, "looking up a session")
}

// Rotate implements bff.Sessions.
func (s *Store) Rotate(ctx context.Context, id, from, to string, at, expires time.Time) (bool, error) {
	return s.change(ctx, "rotating a session", `
		UPDATE sessions SET previous = current, current = $3, rotated_at = $4, expires_at = $5
		WHERE id = $1 AND current = $2 AND revoked_at = 0`, kept(id), from, to, nanos(at), nanos(expires))
}

// Revoke implements bff.Sessions.
func (s *Store) Revoke(ctx context.Context, id string, at time.Time) error {
	_, err := s.change(ctx, "revoking a session",
		"UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0", kept(id), nanos(at))
	return err
}

// Key implements bff.Keys. The two statements do not run in one: of two that
// store at once, one waits for the other, and must then look at what is new.
func (s *Store) Key(ctx context.Context, name string, fresh []byte) ([]byte, error) {
	if _, err := s.change(ctx, "storing a key", "INSERT INTO keys (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, fresh); err != nil {
		return nil, err
	}
	var value []byte
	if err := s.pool.QueryRow(ctx, "SELECT value FROM keys WHERE name = $1", name).Scan(&value); err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	return value, nil
}

// Device implements bff.Devices.
func (s *Store) Device(ctx context.Context, id string) (bff.Device, error) {
	d := bff.Device{ID: id}
	var points []byte
	var flagged, seen int64
	err := s.pool.QueryRow(ctx, "SELECT fence, points, revision, flagged_at, seen_at FROM devices WHERE id = $1", kept(id)).
		Scan(&d.Fence, &points, &d.Revision, &flagged, &seen)
	if errors.Is(err, pgx.ErrNoRows) {
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

// PutDevice implements bff.Devices. A revision of 0 is that of a device which is
// not there: of two that store it first, the second finds revision 1.
func (s *Store) PutDevice(ctx context.Context, d bff.Device) (bool, error) {
	points, err := json.Marshal(d.Points)
	if err != nil {
		return false, fmt.Errorf("encoding a device: %w", err)
	}
	if d.Revision == 0 {
		return s.change(ctx, "storing a device", `
			INSERT INTO devices (id, fence, points, revision, flagged_at, seen_at) VALUES ($1, $2, $3, 1, $4, $5)
			ON CONFLICT (id) DO NOTHING`, kept(d.ID), d.Fence, points, nanos(d.FlaggedAt), nanos(d.SeenAt))
	}
	return s.change(ctx, "storing a device", `
		UPDATE devices SET fence = $2, points = $3, revision = revision + 1, flagged_at = $4, seen_at = $5
		WHERE id = $1 AND revision = $6`, kept(d.ID), d.Fence, points, nanos(d.FlaggedAt), nanos(d.SeenAt), d.Revision)
}

// Receive implements bff.Events.
func (s *Store) Receive(ctx context.Context, e bff.ReceivedEvent) (bool, error) {
	return s.change(ctx, "storing an event",
		"INSERT INTO events (id, type, intent_id, received_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
		kept(e.ID), kept(e.Type), kept(e.IntentID), nanos(e.ReceivedAt))
}

// Finish implements bff.Events.
func (s *Store) Finish(ctx context.Context, id string, at time.Time) error {
	_, err := s.change(ctx, "finishing an event", "UPDATE events SET finished_at = $2 WHERE id = $1", kept(id), nanos(at))
	return err
}

// Take implements bff.Events. To take an event is to make it due later, so that
// a server that dies gives it back by itself.
func (s *Store) Take(ctx context.Context, now, until time.Time, limit int) ([]bff.ReceivedEvent, error) {
	rows, err := s.pool.Query(ctx, `
		WITH due AS (
			SELECT position, next_at FROM events WHERE finished_at = 0 AND next_at <= $1
			ORDER BY next_at, position LIMIT $3 FOR UPDATE SKIP LOCKED
		), taken AS (
			UPDATE events AS e SET next_at = $2, attempts = e.attempts + 1 FROM due WHERE e.position = due.position
			RETURNING due.next_at AS since, e.position, e.id, e.type, e.intent_id, e.received_at, e.attempts
		)
		SELECT id, type, intent_id, received_at, attempts FROM taken ORDER BY since, position`, nanos(now), nanos(until), limit)
	if err != nil {
		return nil, fmt.Errorf("taking events: %w", err)
	}
	taken, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (bff.ReceivedEvent, error) {
		var e bff.ReceivedEvent
		var received int64
		err := row.Scan(&e.ID, &e.Type, &e.IntentID, &received, &e.Attempts)
		e.ID, e.Type, e.IntentID, e.ReceivedAt = told(e.ID), told(e.Type), told(e.IntentID), moment(received)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("taking events: %w", err)
	}
	return taken, nil
}

// PutOff implements bff.Events.
func (s *Store) PutOff(ctx context.Context, id string, at time.Time) error {
	_, err := s.change(ctx, "putting off an event", "UPDATE events SET next_at = $1 WHERE id = $2 AND finished_at = 0", nanos(at), kept(id))
	return err
}
