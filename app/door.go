package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/app/people"
	bffclient "fieldpay/bff-client"
)

// door stands between the screens and the device. While it is locked, the bound
// methods answer nothing about customers, money or work: only who may come in.
// What was saved is sent meanwhile.
type door struct {
	device *Device
	kiosk  bool

	// gaps counts what is not as it should be around a kiosk.
	gaps int

	mu     sync.Mutex
	locked bool
	// needsPIN keeps the person out until they have set one.
	needsPIN bool
	// proved is who came in by name and password, and may set a PIN without the
	// one before: forgetting a PIN costs a sign-in.
	proved   string
	approval approval
	// idle is after how long without a hand on it a screen locks.
	idle time.Duration
}

// newDoor makes the door of a device, locked where somebody has a key to it.
func newDoor(ctx context.Context, d *Device) (*door, error) {
	door := &door{device: d, kiosk: d.config.kiosk(), idle: d.config.idleLock()}
	members, err := d.people.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading who may come in: %w", err)
	}
	here, somebody := d.session.Person()
	guarded := false
	for _, m := range members {
		guarded = guarded || m.PIN
		door.locked = door.locked || m.PIN && (m.ID == here.ID || !somebody || door.kiosk)
	}
	// A PIN was set and the register that had it is gone: that opens nothing.
	door.locked = door.locked || d.session.Guarded() && !guarded
	return door, door.look(ctx)
}

// look finds whether whoever is here has to set a PIN.
func (d *door) look(ctx context.Context) error {
	m, _, err := d.here(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.needsPIN = d.device.config.pinRequired() && m.ID != "" && !m.PIN
	return nil
}

// here is who works on the device, as the register knows them; the zero value
// for nobody.
func (d *door) here(ctx context.Context) (people.Member, bool, error) {
	p, somebody := d.device.session.Person()
	if !somebody {
		return people.Member{}, false, nil
	}
	m, known, err := d.device.people.Member(ctx, p.ID)
	if err != nil {
		return people.Member{}, false, fmt.Errorf("looking up who is here: %w", err)
	}
	if !known { // signed in by a build that had no register
		m.Person = p
	}
	return m, true, nil
}

// pass is nil where the screens may see what is inside.
func (d *door) pass() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked || d.needsPIN {
		return &action.Error{Code: action.Locked, Message: action.Locked.Message(), Hint: "Unlock it with your PIN"}
	}
	return nil
}

func (d *door) isLocked() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.locked
}

// enter lets a person in who has proved who they are, and makes them the author
// of what follows.
func (d *door) enter(ctx context.Context, p bffclient.Person) error {
	if err := d.device.session.Enter(ctx, p); err != nil {
		return fmt.Errorf("changing who works here: %w", err)
	}
	d.mu.Lock()
	d.locked, d.proved, d.approval = false, "", approval{}
	d.mu.Unlock()
	return d.look(ctx)
}

// prove notes a sign-in by name and password, which opens the door too.
func (d *door) prove(ctx context.Context, p bffclient.Person) error {
	d.mu.Lock()
	d.locked, d.proved = false, p.ID
	d.mu.Unlock()
	return d.look(ctx)
}

// lock closes the door. It refuses where whoever is here could not open it again
// without a server.
func (d *door) lock(ctx context.Context) error {
	m, _, err := d.here(ctx)
	if err != nil {
		return err
	}
	if !m.PIN && !d.kiosk {
		return &action.Error{Code: action.NotPossible, Message: "There is no PIN to open it again", Hint: "Set a PIN first"}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locked, d.proved = true, ""
	return nil
}

// left closes the door behind somebody who signed out, if a colleague has a key
// to it.
func (d *door) left(ctx context.Context) error {
	members, err := d.device.people.List(ctx)
	if err != nil {
		return fmt.Errorf("reading who is left: %w", err)
	}
	guarded := false
	for _, m := range members {
		guarded = guarded || m.PIN
	}
	if !guarded {
		if err := d.device.session.Unguard(ctx); err != nil {
			return fmt.Errorf("forgetting that there was a PIN: %w", err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locked, d.needsPIN, d.proved = guarded, false, ""
	return nil
}

// setPIN gives whoever is here a PIN. The one before is asked for, unless they
// have just come in by name and password.
func (d *door) setPIN(ctx context.Context, before, pin string) error {
	m, somebody, err := d.here(ctx)
	if err != nil {
		return err
	}
	if !somebody {
		return &action.Error{Code: action.SignInNeeded, Message: "Nobody is signed in on this device"}
	}
	d.mu.Lock()
	proved := d.proved == m.ID
	d.mu.Unlock()
	if m.PIN && !proved {
		if _, err := d.device.people.Unlock(ctx, m.ID, before); err != nil {
			return err
		}
	}
	if err := d.device.people.Remember(ctx, m.Person); err != nil {
		return err
	}
	// In this order: a PIN without the note would be lost with the register.
	if err := d.device.session.Guard(ctx); err != nil {
		return fmt.Errorf("noting that there is a PIN: %w", err)
	}
	if err := d.device.people.SetPIN(ctx, m.ID, pin); err != nil {
		return err
	}
	return d.look(ctx)
}

// manager finds whether the PIN is one of somebody who may decide for others.
func (d *door) manager(ctx context.Context, id, pin string) (people.Member, error) {
	m, known, err := d.device.people.Member(ctx, id)
	if err != nil {
		return people.Member{}, err
	}
	if !known || !m.Manager() {
		return people.Member{}, &action.Error{Code: action.ManagerNeeded, Message: action.ManagerNeeded.Message()}
	}
	return d.device.people.Unlock(ctx, id, pin)
}
