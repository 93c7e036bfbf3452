package stripepay

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of one answer; the library reads all of it.
const maxAnswer = 4 << 20

// sighting is what the transport saw of an answer. The library hides it when
// the body is not Stripe's own error, and then puts the body into its message.
type sighting struct {
	status     int
	requestID  string
	retryAfter time.Duration
	// replayed says that the answer was filed under the idempotency key before.
	replayed bool
}

type sightingKey struct{}

func withSighting(ctx context.Context, s *sighting) context.Context {
	return context.WithValue(ctx, sightingKey{}, s)
}

// watcher notes answers and bounds them.
type watcher struct{ next http.RoundTripper }

// watched returns a copy of hc, or the default client, that notes what it sees
// and follows no redirect: that would carry the key to another host.
func watched(hc *http.Client) *http.Client {
	if hc == nil {
		hc = &http.Client{Timeout: callTimeout}
	}
	plain := *hc
	next := plain.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	plain.Transport = watcher{next}
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &plain
}

// RoundTrip implements http.RoundTripper.
func (w watcher) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if s, ok := req.Context().Value(sightingKey{}).(*sighting); ok {
		s.status, s.requestID = resp.StatusCode, resp.Header.Get("Request-Id")
		s.replayed = resp.Header.Get("Idempotent-Replayed") == "true"
		s.retryAfter = retryAfter(resp.Header)
	}
	resp.Body = bounded{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

type bounded struct {
	io.Reader
	io.Closer
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || seconds < 0 || seconds > 86400 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
