package host

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// roundTripper is a function as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUpstream_RoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status, calls := 503, 0
		u := &upstream{name: "stripe", m: newMetrics(), next: roundTripper(func(*http.Request) (*http.Response, error) {
			calls++
			return &http.Response{StatusCode: status, Body: http.NoBody}, nil
		})}
		call := func() error {
			resp, err := u.RoundTrip(httptest.NewRequest(http.MethodGet, "http://stripe.test/", http.NoBody))
			if err == nil {
				err = resp.Body.Close()
			}
			return err
		}
		for range 50 {
			if err := call(); err != nil && !errors.Is(err, errKeptBack) {
				t.Fatal(err)
			}
		}
		if calls != breakAfter {
			t.Errorf("%d calls of an upstream that does not answer", calls)
		}
		<-time.After(breakFirst)
		if err := call(); err != nil || calls != breakAfter+1 {
			t.Errorf("after the pause: %d calls, %v", calls, err)
		}
		if err := call(); !errors.Is(err, errKeptBack) {
			t.Errorf("while it goes on: %v", err)
		}
		<-time.After(2 * breakFirst)
		status = 200
		for range 3 {
			if err := call(); err != nil {
				t.Errorf("once it answers: %v", err)
			}
		}
	})
}

func TestUpstream_traces(t *testing.T) {
	t.Run("without a collector a call is sent as it is, and costs nothing more", func(t *testing.T) {
		u := &upstream{name: "stripe"}
		r := httptest.NewRequest(http.MethodGet, "http://stripe.test/", http.NoBody)
		var sent *http.Request
		if n := testing.AllocsPerRun(100, func() { sent, _ = u.traceCall(r) }); n != 0 || sent != r {
			t.Errorf("%v allocations, the same request: %v", n, sent == r)
		}
	})
	t.Run("a provider is told the trace, and nothing that a caller put beside it", func(t *testing.T) {
		traced, err := Config{TraceEndpoint: "http://127.0.0.1:9"}.newTracing(t.Context(), zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { traced.close(context.WithoutCancel(t.Context()), zerolog.Nop()) })
		u := &upstream{name: "stripe", tracer: traced.tracer}
		r := httptest.NewRequest(http.MethodGet, "http://stripe.test/", http.NoBody)
		sent, _ := u.traceCall(r) // never ended, so never sent
		if sent.Header.Get("Traceparent") == "" || sent.Header.Get("Tracestate") != "" || r.Header.Get("Traceparent") != "" {
			t.Errorf("sent %v, the caller's own %v", sent.Header, r.Header)
		}
	})
}
