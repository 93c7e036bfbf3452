package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/bff"
)

const selectUsers = "SELECT id, login, name, email, password_hash, disabled, role, territories FROM users"

func scanUser(row pgx.Row) (bff.User, error) {
	var u bff.User
	var territories []byte
	if err := row.Scan(&u.ID, &u.Login, &u.Name, &u.Email, &u.PasswordHash, &u.Disabled, &u.Role, &territories); err != nil {
		return u, err
	}
	u.ID, u.Login, u.Name, u.Email = told(u.ID), told(u.Login), told(u.Name), told(u.Email)
	return u, json.Unmarshal(territories, &u.Territories)
}

// names is a list as JSON. A list of strings has always a form.
func names(list []string) string {
	if list == nil {
		return "[]"
	}
	text, _ := json.Marshal(list)
	return string(text)
}

// all reads every row of a query.
func all[T any](ctx context.Context, s *Store, scan func(pgx.Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) { return scan(row) })
}

// UserList implements bff.Users.
func (s *Store) UserList(ctx context.Context) ([]bff.User, error) {
	users, err := all(ctx, s, scanUser, selectUsers+" ORDER BY login_key")
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	return users, nil
}

// PutUser implements bff.Users.
func (s *Store) PutUser(ctx context.Context, u bff.User) (bool, error) {
	return s.change(ctx, "changing a user",
		"UPDATE users SET name = $1, email = $2, password_hash = $3, disabled = $4, role = $5, territories = $6 WHERE id = $7",
		kept(u.Name), kept(u.Email), u.PasswordHash, u.Disabled, cmp.Or(u.Role, bff.RoleRep), names(u.Territories), kept(u.ID))
}

// RevokeUser implements bff.Sessions.
func (s *Store) RevokeUser(ctx context.Context, userID string, at time.Time) error {
	_, err := s.change(ctx, "revoking the sessions of a user",
		"UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND revoked_at = 0", nanos(at), kept(userID))
	return err
}

// KeyList implements bff.Keys.
func (s *Store) KeyList(ctx context.Context, prefix string) (map[string][]byte, error) {
	type key struct {
		name  string
		value []byte
	}
	keys, err := all(ctx, s, func(row pgx.Row) (k key, err error) { return k, row.Scan(&k.name, &k.value) },
		"SELECT name, value FROM keys WHERE starts_with(name, $1)", prefix)
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	found := map[string][]byte{}
	for _, k := range keys {
		found[k.name] = k.value
	}
	return found, nil
}

// DropKey implements bff.Keys.
func (s *Store) DropKey(ctx context.Context, name string) error {
	if _, err := s.pool.Exec(ctx, "DELETE FROM keys WHERE name = $1", kept(name)); err != nil {
		return fmt.Errorf("dropping a key: %w", err)
	}
	return nil
}

const selectEnrolments = "SELECT device_id, name, user_id, key, enrolled_at, revoked_at FROM enrolments"

func scanEnrolment(row pgx.Row) (bff.Enrolment, error) {
	var e bff.Enrolment
	var enrolled, revoked int64
	err := row.Scan(&e.DeviceID, &e.Name, &e.UserID, &e.Key, &enrolled, &revoked)
	e.DeviceID, e.Name, e.UserID = told(e.DeviceID), told(e.Name), told(e.UserID)
	e.EnrolledAt, e.RevokedAt = moment(enrolled), moment(revoked)
	return e, err
}

// Enrolment implements bff.Enrolments.
func (s *Store) Enrolment(ctx context.Context, deviceID string) (bff.Enrolment, error) {
	e, err := scanEnrolment(s.pool.QueryRow(ctx, selectEnrolments+" WHERE device_id = $1", kept(deviceID)))
	return e, missing(err, "looking up an enrolment")
}

// EnrolmentList implements bff.Enrolments.
func (s *Store) EnrolmentList(ctx context.Context) ([]bff.Enrolment, error) {
	list, err := all(ctx, s, scanEnrolment, selectEnrolments+" ORDER BY device_id")
	if err != nil {
		return nil, fmt.Errorf("listing enrolments: %w", err)
	}
	return list, nil
}

const putEnrolment = `INSERT INTO enrolments (device_id, name, user_id, key, enrolled_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6)
	ON CONFLICT (device_id) DO UPDATE SET name = excluded.name, user_id = excluded.user_id, key = excluded.key,
		enrolled_at = excluded.enrolled_at, revoked_at = excluded.revoked_at`

func enrolmentArgs(e bff.Enrolment) []any {
	key := e.Key
	if key == nil {
		key = []byte{}
	}
	return []any{kept(e.DeviceID), kept(e.Name), kept(e.UserID), key, nanos(e.EnrolledAt), nanos(e.RevokedAt)}
}

// PutEnrolment implements bff.Enrolments.
func (s *Store) PutEnrolment(ctx context.Context, e bff.Enrolment) error {
	_, err := s.change(ctx, "storing an enrolment", putEnrolment, enrolmentArgs(e)...)
	return err
}

