package simulate_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	bffclient "fieldpay/bff-client"
	"fieldpay/queue"
)

// A mishap happens to the first device of a schedule, once, at one of its deeds.
type mishap struct {
	// revoked: the office locks the device out, and lets it in again later.
	revoked bool
	// restored: the journal is put back from a copy that was made earlier.
	restored bool
	// twin: another process of the device comes and goes beside the app.
	twin bool
	// clock: the time of day is set, ahead and back.
	clock bool
}

func (d die) mishap(signs bool) mishap {
	restored := d.share(0, "restored") < 0.12
	return mishap{
		revoked:  signs && d.share(0, "revoked") < 0.15,
		restored: restored,
		twin:     !restored && d.share(0, "twin") < 0.15,
		clock:    d.share(0, "clock") < 0.2,
	}
}

func (m mishap) String() string {
	text := ""
	if m.revoked {
		text += ", a device that is locked out for a while"
	}
	if m.restored {
		text += ", a journal that is put back from a copy"
	}
	if m.twin {
		text += ", another process of a device"
	}
	if m.clock {
		text += ", a clock that is set"
	}
	return text
}

// mishaps lets happen what is due at the n-th deed.
func (d *device) mishaps(n int) {
	if d.index != 0 {
		return
	}
	each := d.w.plan.actions / d.w.plan.devices
	at := func(what string) bool { return n >= each/4+int(d.w.die.of(0, what)%uint64(1+each/2)) }
	m := d.w.plan.mishap
	if m.revoked && at("locked out") && d.once("revoked") {
		d.w.revoke(d)
	}
	if m.clock {
		d.setClock(n)
	}
	if m.twin {
		d.pair(n)
	}
	switch {
	case !m.restored:
	case d.copy == nil:
		if n >= each/8+int(d.w.die.of(0, "copied")%uint64(1+each/4)) {
			d.backUp()
		}
	case at("put back") && d.once("restored"):
		d.putBack()
	}
}

// setClock sets the device's time of day, in a third of all cases while the app
// does not run.
func (d *device) setClock(n int) {
	if d.w.die.share(n, d.name, "sets") > 0.2 {
		return
	}
	by := pick([]time.Duration{
		-11 * time.Minute, 11 * time.Minute, -time.Hour, time.Hour, -7 * time.Hour, 7 * time.Hour, -50 * time.Hour, 50 * time.Hour,
	}, d.w.die.of(n, d.name, "by"))
	if d.w.die.share(n, d.name, "first") < 0.33 {
		d.quit()
	}
	d.ahead.Add(int64(by))
	d.w.trace.add("the clock of %s is set by %v", d.name, by)
	if by > 0 {
		d.w.trace.saw(setAhead)
	} else {
		d.w.trace.saw(setBack)
	}
}

// now is the device's time of day.
func (d *device) now() time.Time {
	return time.Now().Round(0).Add(time.Duration(d.ahead.Load()))
}

// pair lets another process come, and one of two go.
func (d *device) pair(n int) {
	switch draw := d.w.die.share(n, d.name, "pair"); {
	case d.twin == nil && draw < 0.25:
		d.bootTwin()
	case d.twin != nil && draw < 0.1:
		d.leave(&d.twin)
	case d.twin != nil && draw < 0.25:
		d.leave(&d.p) // the other one goes on
	}
}

// bootTwin starts another process of the device beside the app.
func (d *device) bootTwin() {
	p := &process{name: d.name + "-twin", ended: make(chan struct{})}
	err := d.openJournal(p)
	if err == nil {
		err = d.start(p)
	}
	switch {
	case err == nil:
		d.twin = p
	case d.disk.Hits() > 0:
		d.crash()
	default:
		d.w.fail("%s: %v", p.name, err)
	}
}

// window is the process that the person works in.
func (d *device) window() *process {
	if d.twin == nil || d.w.die.share(len(d.deeds), d.name, "window") < 0.5 {
		return d.p
	}
	d.w.trace.saw(twinKeeps)
	return d.twin
}

// once reports whether something was not done yet.
func (d *device) once(what string) bool {
	before := d.w.count(d.name + " " + what)
	return before == 0
}

// key is what a device signs with, nil where it does not.
func (d *device) key() ed25519.PrivateKey {
	if !d.w.plan.signs {
		return nil
	}
	var seed [ed25519.SeedSize]byte
	binary.LittleEndian.PutUint64(seed[:], d.w.die.of(d.index, "key"))
	return ed25519.NewKeyFromSeed(seed[:])
}

