package memory

import (
	"context"
	"time"

	"fieldpay/bff"
)

// Ask implements bff.PaymentRequests.
func (s *Store) Ask(_ context.Context, r bff.PaymentRequest) (bff.PaymentRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, there := s.requests[r.ActionID]
	switch {
	case !there:
		r.ObjectID, r.URL, r.PaidAt = "", "", time.Time{}
		known = r
	case r.Try > known.Try:
		known.Try, known.TriedAt = r.Try, r.TriedAt
	}
	s.requests[r.ActionID] = known
	return known, nil
}

// Request implements bff.PaymentRequests.
func (s *Store) Request(_ context.Context, actionID string) (bff.PaymentRequest, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, there := s.requests[actionID]
	return r, there, nil
}

// Answered implements bff.PaymentRequests.
func (s *Store) Answered(_ context.Context, actionID, objectID, url string) error {
	s.changeRequest(actionID, func(r *bff.PaymentRequest) { r.ObjectID, r.URL = objectID, url })
	return nil
}

// Paid implements bff.PaymentRequests.
func (s *Store) Paid(_ context.Context, actionID string, at time.Time) error {
	s.changeRequest(actionID, func(r *bff.PaymentRequest) {
		if r.PaidAt.IsZero() {
			r.PaidAt = at
		}
	})
	return nil
}

func (s *Store) changeRequest(actionID string, change func(*bff.PaymentRequest)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, there := s.requests[actionID]; there {
		change(&r)
		s.requests[actionID] = r
	}
}
