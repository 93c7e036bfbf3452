package bff

import (
	"context"
	"time"

	"fieldpay/action"
	"fieldpay/api"
)

// standing is what is known of an upstream.
type standing struct {
	up bool
	// refused says that it answers, and refuses the server's own sign-in.
	refused bool
	// worked says that it was up since the server started.
	worked bool
}

// next is what is known after another answer. An upstream that was down for a
// moment has not taken its refusal back, nor has one that is slow refused.
func (s standing) next(err error) standing {
	return standing{up: err == nil, refused: action.CodeOf(err) == action.UpstreamLogin, worked: s.worked || err == nil}
}

// The words of /ready.
const (
	checkOK       = "ok"
	checkDown     = "does not answer"
	checkRefused  = "refuses the server's own sign-in"
	checkStore    = "does not take work"
	checkDraining = "the server ends"
)

// readyTimeout is how long the store may take to say that it takes work: less
// than any balancer waits.
const readyTimeout = 3 * time.Second

// Drain lets /ready say no from now on, so that balancers send nobody any more
// while requests are still answered.
func (s *Server) Drain() { s.draining.Store(true) }

// readiness is whether the server should be sent requests, and why.
//
// A store that takes nothing, or a newer build's, is no. An upstream that is down
// is no reason: actions are taken and wait. Nor is one that refuses the server's
// sign-in after it has worked: every instance would be out at the same moment,
// and devices could hand in nothing any more. But a server that was refused from
// its start on was given wrong credentials, and those beside it may have the
// right ones: it is not ready before it has worked once.
func (s *Server) readiness(ctx context.Context) api.Ready {
	r := api.Ready{Ready: true, Checks: api.ReadyChecks{"store": checkOK}}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := s.o.Ready(ctx); err != nil {
		s.log.Error().Err(err).Msg("the store does not take work")
		r.Ready, r.Checks["store"] = false, checkStore
	}
	for name, known := range s.upstreams.state() {
		switch {
		case known.up:
			r.Checks[name] = checkOK
		case known.refused:
			r.Checks[name] = checkRefused
			r.Ready = r.Ready && known.worked
		default:
			r.Checks[name] = checkDown
		}
	}
	if s.draining.Load() {
		r.Ready, r.Checks["server"] = false, checkDraining
	}
	return r
}

// GetReady implements api.Handler.
func (s *Server) GetReady(ctx context.Context) (api.GetReadyRes, error) {
	ready := s.readiness(ctx)
	if !ready.Ready {
		no := api.GetReadyServiceUnavailable(ready)
		return &no, nil
	}
	ok := api.GetReadyOK(ready)
	return &ok, nil
}
