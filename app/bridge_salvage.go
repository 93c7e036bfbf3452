package app

import (
	"context"
	"errors"
	"fmt"

	"fieldpay/action"
	"fieldpay/queue"
)

// RescueDTO is what a salvage did: so many of so many actions are in the new
// journal. Aside is the name of the damaged file, which lies in the data folder.
type RescueDTO struct {
	Rescued int64  `json:"rescued"`
	Known   int64  `json:"known"`
	Aside   string `json:"aside"`
}

// Salvage is a person's decision to make a new journal of what is intact in a
// damaged one: see [SalvageJournal]. The app closes the journal for it, whether
// or not it could be opened, and opens the new one; calls that come meanwhile are
// refused. A journal that is as FieldPay left it is not salvaged.
func (b *Bridge) Salvage() (out RescueDTO, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = RescueDTO{}, panicError("calling Salvage", p)
		}
	}()
	rescue, err := b.app.salvage(b.app.calls)
	if err != nil {
		return RescueDTO{}, err
	}
	return RescueDTO{Rescued: rescue.Rescued, Known: rescue.Known, Aside: rescue.Aside}, nil
}

// errSalvaging is the answer to calls while a journal is being salvaged.
var errSalvaging = &action.Error{Code: action.NotPossible, Message: "The journal is being salvaged. Wait a moment"}

func (a *App) salvage(ctx context.Context) (queue.Rescue, error) {
	r, err := a.ready(ctx)
	switch {
	case err == nil && !r.damaged():
		return queue.Rescue{}, &action.Error{Code: action.NotPossible, Op: "salvaging the journal", Message: "The journal is not damaged"}
	case err == nil:
		if err := r.door.pass(); err != nil {
			return queue.Rescue{}, err
		}
	case action.CodeOf(err) != action.JournalDamaged:
		return queue.Rescue{}, err
	}
	if !a.takeAway(r) {
		return queue.Rescue{}, errSalvaging // somebody else asked for it too
	}
	err = nil
	if r != nil {
		err = a.endLife(r)
	}
	var rescue queue.Rescue
	if err == nil {
		rescue, err = SalvageJournal(ctx, a.options.Device)
	}
	next, openErr := a.open(ctx)
	a.put(next, openErr)
	a.hub.publish(StatusTopic, OutboxTopic, SessionTopic, ReferenceTopic)
	if err != nil {
		return queue.Rescue{}, fmt.Errorf("salvaging the journal: %w", err)
	}
	return rescue, openErr
}

// damaged reports whether the journal is known not to be as FieldPay left it.
func (r *running) damaged() bool {
	return r.inspector.found.Load() || r.replay.Status().Suspect || r.device.journal.Suspect()
}

// put is what runs from now on, or why nothing does.
func (a *App) put(r *running, failed error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running, a.failed = r, failed
}

// takeAway keeps new calls from r, which may be nil, and waits for those under
// way. It reports false where somebody has done so before.
func (a *App) takeAway(r *running) bool {
	a.mu.Lock()
	if a.running != r || errors.Is(a.failed, errSalvaging) {
		a.mu.Unlock()
		return false
	}
	a.running, a.failed = nil, errSalvaging
	a.mu.Unlock()
	if r != nil {
		r.uses.Wait()
	}
	return true
}

// endLife ends what runs and closes the device.
func (a *App) endLife(r *running) error {
	r.stop()
	a.tasks.Wait()
	err := r.device.Close()
	if r.watcher != nil {
		err = errors.Join(err, r.watcher.Close())
	}
	return err
}