// AddCode implements bff.Enrolments.
func (s *Store) AddCode(ctx context.Context, c bff.EnrolCode) error {
	_, err := s.change(ctx, "storing a code", `
		INSERT INTO enrol_codes (id, hash, name, user_id, created_at, expires_at, failures, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		kept(c.ID), c.Hash, kept(c.Name), kept(c.UserID), nanos(c.CreatedAt), nanos(c.ExpiresAt), c.Failures, nanos(c.UsedAt))
	return err
}

// Code implements bff.Enrolments.
func (s *Store) Code(ctx context.Context, id string) (bff.EnrolCode, error) {
	c := bff.EnrolCode{ID: id}
	var created, expires, used int64
	err := s.pool.QueryRow(ctx, "SELECT hash, name, user_id, created_at, expires_at, failures, used_at FROM enrol_codes WHERE id = $1", kept(id)).
		Scan(&c.Hash, &c.Name, &c.UserID, &created, &expires, &c.Failures, &used)
	c.Name, c.UserID = told(c.Name), told(c.UserID)
	c.CreatedAt, c.ExpiresAt, c.UsedAt = moment(created), moment(expires), moment(used)
	return c, missing(err, "looking up a code")
}

// FailCode implements bff.Enrolments.
func (s *Store) FailCode(ctx context.Context, id string) error {
	_, err := s.change(ctx, "counting a wrong code", "UPDATE enrol_codes SET failures = failures + 1 WHERE id = $1", kept(id))
	return err
}

// UseCode implements bff.Enrolments.
func (s *Store) UseCode(ctx context.Context, id string, at time.Time, e bff.Enrolment) (used bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE enrol_codes SET used_at = $1 WHERE id = $2 AND used_at = 0", nanos(at), kept(id))
		if used = tag.RowsAffected() > 0; err != nil || !used {
			return err
		}
		_, err = tx.Exec(ctx, putEnrolment, enrolmentArgs(e)...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("using a code: %w", err)
	}
	return used, nil
}

// Remember implements bff.Enrolments. What is over is taken away a little at a
// time, and never what another server takes away.
func (s *Store) Remember(ctx context.Context, deviceID, nonce string, until time.Time) (bool, error) {
	// It does not wait for the disk: a nonce is of use for minutes, and to lose
	// some with the power costs nothing that is not caught elsewhere.
	return s.change(ctx, "remembering a request", `
		WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
		INSERT INTO nonces (device_id, nonce, until) SELECT $1, $2, $3 FROM quick ON CONFLICT DO NOTHING`,
		kept(deviceID), kept(nonce), nanos(until))
}

// AddAudit implements bff.Audit.
func (s *Store) AddAudit(ctx context.Context, rows ...bff.AuditRow) error {
	batch := &pgx.Batch{}
	for _, r := range rows {
		detail, err := json.Marshal(r.Detail)
		if err != nil {
			return fmt.Errorf("writing the audit log: %w", err)
		}
		batch.Queue("INSERT INTO audit (at, event, actor, device_id, subject, request_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			nanos(r.At), kept(r.Event), kept(r.Actor), kept(r.DeviceID), kept(r.Subject), kept(r.RequestID), string(detail))
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// AuditRows implements bff.Audit.
func (s *Store) AuditRows(ctx context.Context, q bff.AuditQuery) ([]bff.AuditRow, error) {
	where, args := []string{"position > $1"}, []any{q.After}
	add := func(wanted bool, condition string, arg any) {
		if wanted {
			args = append(args, arg)
			where = append(where, fmt.Sprintf(condition, len(args)))
		}
	}
	add(!q.Since.IsZero(), "at >= $%d", nanos(q.Since))
	add(!q.Until.IsZero(), "at < $%d", nanos(q.Until))
	add(q.Event != "", "starts_with(event, $%d)", kept(q.Event))
	add(q.Actor != "", "actor = $%d", kept(q.Actor))
	add(q.Subject != "", "subject = $%d", kept(q.Subject))
	args = append(args, cmp.Or(q.Limit, bff.AuditLimit))
	rows, err := all(ctx, s, scanAudit, "SELECT position, at, event, actor, device_id, subject, request_id, detail FROM audit WHERE "+
		strings.Join(where, " AND ")+fmt.Sprintf(" ORDER BY position LIMIT $%d", len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return rows, nil
}

func scanAudit(row pgx.Row) (bff.AuditRow, error) {
	var r bff.AuditRow
	var at int64
	var detail []byte
	if err := row.Scan(&r.Position, &at, &r.Event, &r.Actor, &r.DeviceID, &r.Subject, &r.RequestID, &detail); err != nil {
		return r, err
	}
	r.At, r.Event, r.Actor = moment(at), told(r.Event), told(r.Actor)
	r.DeviceID, r.Subject, r.RequestID = told(r.DeviceID), told(r.Subject), told(r.RequestID)
	return r, json.Unmarshal(detail, &r.Detail)
}

// Backlog implements bff.Backlogger.
func (s *Store) Backlog(ctx context.Context) (bff.Backlog, error) {
	var b bff.Backlog
	var oldest int64
	err := s.pool.QueryRow(ctx, "SELECT count(*), coalesce(min(received_at), 0) FROM entries WHERE status = 'open'").Scan(&b.Open, &oldest)
	if err != nil {
		return bff.Backlog{}, fmt.Errorf("counting what is open: %w", err)
	}
	b.Oldest = moment(oldest)
	return b, nil
}
