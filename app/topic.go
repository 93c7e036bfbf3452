package app

import (
	"context"
	"slices"
	"sync"
	"time"
)

// ChangedEvent is the name under which hosts announce a [Topic] to a page.
const ChangedEvent = "fieldpay:changed"

// Topic names a part of what a screen shows that may have changed.
type Topic string

// The topics.
const (
	StatusTopic    Topic = "status"    // connection, counts, progress
	OutboxTopic    Topic = "outbox"    // actions and their states
	ReferenceTopic Topic = "reference" // accounts, contacts, invoices of the cache
	SessionTopic   Topic = "session"   // who is signed in
)

// announceEvery bounds how often a subscription is told: ten times a second is as
// good as at once for who reads a screen, and a drain of many batches a second
// does not make it ask for everything as often. The first word comes at once.
const announceEvery = 100 * time.Millisecond

// hub tells every subscription what changed.
type hub struct {
	mu   sync.Mutex
	subs map[*Subscription]struct{}
}

func newHub() *hub { return &hub{subs: map[*Subscription]struct{}{}} }

func (h *hub) subscribe() *Subscription {
	s := &Subscription{hub: h, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[s] = struct{}{}
	return s
}

func (h *hub) publish(topics ...Topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		for _, topic := range topics {
			if !slices.Contains(s.pending, topic) {
				s.pending = append(s.pending, topic)
			}
		}
		select {
		case s.wake <- struct{}{}:
		default: // it was woken already and reads all that is pending
		}
	}
}

// Subscription receives topics. A slow reader misses none and holds up nobody:
// what is announced twice before it looks is told once.
type Subscription struct {
	hub     *hub
	wake    chan struct{}
	pending []Topic // guarded by hub.mu
	told    time.Time
}

// Next waits for announcements and returns all there are, in order, at most ten
// times a second. The error is that of ctx. One goroutine calls it.
func (s *Subscription) Next(ctx context.Context) ([]Topic, error) {
	defer func() { s.told = time.Now() }()
	if err := rest(ctx, announceEvery-time.Since(s.told)); err != nil {
		return nil, err
	}
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.wake:
		}
		if topics := s.take(); len(topics) > 0 {
			return topics, nil
		}
	}
}

// rest waits for a span, or until ctx ends.
func rest(ctx context.Context, span time.Duration) error {
	if span <= 0 {
		return nil
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Subscription) take() []Topic {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	topics := s.pending
	s.pending = nil
	return topics
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.subs, s)
}
