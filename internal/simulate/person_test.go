package simulate_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// day lets the person do n things, with trouble in between.
func (d *device) day(first, n int) {
	for i := first; i < first+n; i++ {
		pause(d.w.life, d.w.die.span(50*time.Millisecond, d.w.plan.pace, i, d.name, "thinks"))
		d.trouble(i)
		calm()
		d.do(i)
		calm()
		d.mind(false)
		calm()
	}
}

// calm waits until everything of this moment has happened: what a person sees
// then is the same each time.
func calm() { pause(context.Background(), time.Nanosecond) }

// trouble is what happens to a device beside its work.
func (d *device) trouble(n int) {
	if d.p == nil || d.disk.Hits() > 0 {
		return
	}
	if d.mishaps(n); d.p == nil || !d.w.raining.Load() {
		return
	}
	switch draw := d.w.die.share(n, d.name, "trouble"); {
	case draw < d.w.plan.crashes/2:
		d.sawCrash()
		d.crash()
		pause(d.w.life, d.w.die.span(time.Second, 40*time.Second, n, d.name, "stays dark"))
	case draw < d.w.plan.crashes:
		d.cutLater(1 + int(d.w.die.of(n, d.name, "cut at")%150))
	case draw < d.w.plan.crashes+0.02:
		d.quit()
	case draw < d.w.plan.crashes+0.04:
		d.p.replay.Wake()
	case draw < d.w.plan.crashes+0.06:
		d.p.replay.ForceOffline(d.w.die.of(n, d.name, "forces")%2 == 0)
	}
}

func (d *device) sawCrash() {
	counts, err := d.count()
	if err == nil && counts.ByState[queue.Sending] > 0 {
		d.w.trace.saw(crashWhileSending)
	}
}

// mind does what a person does about what the screen shows. last says that the
// faults are over, and that everything open is to be decided.
func (d *device) mind(last bool) {
	if d.p != nil && d.disk.Hits() > 0 {
		d.w.trace.saw(powerCut)
		d.crash()
	}
	if err := d.boot(); err != nil {
		d.w.fail("%s: %v", d.name, err)
		return
	}
	for _, p := range d.running() {
		d.see(p, last)
	}
	d.decideAll(last)
}

// see does what a person does about the state of a process.
func (d *device) see(p *process, last bool) {
	status := p.replay.Status()
	if status.DrainingElsewhere {
		d.w.trace.saw(drainedElsewhere)
	}
	switch c := status.Connection; c.State {
	case queue.SignedOut:
		d.signIn(p)
	case queue.Degraded:
		if c.Code == action.JournalRolledBack {
			d.goOn()
		}
	case queue.ForcedOffline:
		if last {
			p.replay.ForceOffline(false)
		}
	}
}

func (d *device) decideAll(last bool) {
	counts, err := d.count()
	if err != nil {
		return // the power is off
	}
	if counts.ByState[queue.Review]+counts.ByState[queue.Failed] > 0 {
		d.decide(last, queue.Review, queue.Failed)
	}
	if last && counts.ByState[queue.Held] > 0 && d.p != nil && !d.p.freed {
		d.p.freed = true
		d.freeHeld()
	}
	if !last && d.random.IntN(12) == 0 {
		d.changeMind()
	}
}

func (d *device) decide(last bool, states ...queue.State) {
	page, err := d.p.journal.List(context.Background(), queue.Filter{States: states, Limit: 500})
	if err != nil {
		return
	}
	for _, item := range page.Items {
		if !last && d.random.IntN(4) > 0 {
			continue
		}
		d.tries[item.ID]++
		d.decideOne(item, d.tries[item.ID])
		if calm(); d.p == nil {
			return
		}
	}
}

