package app

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

func TestSubscription(t *testing.T) {
	t.Run("what is announced twice before anybody looks is told once, in order", func(t *testing.T) {
		h := newHub()
		s := h.subscribe()
		h.publish(OutboxTopic, StatusTopic)
		h.publish(StatusTopic, SessionTopic)
		got, err := s.Next(t.Context())
		if want := []Topic{OutboxTopic, StatusTopic, SessionTopic}; err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("waiting ends with the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := newHub().subscribe().Next(ctx); err == nil {
			t.Error("it went on")
		}
	})
	t.Run("a closed subscription is told nothing more", func(t *testing.T) {
		h := newHub()
		s := h.subscribe()
		s.Close()
		h.publish(StatusTopic)
		if len(s.pending) != 0 {
			t.Errorf("got %v", s.pending)
		}
	})
}

func ExampleSubscription_Next() {
	h := newHub()
	s := h.subscribe()
	defer s.Close()
	h.publish(StatusTopic)
	topics, err := s.Next(context.Background())
	fmt.Println(topics, err)
	// Output: [status] <nil>
}
