package bff

import (
	"sync"
	"time"
)

// The throttle of sign-in: a few mistakes are free, then each doubles the wait.
const (
	freeMistakes  = 5
	freePatient   = 50
	mistakeLife   = 15 * time.Minute
	maxWait       = 5 * time.Minute
	throttleLimit = 10_000
)

// throttle slows down guessing of one person's password from one address, so
// that a stranger cannot lock the person out from elsewhere.
type throttle struct {
	mu       sync.Mutex
	mistakes map[string]mistake
	free     int
}

type mistake struct {
	count int
	last  time.Time
}

func newThrottle() *throttle { return &throttle{mistakes: map[string]mistake{}, free: freeMistakes} }

// newPatientThrottle is one for what many share.
func newPatientThrottle() *throttle {
	return &throttle{mistakes: map[string]mistake{}, free: freePatient}
}

// wait is how long key has to wait before the next guess.
func (t *throttle) wait(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, there := t.mistakes[key]
	if !there || now.Sub(m.last) > mistakeLife || m.count < t.free {
		return 0
	}
	pause := min(maxWait, time.Second<<min(m.count-t.free, 10))
	return max(0, m.last.Add(pause).Sub(now))
}

// failed counts a mistake.
func (t *throttle) failed(key string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.mistakes) >= throttleLimit {
		t.forget(now)
	}
	m := t.mistakes[key]
	if now.Sub(m.last) > mistakeLife {
		m.count = 0
	}
	t.mistakes[key] = mistake{count: m.count + 1, last: now}
}

// forget makes room: what is old first, and everything when nothing is.
func (t *throttle) forget(now time.Time) {
	for key, m := range t.mistakes {
		if now.Sub(m.last) > mistakeLife {
			delete(t.mistakes, key)
		}
	}
	if len(t.mistakes) >= throttleLimit {
		clear(t.mistakes)
	}
}

// succeeded forgets the mistakes of key.
func (t *throttle) succeeded(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.mistakes, key)
}
