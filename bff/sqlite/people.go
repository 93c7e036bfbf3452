package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fieldpay/bff"
)

const selectUsers = "SELECT id, login, name, email, password_hash, disabled, role, territories FROM users"

func scanUser(row scanner) (bff.User, error) {
	var u bff.User
	var territories []byte
	if err := row.Scan(&u.ID, &u.Login, &u.Name, &u.Email, &u.PasswordHash, &u.Disabled, &u.Role, &territories); err != nil {
		return u, err
	}
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
func all[T any](ctx context.Context, db *sql.DB, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, rows.Err()
}

// UserList implements bff.Users.
func (s *Store) UserList(ctx context.Context) ([]bff.User, error) {
	users, err := all(ctx, s.db, scanUser, selectUsers+" ORDER BY login")
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	return users, nil
}

// PutUser implements bff.Users.
func (s *Store) PutUser(ctx context.Context, u bff.User) (bool, error) {
	done, err := changed(s.db.ExecContext(ctx,
		"UPDATE users SET name = ?, email = ?, password_hash = ?, disabled = ?, role = ?, territories = ? WHERE id = ?",
		u.Name, u.Email, u.PasswordHash, u.Disabled, cmp.Or(u.Role, bff.RoleRep), names(u.Territories), u.ID))
	if err != nil {
		return false, fmt.Errorf("changing a user: %w", err)
	}
	return done, nil
}

// RevokeUser implements bff.Sessions.
func (s *Store) RevokeUser(ctx context.Context, userID string, at time.Time) error {
	_, err := s.db.ExecContext(ctx, "UPDATE sessions SET revoked_at = ? WHERE user_id = ? AND revoked_at = 0", nanos(at), userID)
	if err != nil {
		return fmt.Errorf("revoking the sessions of a user: %w", err)
	}
	return nil
}

// KeyList implements bff.Keys.
func (s *Store) KeyList(ctx context.Context, prefix string) (map[string][]byte, error) {
	type key struct {
		name  string
		value []byte
	}
	keys, err := all(ctx, s.db, func(row scanner) (k key, err error) { return k, row.Scan(&k.name, &k.value) },
		"SELECT name, value FROM keys WHERE substr(name, 1, length(?1)) = ?1", prefix)
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
	if _, err := s.db.ExecContext(ctx, "DELETE FROM keys WHERE name = ?", name); err != nil {
		return fmt.Errorf("dropping a key: %w", err)
	}
	return nil
}

const selectEnrolments = "SELECT device_id, name, user_id, key, enrolled_at, revoked_at FROM enrolments"

func scanEnrolment(row scanner) (bff.Enrolment, error) {
	var e bff.Enrolment
	var enrolled, revoked int64
	err := row.Scan(&e.DeviceID, &e.Name, &e.UserID, &e.Key, &enrolled, &revoked)
	e.EnrolledAt, e.RevokedAt = moment(enrolled), moment(revoked)
	return e, err
}

// Enrolment implements bff.Enrolments.
func (s *Store) Enrolment(ctx context.Context, deviceID string) (bff.Enrolment, error) {
	e, err := scanEnrolment(s.db.QueryRowContext(ctx, selectEnrolments+" WHERE device_id = ?", deviceID))
	return e, missing(err, "looking up an enrolment")
}

// EnrolmentList implements bff.Enrolments.
func (s *Store) EnrolmentList(ctx context.Context) ([]bff.Enrolment, error) {
	list, err := all(ctx, s.db, scanEnrolment, selectEnrolments+" ORDER BY device_id")
	if err != nil {
		return nil, fmt.Errorf("listing enrolments: %w", err)
	}
	return list, nil
}

const putEnrolment = `INSERT INTO enrolments (device_id, name, user_id, key, enrolled_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?)
	ON CONFLICT (device_id) DO UPDATE SET name = excluded.name, user_id = excluded.user_id, key = excluded.key,
		enrolled_at = excluded.enrolled_at, revoked_at = excluded.revoked_at`

func enrolmentArgs(e bff.Enrolment) []any {
	key := e.Key
	if key == nil {
		key = []byte{}
	}
	return []any{e.DeviceID, e.Name, e.UserID, key, nanos(e.EnrolledAt), nanos(e.RevokedAt)}
}

// PutEnrolment implements bff.Enrolments.
func (s *Store) PutEnrolment(ctx context.Context, e bff.Enrolment) error {
	if _, err := s.db.ExecContext(ctx, putEnrolment, enrolmentArgs(e)...); err != nil {
		return fmt.Errorf("storing an enrolment: %w", err)
	}
	return nil
}

// AddCode implements bff.Enrolments.
func (s *Store) AddCode(ctx context.Context, c bff.EnrolCode) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO enrol_codes (id, hash, name, user_id, created_at, expires_at, failures, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.Hash, c.Name, c.UserID, nanos(c.CreatedAt), nanos(c.ExpiresAt), c.Failures, nanos(c.UsedAt))
	if err != nil {
		return fmt.Errorf("storing a code: %w", err)
	}
	return nil
}

