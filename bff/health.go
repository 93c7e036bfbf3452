package bff

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"maps"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/api"
)

// pinger is the part of an upstream that a health check needs.
type pinger interface {
	Ping(ctx context.Context) error
}

const (
	// pingEvery is how old an answer about an upstream may be.
	pingEvery   = 5 * time.Second
	pingTimeout = 4 * time.Second
)

// upstreams knows which upstreams answer. Asking it costs nothing: a health
// check must not wait for what it reports on.
type upstreams struct {
	pingers map[string]pinger
	log     zerolog.Logger
	stale   chan struct{}

	mu      sync.Mutex
	asked   time.Time
	answers map[string]standing // absent: not asked yet
}

func newUpstreams(pingers map[string]pinger, log zerolog.Logger) *upstreams {
	return &upstreams{pingers: pingers, log: log, stale: make(chan struct{}, 1), answers: map[string]standing{}}
}

// run asks at once and then whenever somebody looked at an old answer, so that
// an idle server leaves its upstreams alone.
func (u *upstreams) run(ctx context.Context) {
	for {
		u.ask(ctx)
		select {
		case <-ctx.Done():
			return
		case <-u.stale:
		}
	}
}

func (u *upstreams) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var work sync.WaitGroup
	for name, p := range u.pingers {
		work.Go(func() {
			err := p.Ping(ctx)
			u.mu.Lock()
			defer u.mu.Unlock()
			was, known := u.answers[name]
			now := was.next(err)
			if !known || was.up != now.up || was.refused != now.refused {
				u.log.Info().Str("upstream", name).Bool("up", err == nil).Str("code", string(action.CodeOf(err))).Msg("upstream")
			}
			u.answers[name] = now
		})
	}
	work.Wait()
	u.mu.Lock()
	u.asked = time.Now()
	u.mu.Unlock()
}

// state returns what is known of the upstreams that were asked.
func (u *upstreams) state() map[string]standing {
	u.mu.Lock()
	defer u.mu.Unlock()
	if time.Since(u.asked) > pingEvery {
		select {
		case u.stale <- struct{}{}:
		default:
		}
	}
	return maps.Clone(u.answers)
}

// GetHealth implements api.Handler.
func (s *Server) GetHealth(_ context.Context, params api.GetHealthParams) (*api.Health, error) {
	now := time.Now().UTC().Truncate(time.Second)
	h := &api.Health{
		Status: api.HealthStatusOk, Environment: s.o.Environment, Version: s.o.Version, Timestamp: now,
		SalesforceMode: api.HealthSalesforceMode(s.o.SalesforceMode), StripeMode: api.HealthStripeMode(s.o.StripeMode),
	}
	h.StartDelayMs.SetTo(s.o.StartDelay.Milliseconds())
	states := api.HealthUpstreams{}
	for name, known := range s.upstreams.state() {
		states[name] = api.HealthUpstreamsItemOk
		if !known.up {
			states[name] = api.HealthUpstreamsItemDown
			h.Status = api.HealthStatusDegraded
		}
	}
	h.Upstreams.SetTo(states)
	if nonce, asked := params.Nonce.Get(); asked {
		signed := "fieldpay-probe:" + nonce + ":" + now.Format(time.RFC3339)
		h.Nonce.SetTo(nonce)
		h.Signature.SetTo(base64.StdEncoding.EncodeToString(ed25519.Sign(s.probeKey, []byte(signed))))
		h.KeyId.SetTo(s.keyID)
	}
	return h, nil
}

// ProbeKey is the public key that signs probes.
func (s *Server) ProbeKey() ed25519.PublicKey {
	public, _ := s.probeKey.Public().(ed25519.PublicKey)
	return public
}
