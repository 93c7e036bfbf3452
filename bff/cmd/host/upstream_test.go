package host

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
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