// Code implements bff.Enrolments.
func (s *Store) Code(ctx context.Context, id string) (bff.EnrolCode, error) {
	c := bff.EnrolCode{ID: id}
	var created, expires, used int64
	err := s.db.QueryRowContext(ctx, "SELECT hash, name, user_id, created_at, expires_at, failures, used_at FROM enrol_codes WHERE id = ?", id).
		Scan(&c.Hash, &c.Name, &c.UserID, &created, &expires, &c.Failures, &used)
	c.CreatedAt, c.ExpiresAt, c.UsedAt = moment(created), moment(expires), moment(used)
	return c, missing(err, "looking up a code")
}

// FailCode implements bff.Enrolments.
func (s *Store) FailCode(ctx context.Context, id string) error {
	if _, err := s.db.ExecContext(ctx, "UPDATE enrol_codes SET failures = failures + 1 WHERE id = ?", id); err != nil {
		return fmt.Errorf("counting a wrong code: %w", err)
	}
	return nil
}

// UseCode implements bff.Enrolments.
func (s *Store) UseCode(ctx context.Context, id string, at time.Time, e bff.Enrolment) (used bool, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		used, err = changed(tx.ExecContext(ctx, "UPDATE enrol_codes SET used_at = ? WHERE id = ? AND used_at = 0", nanos(at), id))
		if err != nil || !used {
			return err
		}
		_, err = tx.ExecContext(ctx, putEnrolment, enrolmentArgs(e)...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("using a code: %w", err)
	}
	return used, nil
}

// Remember implements bff.Enrolments.
func (s *Store) Remember(ctx context.Context, deviceID, nonce string, until time.Time) (fresh bool, err error) {
	err = s.quick.in(ctx, writing, func(t *tx) error {
		n, err := t.exec("INSERT INTO nonces (device_id, nonce, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", deviceID, nonce, nanos(until))
		fresh = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("remembering a request: %w", err)
	}
	return fresh, nil
}

// AddAudit implements bff.Audit.
func (s *Store) AddAudit(ctx context.Context, rows ...bff.AuditRow) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, r := range rows {
			detail, err := json.Marshal(r.Detail)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO audit (at, event, actor, device_id, subject, request_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				nanos(r.At), r.Event, r.Actor, r.DeviceID, r.Subject, r.RequestID, string(detail)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// AuditRows implements bff.Audit.
func (s *Store) AuditRows(ctx context.Context, q bff.AuditQuery) ([]bff.AuditRow, error) {
	where, args := []string{"position > ?1"}, []any{q.After}
	add := func(wanted bool, condition string, arg any) { // numbered: one of them uses its argument twice
		if wanted {
			args = append(args, arg)
			where = append(where, strings.ReplaceAll(condition, "?", fmt.Sprintf("?%d", len(args))))
		}
	}
	add(!q.Since.IsZero(), "at >= ?", nanos(q.Since))
	add(!q.Until.IsZero(), "at < ?", nanos(q.Until))
	add(q.Event != "", "substr(event, 1, length(?)) = ?", q.Event)
	add(q.Actor != "", "actor = ?", q.Actor)
	add(q.Subject != "", "subject = ?", q.Subject)
	args = append(args, cmp.Or(q.Limit, bff.AuditLimit))
	rows, err := all(ctx, s.db, scanAudit, "SELECT position, at, event, actor, device_id, subject, request_id, detail FROM audit WHERE "+
		strings.Join(where, " AND ")+fmt.Sprintf(" ORDER BY position LIMIT ?%d", len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	return rows, nil
}

func scanAudit(row scanner) (bff.AuditRow, error) {
	var r bff.AuditRow
	var at int64
	var detail []byte
	if err := row.Scan(&r.Position, &at, &r.Event, &r.Actor, &r.DeviceID, &r.Subject, &r.RequestID, &detail); err != nil {
		return r, err
	}
	r.At = moment(at)
	return r, json.Unmarshal(detail, &r.Detail)
}

// Backlog implements bff.Backlogger.
func (s *Store) Backlog(ctx context.Context) (bff.Backlog, error) {
	var b bff.Backlog
	var oldest int64
	err := s.db.QueryRowContext(ctx, "SELECT count(*), coalesce(min(received_at), 0) FROM entries WHERE status = 'open'").Scan(&b.Open, &oldest)
	if err != nil {
		return bff.Backlog{}, fmt.Errorf("counting what is open: %w", err)
	}
	b.Oldest = moment(oldest)
	return b, nil
}
