package bff

import (
	"sync"
	"time"
)

// limiterLimit bounds how many keys a limiter remembers.
const limiterLimit = 100_000

// Rate is how many requests are let in: so many a second on average, with as
// many at once. The zero Rate stands for a default.
type Rate struct{ PerSecond, Burst float64 }

// The defaults for one device and one person. A device with a month of work
// behind it sends about a hundred batches a second to a server on the same
// machine, so that an honest one never meets its limit; a person may use several.
func deviceRate() Rate { return Rate{PerSecond: 200, Burst: 1000} }
func personRate() Rate { return Rate{PerSecond: 800, Burst: 4000} }

func (r Rate) or(fallback Rate) Rate {
	if r == (Rate{}) {
		return fallback
	}
	return r
}

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

func newLimiter(r Rate) *limiter {
	return &limiter{rate: r.PerSecond, burst: r.Burst, buckets: map[string]bucket{}}
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
