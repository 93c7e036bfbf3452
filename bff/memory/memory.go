// Package memory keeps everything the server keeps in the memory of one
// process: for tests and for trying things out. It passes the same contract
// suite as the stores that last.
package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// Store is the whole store.
type Store struct {
	mu       sync.Mutex
	position int64
	entries  map[string]*bff.Entry
	users    []bff.User
	sessions map[string]bff.Session
	keys     map[string][]byte
	devices  map[string]bff.Device
	events   []event
}

type event struct {
	bff.ReceivedEvent
	finished bool
}

// New returns an empty store.
func New() *Store {
	return &Store{
		entries: map[string]*bff.Entry{}, sessions: map[string]bff.Session{},
		keys: map[string][]byte{}, devices: map[string]bff.Device{},
	}
}

// Stores returns the store by its ports.
func (s *Store) Stores() bff.Stores {
	return bff.Stores{
		Ledger: s, Users: s, Sessions: s, Keys: s, Devices: s, Events: s,
		Ping:  func(context.Context) error { return nil },
		Close: func() error { return nil },
	}
}

// Claim implements bff.Ledger.
func (s *Store) Claim(_ context.Context, claims []bff.Claim) ([]bff.Claimed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	claimed := make([]bff.Claimed, len(claims))
	for i, c := range claims {
		e, there := s.entries[c.Action.ID]
		fresh := !there
		switch {
		case !there:
			s.position++
			e = &bff.Entry{Action: c.Action, Hash: c.Hash, Lane: c.Lane, Position: s.position, ReceivedAt: c.At}
			s.entries[c.Action.ID] = e
		case reopens(*e, c):
			fresh = true
			e.Action, e.Outcome, e.Attempts, e.NextAt, e.Waiting = c.Action, nil, 0, time.Time{}, ""
		}
		claimed[i] = bff.Claimed{Entry: *e, Fresh: fresh}
	}
	return claimed, nil
}

func reopens(e bff.Entry, c bff.Claim) bool {
	return e.Settled() && !e.Done() && !e.Effect && c.Action.Try > e.Action.Try &&
		c.Hash == e.Hash && c.Action.Actor == e.Action.Actor
}

// Entries implements bff.Ledger.
func (s *Store) Entries(_ context.Context, ids []string) (map[string]bff.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]bff.Entry{}
	for _, id := range ids {
		if e, there := s.entries[id]; there {
			found[id] = *e
		}
	}
	return found, nil
}

// Ends implements bff.Ledger.
func (s *Store) Ends(_ context.Context, ids []string) (map[string]bff.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]bff.Entry{}
	for _, id := range ids {
		if e := s.end(id); e != nil {
			found[id] = *e
		}
	}
	return found, nil
}

func (s *Store) end(id string) *bff.Entry {
	last := s.entries[id]
	for {
		var next *bff.Entry
		for _, e := range s.entries {
			after := last == nil || e.Position > last.Position
			if e.Action.Replaces == id && after && (next == nil || e.Position > next.Position) {
				next = e
			}
		}
		if next == nil {
			return last
		}
		last, id = next, next.Action.ID
	}
}

// Next implements bff.Ledger.
func (s *Store) Next(_ context.Context, lane string) (bff.Entry, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.head(lane); e != nil {
		return *e, true, nil
	}
	return bff.Entry{}, false, nil
}

func (s *Store) head(lane string) *bff.Entry {
	var head *bff.Entry
	for _, e := range s.entries {
		if e.Lane == lane && !e.Settled() && (head == nil || e.Position < head.Position) {
			head = e
		}
	}
	return head
}

// Begin implements bff.Ledger.
func (s *Store) Begin(_ context.Context, b bff.Start) (bff.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.entries[b.ID]
	if !there || e.Settled() || !s.laneFree(e.Lane, b.Owner, b.At) {
		return bff.Entry{}, bff.ErrFenced
	}
	e.Attempts++
	e.Lease = bff.Lease{Owner: b.Owner, Token: e.Lease.Token + 1, Until: b.Until}
	return *e, nil
}

func (s *Store) laneFree(lane, owner string, now time.Time) bool {
	for _, e := range s.entries {
		if e.Lane == lane && !e.Settled() && !free(*e, owner, now) {
			return false
		}
	}
	return true
}

func free(e bff.Entry, owner string, now time.Time) bool {
	return e.Lease.Owner == owner || !e.Lease.Until.After(now)
}

// Record implements bff.Ledger.
func (s *Store) Record(_ context.Context, r bff.Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.entries[r.ID]
	if !there || e.Settled() || e.Lease.Token != r.Token {
		return bff.ErrFenced
	}
	if r.Outcome.Class == action.Held && e.Attempts == 0 {
		delete(s.entries, r.ID)
		return nil
	}
	e.Lease.Owner, e.Lease.Until = "", time.Time{}
	if r.Outcome.Class.Settles() {
		out := r.Outcome
		e.Outcome, e.Effect, e.Waiting = &out, r.Effect, ""
		return nil
	}
	e.Waiting, e.NextAt = r.Outcome.Code, r.NextAt
	return nil
}

// Due implements bff.Ledger.
func (s *Store) Due(_ context.Context, owner string, now time.Time, limit int) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	var due []*bff.Entry
	for _, e := range s.entries {
		if e.Settled() || seen[e.Lane] {
			continue
		}
		seen[e.Lane] = true
		if head := s.head(e.Lane); !head.NextAt.After(now) && free(*head, owner, now) {
			due = append(due, head)
		}
	}
	slices.SortFunc(due, func(a, b *bff.Entry) int {
		if c := a.NextAt.Compare(b.NextAt); c != 0 {
			return c
		}
		return int(a.Position - b.Position)
	})
	var lanes []string
	for _, e := range due[:min(limit, len(due))] {
		lanes = append(lanes, e.Lane)
	}
	return lanes, nil
}
