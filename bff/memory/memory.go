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
	// lanes and replacing are the entries by their lane and by what they
	// replace, in order of arrival.
	lanes     map[string][]*bff.Entry
	replacing map[string][]*bff.Entry
	users     []bff.User
	sessions  map[string]bff.Session
	keys      map[string][]byte
	devices   map[string]bff.Device
	events    []event
	people    people
	requests  map[string]bff.PaymentRequest
}

type event struct {
	bff.ReceivedEvent
	finished bool
}

// New returns an empty store.
func New() *Store {
	return &Store{
		entries: map[string]*bff.Entry{}, lanes: map[string][]*bff.Entry{}, replacing: map[string][]*bff.Entry{},
		sessions: map[string]bff.Session{}, keys: map[string][]byte{}, devices: map[string]bff.Device{}, people: newPeople(),
		requests: map[string]bff.PaymentRequest{},
	}
}

// Stores returns the store by its ports.
func (s *Store) Stores() bff.Stores {
	return bff.Stores{
		Ledger: s, Users: s, Sessions: s, Keys: s, Devices: s, Events: s,
		Enrolments: s, Audit: s, PaymentRequests: s,
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
			s.add(e)
		case reopens(*e, c):
			fresh = true
			e.Action, e.Outcome, e.Attempts, e.NextAt, e.Waiting = c.Action, nil, 0, time.Time{}, ""
		}
		claimed[i] = bff.Claimed{Entry: *e, Fresh: fresh}
	}
	return claimed, nil
}

func (s *Store) add(e *bff.Entry) {
	s.entries[e.Action.ID] = e
	s.lanes[e.Lane] = append(s.lanes[e.Lane], e)
	if old := e.Action.Replaces; old != "" {
		s.replacing[old] = append(s.replacing[old], e)
	}
}

func (s *Store) remove(e *bff.Entry) {
	same := func(other *bff.Entry) bool { return other == e }
	delete(s.entries, e.Action.ID)
	s.lanes[e.Lane] = slices.DeleteFunc(s.lanes[e.Lane], same)
	s.replacing[e.Action.Replaces] = slices.DeleteFunc(s.replacing[e.Action.Replaces], same)
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
		latest := s.replacing[id]
		if len(latest) == 0 {
			return last
		}
		next := latest[len(latest)-1]
		if last != nil && next.Position <= last.Position {
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
	for _, e := range s.lanes[lane] {
		if !e.Settled() {
			return e
		}
	}
	return nil
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
	for _, e := range s.lanes[lane] {
		if !e.Settled() && !free(*e, owner, now) {
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
		s.remove(e)
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
	var due []*bff.Entry
	for lane := range s.lanes {
		if head := s.head(lane); head != nil && !head.NextAt.After(now) && free(*head, owner, now) {
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
