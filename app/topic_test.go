package app

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
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
	t.Run("a drain of many batches a second is told ten times a second, the first at once, the last too", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHub()
			s := h.subscribe()
			began, ended := time.Now(), make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			var told []time.Duration
			go func() {
				defer close(ended)
				for {
					if _, err := s.Next(ctx); err != nil {
						return
					}
					told = append(told, time.Since(began))
				}
			}()
			for range 1000 { // a second
				h.publish(OutboxTopic)
				synctest.Wait()
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Second)
			cancel()
			<-ended
			if len(told) < 10 || len(told) > 12 || told[0] != 0 || told[len(told)-1] < 999*time.Millisecond {
				t.Errorf("told after %v", told)
			}
		})
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
