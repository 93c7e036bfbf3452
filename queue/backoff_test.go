package queue_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"fieldpay/action"
	"fieldpay/queue"
)

func TestBackoff(t *testing.T) {
	t.Run("doubles from two seconds to five minutes, half a second for a lock", func(t *testing.T) {
		for _, c := range []struct {
			attempt int
			code    action.Code
			want    time.Duration
		}{
			{1, action.SalesforceDown, time.Second},
			{2, action.SalesforceDown, 2 * time.Second},
			{5, action.SalesforceDown, 16 * time.Second},
			{9, action.SalesforceDown, 150 * time.Second},
			{1_000_000, action.SalesforceDown, 150 * time.Second},
			{1, action.RecordLocked, 250 * time.Millisecond},
			{3, action.RecordLocked, time.Second},
		} {
			if got := queue.Backoff(c.attempt, c.code, 0, 0.5); got != c.want {
				t.Errorf("attempt %d of %s: %v, want %v", c.attempt, c.code, got, c.want)
			}
		}
	})
	t.Run("is never negative, never over its cap, never before Retry-After", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			attempt := rapid.Int().Draw(t, "attempt")
			after := time.Duration(rapid.Int64().Draw(t, "after"))
			code := rapid.SampledFrom(action.Codes()).Draw(t, "code")
			got := queue.Backoff(attempt, code, after, rapid.Float64Range(0, 0.999).Draw(t, "random"))
			if got < 0 || got > time.Hour+5*time.Minute || after <= 0 && got > 5*time.Minute || after > 0 && got < min(after, time.Hour) {
				t.Fatalf("got %v", got)
			}
		})
	})
}
