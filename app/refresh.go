package app

import (
	"context"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
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
	looks  chan string
	mu     sync.Mutex
	looked map[string]bool // accounts asked for since the last refresh; of run alone
}

// maxLooks limits the accounts whose contacts wait to be read.
const maxLooks = 16

func newRefresher(d *Device, h *hub) *refresher {
	return &refresher{device: d, hub: h, wishes: make(chan struct{}, 1), looks: make(chan string, maxLooks), looked: map[string]bool{}}
}

// lookAt asks for the contacts of an account that has none in the cache: a
// refresh reads those of the busiest accounts only.
func (r *refresher) lookAt(accountID string) {
	select {
	case r.looks <- accountID:
	default: // many are waiting; the next look asks again
	}
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
		case id := <-r.looks:
			r.readContacts(ctx, id)
			continue
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
		clear(r.looked)
		if r.device.SignedIn() {
			if err := r.refresh(ctx); err != nil {
				r.device.log.Info().Str("code", string(action.CodeOf(err))).Msg("the reference data was not refreshed")
				next = refreshAgain
			}
		}
		timer.Reset(next)
	}
}

// readContacts reads the contacts of one account, once between refreshes: an
// account may have none.
func (r *refresher) readContacts(ctx context.Context, accountID string) {
	if r.looked[accountID] || !r.device.SignedIn() {
		return
	}
	r.looked[accountID] = true
	if err := r.device.cache.RefreshContacts(ctx, r.device.client, accountID); err != nil {
		r.device.log.Info().Str("code", string(action.CodeOf(err))).Msg("contacts were not read")
		return
	}
	r.device.record(event.FetchContacts, event.Fields{"contacts": len(r.device.cache.Contacts(accountID))})
	r.hub.publish(ReferenceTopic)
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