// revoke locks a device out, for some minutes.
func (w *world) revoke(d *device) {
	stores := w.store.Stores()
	registry, err := bff.NewDeviceRegistry(bff.DeviceRegistryOptions{Enrolments: stores.Enrolments, Audit: stores.Audit, Policy: bff.EnrolAtSignIn})
	if err != nil {
		w.fail("%v", err)
		return
	}
	if err := registry.Revoke(context.Background(), deviceID(d.index), "office"); err != nil {
		w.fail("revoking %s: %v", d.name, err)
		return
	}
	w.trace.add("the office locks %s out", d.name)
	w.work.Go(func() {
		pause(w.life, w.die.span(20*time.Second, 8*time.Minute, 0, "locked out"))
		if err := registry.Restore(context.Background(), deviceID(d.index), "office"); err != nil {
			w.fail("letting %s in again: %v", d.name, err)
		}
		w.trace.add("the office lets %s in again", d.name)
	})
}

// backUp copies the journal, while nobody uses it.
func (d *device) backUp() {
	d.quit()
	d.copy, d.copied = d.disk.Files(), len(d.deeds)
	d.w.trace.add("somebody copies the journal of %s", d.name)
}

// putBack brings the copy back: what the person did since then is gone.
func (d *device) putBack() {
	d.quit()
	for name := range d.disk.Files() {
		d.disk.Put(name, nil)
	}
	for name, content := range d.copy {
		d.disk.Put(name, content)
	}
	for i, one := range d.deeds {
		one.older, one.lost = i < d.copied, i >= d.copied
	}
	d.restored.Store(true)
	d.w.trace.add("somebody puts the older journal of %s back", d.name)
}

// goOn is what a person decides when they are told that the journal is an older
// one.
func (d *device) goOn() {
	d.w.trace.saw(rolledBackTold)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := d.p.replay.GoOn(ctx, d.actor()); err != nil {
		d.w.trace.add("%s cannot go on: %s", d.name, action.CodeOf(err))
		return
	}
	d.w.trace.saw(wentOn)
	d.w.trace.add("%s goes on with the older journal", d.name)
}

// Adopt implements queue.Adopter.
func (c courier) Adopt(ctx context.Context, deviceID string, head queue.ChainPoint) (int64, error) {
	return c.client.Adopt(ctx, deviceID, bffclient.ChainPoint(head))
}

// alarm is the word of a server or a device that a journal was rolled back,
// which none is that was not put back.
func (w *world) alarm(id string) {
	for _, d := range w.devices {
		if deviceID(d.index) == id && d.restored.Load() {
			w.trace.saw(rolledBackSeen)
			return
		}
	}
	w.fail("the server says that the journal of %s was rolled back", id)
}

// gone checks a deed that the journal does not know any more, because an older
// copy was put back: it may have had its effect before that, once.
func (m *model) gone(one *deed, e bff.Entry, stored bool) {
	rows := m.made[objectOf(one.payload)][one.id]
	if one.payload.Type() == action.CollectPaymentType {
		m.collect(one, queue.Item{State: queue.Discarded, Outcome: &action.Outcome{Code: action.OutcomeUnknown}})
	}
	if one.intent != "" {
		return
	}
	if len(rows) > 1 {
		m.w.fail("%s was lost with the journal and stands %d times in Salesforce", one.id, len(rows))
	}
	if one.payload.Type() != action.RecordPaymentType {
		return
	}
	if len(rows) == 1 {
		m.add("device", one.money.Currency, one.money.Minor)
	}
	if stored && e.Effect {
		m.add("ledger", one.money.Currency, one.money.Minor)
	}
}

// unknowing counts a deed that the person gave up, or edited, on a journal that
// did not know any more that it had its effect.
func (m *model) unknowing(one *deed) {
	if one.payload.Type() == action.RecordPaymentType {
		m.add("device", one.money.Currency, one.money.Minor)
	}
}

// revived reports whether the older journal brought a deed back that the person
// had given up or edited, so that the lane may have gone on without it.
func (one *deed) revived() bool {
	if !one.older {
		return false
	}
	edited := slices.ContainsFunc(one.device.deeds, func(other *deed) bool { return other.lost && other.replaces == one })
	return one.discarded || edited
}

// lost reports whether an action went with a journal that an older one replaced.
func (w *world) lost(id string) bool {
	for _, d := range w.devices {
		if one := d.byID[id]; one != nil && one.lost {
			return true
		}
	}
	return false
}

func TestMishaps(t *testing.T) {
	for _, c := range []struct {
		story  string
		mishap mishap
		seen   sometimes
	}{
		{"a device that is locked out waits, and goes on when it is let in", mishap{revoked: true}, lockedOut},
		{"a clock that is set ahead and back delays nothing", mishap{clock: true}, setBack},
		{"two processes of a device keep and drain one journal", mishap{twin: true}, twinDrains},
		{"an older journal is told, and a person goes on with it", mishap{restored: true}, wentOn},
	} {
		t.Run(c.story, func(t *testing.T) {
			seen := 0
			for seed := range uint64(mishaps) {
				p := die(seed).plan(actions, true)
				p.mishap, p.signs = c.mishap, p.signs || c.mishap.revoked
				r := simulate(t, seed, p, t.TempDir())
				r.report(t)
				seen += r.tally[c.seen]
			}
			if seen == 0 {
				t.Errorf("never: %s", c.seen)
			}
		})
	}
}