// decideOne is what a person makes of an action that needs them.
func (d *device) decideOne(item queue.Item, times int) {
	w := d.w
	if item.Outcome == nil {
		w.fail("%s: %s needs a person and does not say why", d.name, item.ID)
		return
	}
	code := item.Outcome.Code
	w.trace.add("%s looks at %s: %s %s", d.name, item.ID, item.State, code)
	draw := w.die.share(times, item.ID, "decides")
	booked := item.Outcome.ServerID != ""
	switch {
	case times > 3, booked && draw < 0.7, !booked && draw < 0.3:
		d.discard(item.ID)
	case draw < 0.75:
		w.trace.saw(personRetries)
		if _, err := d.p.journal.Retry(context.Background(), item.ID, d.actor()); err != nil {
			d.mayFail("retrying", err)
		}
	default:
		d.edit(item.ID, times)
	}
}

// freeHeld gives up what waits for something that was given up itself.
func (d *device) freeHeld() {
	page, err := d.p.journal.List(context.Background(), queue.Filter{States: []queue.State{queue.Held}, Limit: 500})
	if err != nil {
		return
	}
	for _, item := range page.Items {
		if by, err := d.p.journal.Item(context.Background(), item.BlockedBy); err == nil && by.State == queue.Discarded {
			d.discard(item.ID)
			calm()
		}
	}
}

// changeMind edits or discards something that may not have been sent yet.
func (d *device) changeMind() {
	page, err := d.p.journal.List(context.Background(), queue.Filter{States: []queue.State{queue.Pending, queue.Held}, Limit: 10})
	if err != nil || len(page.Items) == 0 {
		return
	}
	item := page.Items[d.random.IntN(len(page.Items))]
	if d.random.IntN(2) == 0 {
		d.discard(item.ID)
		return
	}
	d.edit(item.ID, 100+d.random.IntN(100))
}

func (d *device) discard(id string) {
	_, err := d.p.journal.Discard(context.Background(), id, d.actor(), "the customer says so")
	if err != nil {
		d.mayFail("discarding", err)
		// A power cut may have kept it all the same.
		d.byID[id].maybe = d.byID[id].maybe || action.CodeOf(err) != action.NotPossible
		return
	}
	calm()
	d.w.trace.saw(personDiscards)
	d.byID[id].discarded = true
	d.w.trace.add("%s discards %s", d.name, id)
}

// edit replaces a deed by a better one.
func (d *device) edit(id string, times int) {
	old := d.byID[id]
	if d.restored.Load() {
		times += 1000 // the edits that are lost may have reached the server
	}
	made := &deed{id: d.w.die.id(times, id, "edited"), device: d, replaces: old, needs: old.needs, money: old.money, intent: old.intent}
	d.w.trace.label(made.id, fmt.Sprintf("<%s, mended %d>", id, times))
	switch p := old.payload.(type) {
	case *action.CreateInvoice:
		better := *p
		better.AccountID, better.Description = "acc-001", p.Description+", mended"
		made.payload = &better
	case *action.UpdateInvoice:
		better := *p
		better.BaseVersion = 0
		made.payload = &better
	case *action.RecordPayment:
		better := *p
		better.Amount = 1 + p.Amount/2
		made.money.Minor = better.Amount
		made.payload = &better
	case *action.CollectPayment:
		better := *p
		better.Amount = max(500, p.Amount/2)
		made.money.Minor = better.Amount
		made.payload = &better
	case *action.LogVisit:
		better := *p
		better.AccountID, better.Note = "acc-002", p.Note+", mended"
		made.payload = &better
	default:
		d.discard(id)
		return
	}
	d.w.trace.saw(personEdits)
	d.keep(made)
}

// mayFail is for decisions that came too late, or in a power cut.
func (d *device) mayFail(doing string, err error) {
	if action.CodeOf(err) != action.NotPossible && d.disk.Hits() == 0 {
		d.w.fail("%s: %s: %v", d.name, doing, err)
	}
}

// done reports whether nothing is left to be done on the device.
func (d *device) done() bool {
	if d.p == nil || d.disk.Hits() > 0 {
		return false
	}
	counts, err := d.count()
	if err != nil {
		d.w.fail("%s: counting: %v", d.name, err)
		return true
	}
	for state, n := range counts.ByState {
		if n > 0 && state.Open() {
			return false
		}
	}
	return true
}

// brief is a payload, for people.
type brief []byte

// String implements fmt.Stringer.
func (b brief) String() string { return strings.ReplaceAll(string(b), `"`, "") }
