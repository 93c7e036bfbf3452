package host

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// The breaker of an upstream: so many failures in a row open it, for a time that
// doubles while the first call after it fails, too.
const (
	breakAfter = 10
	breakFirst = time.Second
	breakMost  = 15 * time.Second
)

// errKeptBack is a call that was not made: the upstream does not answer, and is
// left alone for a while.
var errKeptBack = errors.New("the upstream is left alone for a while, because it does not answer")

// upstream carries the calls of one provider: it counts them, and keeps them
// back while the provider does not answer, so that nobody waits for time-outs
// and a provider in trouble is not called all the more.
type upstream struct {
	name string
	next http.RoundTripper
	m    *metrics
	// tracer makes a span for each call; nil: none.
	tracer trace.Tracer

	mu     sync.Mutex
	failed int
	pause  time.Duration
	until  time.Time
}

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	r, span := u.traceCall(r)
	status := 0
	defer func() { endCall(span, status) }()
	if !u.mayCall(began) {
		u.m.call(u.name, "open", 0)
		if r.Body != nil {
			_ = r.Body.Close() // as a transport must, whatever comes of it
		}
		return nil, errKeptBack
	}
	resp, err := u.next.RoundTrip(r)
	if err == nil {
		status = resp.StatusCode
	}
	u.m.call(u.name, strconv.Itoa(status), time.Since(began))
	if !errors.Is(err, context.Canceled) {
		u.came(err == nil && status < http.StatusInternalServerError, time.Now())
	}
	return resp, err
}

// mayCall reports whether a call is made: all while the breaker is closed, and
// one after each pause.
func (u *upstream) mayCall(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.pause == 0 {
		return true
	}
	if now.Before(u.until) {
		return false
	}
	u.until = now.Add(u.pause)
	return true
}

// came takes what came of a call.
func (u *upstream) came(good bool, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case good:
		u.failed, u.pause = 0, 0
	case u.pause > 0:
		u.pause = min(2*u.pause, breakMost)
		u.until = now.Add(u.pause)
	default:
		if u.failed++; u.failed >= breakAfter {
			u.pause = breakFirst
			u.until = now.Add(u.pause)
		}
	}
	open := 0.0
	if u.pause > 0 {
		open = 1
	}
	u.m.open.WithLabelValues(u.name).Set(open)
}
