package app

import (
	"context"
	"sync"
	"time"

	"fieldpay/action"
)

const (
	// refreshEvery is how old the reference cache may get while online.
	refreshEvery = 10 * time.Minute
	// refreshAgain is the pause after a refresh that failed.
	refreshAgain = time.Minute
	// refreshCalm gathers wishes: a run settles many actions within moments.
	refreshCalm = 700 * time.Millisecond
)

// refresher keeps the reference cache fresh while somebody is signed in. Only
// one refresh runs at a time.
type refresher struct {
	device *Device
	hub    *hub
	wishes chan struct{}
	mu     sync.Mutex
}

func newRefresher(d *Device, h *hub) *refresher {
	return &refresher{device: d, hub: h, wishes: make(chan struct{}, 1)}
}

// want asks for a refresh soon. Wishes gather.
func (r *refresher) want() {
	select {
	case r.wishes <- struct{}{}:
	default:
	}
}

// run refreshes on wishes, and regularly, until ctx ends.
func (r *refresher) run(ctx context.Context) {
	timer := time.NewTimer(refreshEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-r.wishes:
			if !pause(ctx, refreshCalm) {
				return
			}
			select {
			case <-r.wishes: // asked again in the meantime: this refresh serves both
			default:
			}
		}
		next := refreshEvery
		if r.device.SignedIn() {
			if err := r.refresh(ctx); err != nil {
				r.device.log.Info().Str("code", string(action.CodeOf(err))).Msg("the reference data was not refreshed")
				next = refreshAgain
			}
		}
		timer.Reset(next)
	}
}

// refresh replaces the cache now and announces it.
func (r *refresher) refresh(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.device.Refresh(ctx); err != nil {
		return err
	}
	r.hub.publish(ReferenceTopic)
	return nil
}

// pause waits; false says that ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
