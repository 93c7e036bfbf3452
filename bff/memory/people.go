package memory

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// people is what is kept of people's rights and acts.
type people struct {
	enrolments map[string]bff.Enrolment
	codes      map[string]bff.EnrolCode
	nonces     map[[2]string]time.Time
	audit      []bff.AuditRow
	// rows counts the rows that were ever added to audit.
	rows int64
}

func newPeople() people {
	return people{enrolments: map[string]bff.Enrolment{}, codes: map[string]bff.EnrolCode{}, nonces: map[[2]string]time.Time{}}
}

// UserList implements bff.Users.
func (s *Store) UserList(context.Context) ([]bff.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.users)
	slices.SortFunc(all, func(a, b bff.User) int { return strings.Compare(strings.ToLower(a.Login), strings.ToLower(b.Login)) })
	return all, nil
}

// PutUser implements bff.Users.
func (s *Store) PutUser(_ context.Context, u bff.User) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.users, func(known bff.User) bool { return known.ID == u.ID })
	if i < 0 {
		return false, nil
	}
	u.Login, u.Territories, u.Role = s.users[i].Login, slices.Clone(u.Territories), cmp.Or(u.Role, bff.RoleRep)
	s.users[i] = u
	return true, nil
}

// RevokeUser implements bff.Sessions.
func (s *Store) RevokeUser(_ context.Context, userID string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, session := range s.sessions {
		if session.UserID == userID && session.RevokedAt.IsZero() {
			session.RevokedAt = at
			s.sessions[id] = session
		}
	}
	return nil
}

// KeyList implements bff.Keys.
func (s *Store) KeyList(_ context.Context, prefix string) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string][]byte{}
	for name, key := range s.keys {
		if strings.HasPrefix(name, prefix) {
			found[name] = bytes.Clone(key)
		}
	}
	return found, nil
}

// DropKey implements bff.Keys.
func (s *Store) DropKey(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, name)
	return nil
}

// Enrolment implements bff.Enrolments.
func (s *Store) Enrolment(_ context.Context, deviceID string) (bff.Enrolment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.people.enrolments[deviceID]
	if !there {
		return bff.Enrolment{}, &action.Error{Code: action.NotFound, Op: "looking up an enrolment"}
	}
	return e, nil
}

// EnrolmentList implements bff.Enrolments.
func (s *Store) EnrolmentList(context.Context) ([]bff.Enrolment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.people.enrolments), func(a, b bff.Enrolment) int { return cmp.Compare(a.DeviceID, b.DeviceID) }), nil
}

// PutEnrolment implements bff.Enrolments.
func (s *Store) PutEnrolment(_ context.Context, e bff.Enrolment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people.enrolments[e.DeviceID] = e
	return nil
}

// AddCode implements bff.Enrolments.
func (s *Store) AddCode(_ context.Context, c bff.EnrolCode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.people.codes[c.ID]; taken {
		return &action.Error{Code: action.NotPossible, Message: "There is such a code already"}
	}
	s.people.codes[c.ID] = c
	return nil
}

// Code implements bff.Enrolments.
func (s *Store) Code(_ context.Context, id string) (bff.EnrolCode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, there := s.people.codes[id]
	if !there {
		return bff.EnrolCode{}, &action.Error{Code: action.NotFound, Op: "looking up a code"}
	}
	return c, nil
}

// FailCode implements bff.Enrolments.
func (s *Store) FailCode(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, there := s.people.codes[id]; there {
		c.Failures++
		s.people.codes[id] = c
	}
	return nil
}

// UseCode implements bff.Enrolments.
func (s *Store) UseCode(_ context.Context, id string, at time.Time, e bff.Enrolment) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, there := s.people.codes[id]
	if !there || !c.UsedAt.IsZero() {
		return false, nil
	}
	c.UsedAt = at
	s.people.codes[id], s.people.enrolments[e.DeviceID] = c, e
	return true, nil
}

// Remember implements bff.Enrolments.
func (s *Store) Remember(_ context.Context, deviceID, nonce string, until time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := [2]string{deviceID, nonce}
	if _, there := s.people.nonces[name]; there {
		return false, nil
	}
	s.people.nonces[name] = until
	return true, nil
}

// AddAudit implements bff.Audit.
func (s *Store) AddAudit(_ context.Context, rows ...bff.AuditRow) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows {
		s.people.rows++
		r.Position, r.Detail = s.people.rows, maps.Clone(r.Detail)
		s.people.audit = append(s.people.audit, r)
	}
	return nil
}

// AuditRows implements bff.Audit.
func (s *Store) AuditRows(_ context.Context, q bff.AuditQuery) ([]bff.AuditRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := cmp.Or(q.Limit, bff.AuditLimit)
	var found []bff.AuditRow
	for _, r := range s.people.audit {
		in := r.Position > q.After && !r.At.Before(q.Since) && (q.Until.IsZero() || r.At.Before(q.Until)) &&
			strings.HasPrefix(r.Event, q.Event) && (q.Actor == "" || r.Actor == q.Actor) && (q.Subject == "" || r.Subject == q.Subject)
		if in && len(found) < limit {
			r.Detail = maps.Clone(r.Detail)
			found = append(found, r)
		}
	}
	return found, nil
}

// Backlog implements bff.Backlogger.
func (s *Store) Backlog(context.Context) (bff.Backlog, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b bff.Backlog
	for _, e := range s.entries {
		if e.Settled() {
			continue
		}
		b.Open++
		if b.Oldest.IsZero() || e.ReceivedAt.Before(b.Oldest) {
			b.Oldest = e.ReceivedAt
		}
	}
	return b, nil
}
