package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// UserByLogin implements bff.Users.
func (s *Store) UserByLogin(_ context.Context, login string) (bff.User, error) {
	return s.user(func(u bff.User) bool { return strings.EqualFold(u.Login, login) })
}

// UserByID implements bff.Users.
func (s *Store) UserByID(_ context.Context, id string) (bff.User, error) {
	return s.user(func(u bff.User) bool { return u.ID == id })
}

func (s *Store) user(is func(bff.User) bool) (bff.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.users, is); i >= 0 {
		return s.users[i], nil
	}
	return bff.User{}, &action.Error{Code: action.NotFound, Op: "looking up a user"}
}

// AddUser implements bff.Users.
func (s *Store) AddUser(_ context.Context, u bff.User) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.users {
		if other.ID == u.ID || strings.EqualFold(other.Login, u.Login) {
			return false, nil
		}
	}
	u.Territories, u.Role = slices.Clone(u.Territories), cmp.Or(u.Role, bff.RoleRep)
	s.users = append(s.users, u)
	return true, nil
}

// AddSession implements bff.Sessions.
func (s *Store) AddSession(_ context.Context, session bff.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[session.ID] = session
	return nil
}

// Session implements bff.Sessions.
func (s *Store) Session(_ context.Context, id string) (bff.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, there := s.sessions[id]
	if !there {
		return bff.Session{}, &action.Error{Code: action.NotFound, Op: "looking up a session"}
	}
	return session, nil
}

// Rotate implements bff.Sessions.
func (s *Store) Rotate(_ context.Context, id, from, to string, at, expires time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, there := s.sessions[id]
	if !there || session.Current != from || !session.RevokedAt.IsZero() {
		return false, nil
	}
	session.Previous, session.Current, session.RotatedAt, session.ExpiresAt = from, to, at, expires
	s.sessions[id] = session
	return true, nil
}

// Revoke implements bff.Sessions.
func (s *Store) Revoke(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session, there := s.sessions[id]; there && session.RevokedAt.IsZero() {
		session.RevokedAt = at
		s.sessions[id] = session
	}
	return nil
}

// Key implements bff.Keys.
func (s *Store) Key(_ context.Context, name string, fresh []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.keys[name]; !there {
		s.keys[name] = bytes.Clone(fresh)
	}
	return bytes.Clone(s.keys[name]), nil
}

// Device implements bff.Devices.
func (s *Store) Device(_ context.Context, id string) (bff.Device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[id]
	d.ID, d.Points = id, slices.Clone(d.Points)
	return d, nil
}

// PutDevice implements bff.Devices.
func (s *Store) PutDevice(_ context.Context, d bff.Device) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.devices[d.ID].Revision != d.Revision {
		return false, nil
	}
	d.Revision++
	d.Points = slices.Clone(d.Points)
	s.devices[d.ID] = d
	return true, nil
}

// Receive implements bff.Events.
func (s *Store) Receive(_ context.Context, e bff.ReceivedEvent) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.events, func(known event) bool { return known.ID == e.ID }) {
		return false, nil
	}
	s.events = append(s.events, event{ReceivedEvent: e})
	return true, nil
}

// Finish implements bff.Events.
func (s *Store) Finish(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.events {
		if s.events[i].ID == id {
			s.events[i].finished = at
		}
	}
	return nil
}

// Take implements bff.Events.
func (s *Store) Take(_ context.Context, now, until time.Time, limit int) ([]bff.ReceivedEvent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []int
	for i, e := range s.events {
		if e.finished.IsZero() && !e.next.After(now) {
			due = append(due, i)
		}
	}
	slices.SortStableFunc(due, func(a, b int) int { return s.events[a].next.Compare(s.events[b].next) })
	var taken []bff.ReceivedEvent
	for _, i := range due[:min(limit, len(due))] {
		s.events[i].next = until
		s.events[i].Attempts++
		taken = append(taken, s.events[i].ReceivedEvent)
	}
	return taken, nil
}

// PutOff implements bff.Events.
func (s *Store) PutOff(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.events {
		if s.events[i].ID == id {
			s.events[i].next = at
		}
	}
	return nil
}
