package bffclient_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// pins is a PinStore in memory.
type pins struct {
	mu   sync.Mutex
	keys map[string]string
}

// Pin returns the key of a server.
func (p *pins) Pin(_ context.Context, server string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[server], nil
}

// SetPin sets the key of a server.
func (p *pins) SetPin(_ context.Context, server, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil {
		p.keys = map[string]string{}
	}
	p.keys[server] = key
	return nil
}

func TestClient_Probe(t *testing.T) {
	t.Run("reports what the server says of itself", func(t *testing.T) {
		s := newServer(t)
		h, err := newClient(t, s.URL, &wallet{}).Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(h.Down, []string{"stripe"}) || h.StartDelay != 1500*time.Millisecond || h.Version != "1.2.3" || h.Environment != "test" {
			t.Errorf("%+v", h)
		}
	})
	t.Run("measures how far the clock is ahead of the server's", func(t *testing.T) {
		s := newServer(t)
		s.on("/health", func(w http.ResponseWriter, r *http.Request) {
			s.signHealth(w, r.URL.Query().Get("nonce"), time.Now().Add(-time.Hour).UTC(), nil)
		})
		h, err := newClient(t, s.URL, &wallet{}).Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if off := h.ClockOffset - time.Hour; off.Abs() > 10*time.Second {
			t.Errorf("offset %v", h.ClockOffset)
		}
	})
	t.Run("uses a new nonce each time", func(t *testing.T) {
		s := newServer(t)
		seen := map[string]bool{}
		s.on("/health", func(w http.ResponseWriter, r *http.Request) {
			seen[r.URL.Query().Get("nonce")] = true
			s.health(w, r)
		})
		c := newClient(t, s.URL, &wallet{})
		for range 3 {
			if _, err := c.Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for nonce := range maps.Keys(seen) {
			if len(nonce) != 32 {
				t.Errorf("nonce %q", nonce)
			}
		}
		if len(seen) != 3 {
			t.Errorf("%d nonces", len(seen))
		}
	})
}

func TestClient_Probe_IsNotFooled(t *testing.T) {
	cases := map[string]func(*server) http.HandlerFunc{
		"by a cache that repeats an earlier answer": func(s *server) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				s.signHealth(w, "00000000000000000000000000000000", time.Now().UTC(), nil)
			}
		},
		"by an echo without a signature": func(s *server) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				s.signHealth(w, r.URL.Query().Get("nonce"), time.Now().UTC(), map[string]any{"signature": ""})
			}
		},
		"by a signature of another time": func(s *server) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				s.signHealth(w, r.URL.Query().Get("nonce"), time.Now().UTC(), map[string]any{"timestamp": "2020-01-01T00:00:00Z"})
			}
		},
		"by a key that is none": func(s *server) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				s.signHealth(w, r.URL.Query().Get("nonce"), time.Now().UTC(), map[string]any{"keyId": "c2hvcnQ="})
			}
		},
		"by a portal's page": func(*server) http.HandlerFunc { return page(200, "text/html", "<html>") },
	}
	for name, route := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("/health", route(s))
			_, err := newClient(t, s.URL, &wallet{}).Probe(t.Context())
			wantCode(t, err, action.Portal)
		})
	}
	t.Run("by a server with another key", func(t *testing.T) {
		s, other, known := newServer(t), newServer(t), &pins{}
		c := newClient(t, s.URL, &wallet{}, func(o *bffclient.Options) { o.Pins = known })
		if _, err := c.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.key = other.key
		_, err := c.Probe(t.Context())
		wantCode(t, err, action.UnsafeNetwork)
		again := newClient(t, s.URL, &wallet{}, func(o *bffclient.Options) { o.Pins = known })
		_, err = again.Probe(t.Context())
		wantCode(t, err, action.UnsafeNetwork)
		if _, err := c.SignIn(t.Context(), "demo@fieldpay.com", "right"); err != nil {
			t.Fatal(err)
		}
		if _, err := again.Probe(t.Context()); err != nil {
			t.Errorf("after a sign-in the new server is still strange: %v", err)
		}
	})
}
