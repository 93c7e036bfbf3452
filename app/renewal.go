package app

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"fieldpay/action"
	"fieldpay/app/update"
	"fieldpay/queue"
)

const (
	// lookEvery is how often it is looked whether something is to be done about
	// versions; each look waits up to as much again, so that devices that start
	// together do not ask together.
	lookEvery = 5 * time.Minute
	// askEvery is how often the server is asked for a version.
	askEvery = 6 * time.Hour
	// kioskHour is the local hour in which a kiosk installs, unless the company
	// has settled another.
	kioskHour = 3
)

// OpenLock is a file in the data folder that every FieldPay with screens has
// locked, with others: who gets it alone knows that there is none.
const OpenLock = "open.lock"

// renewal looks after new versions while an app runs. It never stands in the way
// of sending: it asks when nothing is being sent.
type renewal struct {
	device *Device
	replay *queue.Replay
	hub    *hub
	// open tells others that there are screens.
	open *flock.Flock
	// renewed is closed when a version was installed and the program should end.
	renewed chan struct{}

	mu      sync.Mutex
	editing int // forms that are open
	busy    bool
	done    bool
	percent int
	failure string
}

func newRenewal(d *Device, r *queue.Replay, h *hub) *renewal {
	return &renewal{device: d, replay: r, hub: h, renewed: make(chan struct{}), open: flock.New(filepath.Join(d.config.DataDir.Value, OpenLock))}
}

// run looks for versions until ctx ends, and installs them in the hour that was
// settled. A build that asks nobody does not even begin.
func (n *renewal) run(ctx context.Context) {
	if n.device.updates.Status().State == update.Off {
		return
	}
	if _, err := n.open.TryRLock(); err != nil {
		n.device.log.Warn().Err(err).Msg("other programs cannot see that FieldPay is open")
	}
	defer func() { _ = n.open.Close() }() // the lock ends with its descriptor
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery + rand.N(lookEvery)): // #nosec G404 -- spreads load, guards nothing
		}
		n.look(ctx)
		if n.due(time.Now()) {
			n.install(ctx)
		}
	}
}

// look asks the server when the last answer is old and the line is free.
func (n *renewal) look(ctx context.Context) {
	now := n.replay.Status()
	if now.Draining || !reachable(now.Connection.State) || time.Since(n.device.updates.Status().CheckedAt) < askEvery {
		return
	}
	if _, err := n.device.updates.Check(ctx); err != nil {
		n.device.log.Info().Str("code", string(action.CodeOf(err))).Msg("no new version was found out about")
	}
	n.hub.publish(StatusTopic)
}

// updateHour is the local hour in which the device installs by itself; false
// leaves it to a person.
func (c Config) updateHour() (int, bool) {
	if hour := c.Company.UpdateHour; hour != nil {
		return *hour, true
	}
	return kioskHour, c.kiosk()
}

// due reports whether it is the hour to install what there is.
func (n *renewal) due(now time.Time) bool {
	hour, settled := n.device.config.updateHour()
	if !settled || now.Hour() != hour {
		return false
	}
	status := n.device.updates.Status()
	return status.State == update.Available && status.Installable
}

// ready says what stands against replacing the programs now.
func (n *renewal) ready() error {
	n.mu.Lock()
	editing := n.editing
	n.mu.Unlock()
	refuse := func(why string) error {
		return &action.Error{Code: action.NotPossible, Message: why, Hint: "Install the new version afterwards", Op: "installing a version"}
	}
	switch {
	case editing > 0:
		return refuse("A form is open")
	case n.replay.Status().Draining:
		return refuse("FieldPay is sending")
	}
	alone, err := n.open.TryLock()
	if err != nil || !alone {
		_, again := n.open.TryRLock()
		if again != nil {
			n.device.log.Warn().Err(again).Msg("other programs cannot see that FieldPay is open")
		}
		return refuse("FieldPay is open a second time on this computer")
	}
	return nil
}

// install installs what there is. It may take minutes.
func (n *renewal) install(ctx context.Context) {
	n.mu.Lock()
	if n.busy || n.done {
		n.mu.Unlock()
		return
	}
	n.busy, n.percent, n.failure = true, 0, ""
	n.mu.Unlock()
	err := n.device.updates.Install(ctx, n.progress, n.ready)
	n.mu.Lock()
	n.busy, n.done = false, err == nil
	if err != nil {
		n.failure = action.MessageOf(err)
	}
	n.mu.Unlock()
	if err == nil {
		close(n.renewed)
	} else {
		n.device.log.Warn().Err(err).Str("code", string(action.CodeOf(err))).Msg("a version was not installed")
	}
	n.hub.publish(StatusTopic)
}

func (n *renewal) progress(done, total int64) {
	percent := int(done * 100 / max(total, 1))
	n.mu.Lock()
	moved := n.percent != percent
	n.percent = percent
	n.mu.Unlock()
	if moved {
		n.hub.publish(StatusTopic)
	}
}

// dto is what screens show of it.
func (n *renewal) dto() VersionDTO {
	out := n.device.versionDTO()
	n.mu.Lock()
	defer n.mu.Unlock()
	out.Percent, out.Failure = n.percent, n.failure
	switch {
	case n.done:
		out.State = "installed"
	case n.busy:
		out.State = "installing"
	}
	return out
}

// edit counts the forms that are open.
func (n *renewal) edit(open bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if open {
		n.editing++
		return
	}
	n.editing = max(0, n.editing-1)
}
