package bff

import (
	"sync"
	"time"
)

// The requests of one device and of one person: so many a second on average,
// with as many at once. Both are far above what an honest device sends.
const (
	deviceRate   = 50
	deviceBurst  = 200
	personRate   = 200
	personBurst  = 800
	limiterLimit = 100_000
)

// limiter lets each key have a number of requests a second. What it remembers
// is bounded: a key that was idle for long is as good as new.
type limiter struct {
	rate, burst float64
	mu          sync.Mutex
	buckets     map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(rate, burst float64) *limiter {
	return &limiter{rate: rate, burst: burst, buckets: map[string]bucket{}}
}

// take takes one request of a key, or answers how long it has to wait.
func (l *limiter) take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[key]
	if !known {
		if len(l.buckets) >= limiterLimit {
			l.forget(now)
		}
		b.left = l.burst
	} else {
		b.left = min(l.burst, b.left+now.Sub(b.at).Seconds()*l.rate)
	}
	b.at = now
	var wait time.Duration
	if b.left < 1 {
		wait = time.Duration((1 - b.left) / l.rate * float64(time.Second))
	} else {
		b.left--
	}
	l.buckets[key] = b
	return wait
}

// forget drops the keys whose buckets are full again, and all when none is.
func (l *limiter) forget(now time.Time) {
	for key, b := range l.buckets {
		if b.left+now.Sub(b.at).Seconds()*l.rate >= l.burst {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= limiterLimit {
		clear(l.buckets)
	}
}
