// Package memory keeps everything the server keeps in the memory of one
// process: for tests and for trying things out. It passes the same contract
// suite as the stores that last.
package memory

import (
	"cmp"
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
	// lanes are the entries that are not settled by their lane, and replacing
	// those that replace an action by that, in order of arrival.
	lanes     map[string][]*bff.Entry
	replacing map[string][]*bff.Entry
	users     []bff.User
	sessions  map[string]bff.Session
	keys      map[string][]byte
	devices   map[string]bff.Device
	events    []event
	people    people
	requests  map[string]bff.PaymentRequest
	said      said
}

type event struct {
	bff.ReceivedEvent
	next, finished time.Time
}

// New returns an empty store.
func New() *Store {
	return &Store{
		entries: map[string]*bff.Entry{}, lanes: map[string][]*bff.Entry{}, replacing: map[string][]*bff.Entry{},
		sessions: map[string]bff.Session{}, keys: map[string][]byte{}, devices: map[string]bff.Device{}, people: newPeople(),
		requests: map[string]bff.PaymentRequest{}, said: said{heartbeats: map[string]bff.Heartbeat{}, events: map[string][]bff.DeviceEvent{}},
	}
}

// Stores returns the store by its ports.
func (s *Store) Stores() bff.Stores {
	return bff.Stores{
		Ledger: s, Desk: s, Telemetry: s, Users: s, Sessions: s, Keys: s, Devices: s, Events: s,
		Enrolments: s, Audit: s, PaymentRequests: s, Retention: s,
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
		fresh, begun := !there, false
		switch {
		case !there:
			s.position++
			e = &bff.Entry{Action: c.Action, Hash: c.Hash, Lane: c.Lane, Position: s.position, ReceivedAt: c.At}
			if begun = c.Start.Owner != "" && s.head(c.Lane) == nil; begun {
				begin(e, c.Start)
			}
			s.add(e)
		case reopens(*e, c):
			fresh = true
			e.Action, e.Outcome, e.Attempts, e.NextAt, e.Waiting = c.Action, nil, 0, time.Time{}, ""
			s.open(e)
		}
		claimed[i] = bff.Claimed{Entry: *e, Fresh: fresh, Begun: begun}
	}
	return claimed, nil
}

func (s *Store) add(e *bff.Entry) {
	s.entries[e.Action.ID] = e
	s.open(e)
	if old := e.Action.Replaces; old != "" {
		s.replacing[old] = append(s.replacing[old], e)
	}
}

// open puts an entry into its lane, in the order of arrival.
func (s *Store) open(e *bff.Entry) {
	lane := s.lanes[e.Lane]
	at, _ := slices.BinarySearchFunc(lane, e, func(a, b *bff.Entry) int { return cmp.Compare(a.Position, b.Position) })
	s.lanes[e.Lane] = slices.Insert(lane, at, e)
}

// shut takes an entry out of its lane.
func (s *Store) shut(e *bff.Entry) {
	left := slices.DeleteFunc(s.lanes[e.Lane], func(other *bff.Entry) bool { return other == e })
	if len(left) == 0 {
		delete(s.lanes, e.Lane)
		return
	}
	s.lanes[e.Lane] = left
}

func (s *Store) remove(e *bff.Entry) {
	delete(s.entries, e.Action.ID)
	if !e.Settled() {
		s.shut(e)
	}
	if old := e.Action.Replaces; old != "" {
		s.replacing[old] = slices.DeleteFunc(s.replacing[old], func(other *bff.Entry) bool { return other == e })
	}
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

// Heads implements bff.Ledger.
func (s *Store) Heads(_ context.Context, lanes []string) (map[string]bff.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heads := map[string]bff.Entry{}
	for _, lane := range lanes {
		if e := s.head(lane); e != nil {
			heads[lane] = *e
		}
	}
	return heads, nil
}

func (s *Store) head(lane string) *bff.Entry {
	if open := s.lanes[lane]; len(open) > 0 {
		return open[0]
	}
	return nil
}

// Begin implements bff.Ledger.
func (s *Store) Begin(_ context.Context, starts []bff.Start) (map[string]bff.Begun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	begun := map[string]bff.Begun{}
	for _, b := range starts {
		e, there := s.entries[b.ID]
		if !there || e.Settled() || !s.laneFree(e.Lane, b.Owner, b.At) {
			continue
		}
		begin(e, b)
		begun[b.ID] = bff.Begun{Token: e.Lease.Token, Attempts: e.Attempts, BegunAt: e.BegunAt}
	}
	return begun, nil
}

func begin(e *bff.Entry, b bff.Start) {
	e.Attempts++
	e.Lease = bff.Lease{Owner: b.Owner, Token: e.Lease.Token + 1, Until: b.Until}
	if e.BegunAt.IsZero() {
		e.BegunAt = b.At
	}
}

func (s *Store) laneFree(lane, owner string, now time.Time) bool {
	return !slices.ContainsFunc(s.lanes[lane], func(e *bff.Entry) bool { return !free(*e, owner, now) })
}

func free(e bff.Entry, owner string, now time.Time) bool {
	return e.Lease.Owner == owner || !e.Lease.Until.After(now)
}

// Record implements bff.Ledger.
func (s *Store) Record(_ context.Context, results []bff.Result) (fenced []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range results {
		e, there := s.entries[r.ID]
		if !there || e.Settled() || e.Lease.Token != r.Token {
			fenced = append(fenced, r.ID)
			continue
		}
		s.record(e, r)
	}
	return fenced, nil
}

func (s *Store) record(e *bff.Entry, r bff.Result) {
	if r.Outcome.Class == action.Held && e.Attempts == 0 {
		s.remove(e)
		return
	}
	e.Lease.Owner, e.Lease.Until = "", time.Time{}
	if !r.Outcome.Class.Settles() {
		e.Waiting, e.NextAt = r.Outcome.Code, r.NextAt
		return
	}
	out := r.Outcome
	e.Outcome, e.Effect, e.Waiting = &out, r.Effect, ""
	s.shut(e)
}

// Expire implements bff.Ledger.
func (s *Store) Expire(_ context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []*bff.Entry
	for _, e := range s.entries {
		if e.Settled() && e.ReceivedAt.Before(before) {
			old = append(old, e)
		}
	}
	slices.SortFunc(old, func(a, b *bff.Entry) int { return cmp.Compare(a.Position, b.Position) })
	old = old[:min(limit, len(old))]
	for _, e := range old {
		s.remove(e)
	}
	return len(old), nil
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
		return cmp.Compare(a.Position, b.Position)
	})
	var lanes []string
	for _, e := range due[:min(limit, len(due))] {
		lanes = append(lanes, e.Lane)
	}
	return lanes, nil
}
