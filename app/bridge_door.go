package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/app/people"
	bffclient "fieldpay/bff-client"
)

// DoorDTO is what a screen may know before anybody has unlocked it.
type DoorDTO struct {
	Locked bool `json:"locked"`
	// Kiosk says that the window is all there is on this screen.
	Kiosk bool `json:"kiosk"`
	// Gaps counts what is not as it should be around a kiosk; Kiosk names it.
	Gaps int `json:"gaps"`
	// Leaves says that a manager can end this kiosk here.
	Leaves bool `json:"leaves"`
	// PINNeeded says that whoever is here sets a PIN before anything else.
	PINNeeded bool `json:"pinNeeded"`
	// Proved says that whoever is here may set a PIN without the one before.
	Proved bool `json:"proved"`
	// IdleSeconds is after how long without a hand on it the screen calls Lock; 0
	// is never, because whoever is here could not open it again.
	IdleSeconds int `json:"idleSeconds"`
	// IdleChoice is what was chosen or settled, also where nothing locks yet, and
	// IdleManaged says that the company settled it.
	IdleChoice  int             `json:"idleChoice"`
	IdleManaged bool            `json:"idleManaged"`
	People      []DoorPersonDTO `json:"people"`
	MinPIN      int             `json:"minPin"`
	MaxPIN      int             `json:"maxPin"`
}

// DoorPersonDTO is somebody who may come in, by as much of their name as
// colleagues need.
type DoorPersonDTO struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Manager bool   `json:"manager"`
	PIN     bool   `json:"pin"`
	Badge   bool   `json:"badge"`
	// WaitSeconds is how long no PIN of this person is looked at.
	WaitSeconds int `json:"waitSeconds"`
	// Here says that this person works on the device, or did when it was locked.
	Here bool `json:"here"`
}

// UnlockForm is a person with what they typed to prove it.
type UnlockForm struct {
	PersonID string `json:"personId"`
	PIN      string `json:"pin"`
}

// BadgeForm is the code of a badge. Only SetBadge reads the PIN.
type BadgeForm struct {
	Code string `json:"code"`
	PIN  string `json:"pin"`
}

// PINForm sets a PIN; Before is the one that it replaces.
type PINForm struct {
	Before string `json:"before"`
	PIN    string `json:"pin"`
}

// IdleForm is after how many seconds the screen locks.
type IdleForm struct {
	Seconds int `json:"seconds"`
}

// Door tells who may come in. It answers while the screen is locked, too.
func (b *Bridge) Door() (DoorDTO, error) {
	return atDoor(b, "Door", none{}, func(ctx context.Context, r *running, _ none) (DoorDTO, error) {
		out, err := r.door.dto(ctx)
		out.Leaves = out.Kiosk && b.app.options.Host == windowHost
		return out, err
	})
}

// Unlock lets a person in by their PIN; it is also how people change places.
func (b *Bridge) Unlock(f UnlockForm) (PersonDTO, error) {
	return atDoor(b, "Unlock", f, func(ctx context.Context, r *running, f UnlockForm) (PersonDTO, error) {
		m, err := r.device.people.Unlock(ctx, f.PersonID, f.PIN)
		return b.enter(ctx, r, m, err)
	})
}

// UnlockByBadge lets the person in whose badge was scanned.
func (b *Bridge) UnlockByBadge(f BadgeForm) (PersonDTO, error) {
	return atDoor(b, "UnlockByBadge", f, func(ctx context.Context, r *running, f BadgeForm) (PersonDTO, error) {
		m, err := r.device.people.ByBadge(ctx, f.Code)
		return b.enter(ctx, r, m, err)
	})
}

// enter lets somebody in whom the register has recognised, or notes that it did
// not.
func (b *Bridge) enter(ctx context.Context, r *running, m people.Member, refused error) (PersonDTO, error) {
	if refused != nil {
		r.device.record(event.UnlockFailed, event.Fields{"code": action.CodeOf(refused)})
		return PersonDTO{}, refused
	}
	before := r.device.Author()
	if err := r.door.enter(ctx, m.Person); err != nil {
		return PersonDTO{}, err
	}
	r.device.record(event.ScreenUnlocked, event.Fields{"userId": m.ID})
	if before != m.ID {
		// Their own rights decide what is fetched, and may send what waited.
		r.replay.SignedIn()
		r.refresher.want()
	}
	b.app.hub.publish(SessionTopic, StatusTopic)
	return personDTO(m.Person), nil
}

// Lock closes the door. It is refused where whoever is here has no PIN.
func (b *Bridge) Lock() error {
	_, err := atDoor(b, "Lock", none{}, func(ctx context.Context, r *running, _ none) (none, error) {
		if err := r.door.lock(ctx); err != nil {
			return none{}, err
		}
		r.device.record(event.ScreenLocked, nil)
		b.app.hub.publish(SessionTopic, StatusTopic)
		return none{}, nil
	})
	return err
}

// SetPIN gives whoever is here a PIN.
func (b *Bridge) SetPIN(f PINForm) error {
	_, err := atDoor(b, "SetPIN", f, func(ctx context.Context, r *running, f PINForm) (none, error) {
		if r.door.isLocked() {
			return none{}, r.door.pass()
		}
		if err := r.door.setPIN(ctx, f.Before, f.PIN); err != nil {
			return none{}, err
		}
		r.device.record(event.PINSet, nil)
		b.app.hub.publish(SessionTopic)
		return none{}, nil
	})
	return err
}

// SetBadge gives whoever is here the badge with this code, or takes it away. It
// asks for the PIN: a screen that was left open gives no key to a stranger.
func (b *Bridge) SetBadge(f BadgeForm) error {
	_, err := bound(b, "SetBadge", f, func(ctx context.Context, r *running, f BadgeForm) (none, error) {
		id := r.device.Author()
		if _, err := r.device.people.Unlock(ctx, id, f.PIN); err != nil {
			return none{}, err
		}
		if err := r.device.people.SetBadge(ctx, id, strings.TrimSpace(f.Code)); err != nil {
			return none{}, err
		}
		b.app.hub.publish(SessionTopic)
		return none{}, nil
	})
	return err
}

// SetIdleLock chooses after how long without a hand on it the screen locks.
func (b *Bridge) SetIdleLock(f IdleForm) error {
	_, err := bound(b, "SetIdleLock", f, func(_ context.Context, r *running, f IdleForm) (none, error) {
		if err := r.door.chooseIdle(f.Seconds); err != nil {
			return none{}, err
		}
		b.app.hub.publish(SessionTopic)
		return none{}, nil
	})
	return err
}

func (d *door) chooseIdle(seconds int) error {
	if d.device.config.IdleLock.Source == FromPolicy {
		return &action.Error{Code: action.NotPossible, Message: "Your company has settled when the screen locks"}
	}
	text := strconv.Itoa(seconds)
	if err := checkIdleLock(text); err != nil {
		return err
	}
	dir := d.device.config.DataDir.Value
	kept, err := readSettings(dir)
	if err != nil {
		return err
	}
	kept.IdleLock = text
	if err := writeSettings(dir, kept); err != nil {
		return fmt.Errorf("keeping when the screen locks: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = time.Duration(seconds) * time.Second
	return nil
}

func (d *door) dto(ctx context.Context) (DoorDTO, error) {
	members, err := d.device.people.List(ctx)
	if err != nil {
		return DoorDTO{}, fmt.Errorf("reading who may come in: %w", err)
	}
	here := d.device.Author()
	d.mu.Lock()
	defer d.mu.Unlock()
	out := DoorDTO{
		Locked: d.locked, Kiosk: d.kiosk, Gaps: d.gaps, PINNeeded: d.needsPIN && !d.locked, Proved: d.proved != "" && d.proved == here,
		IdleChoice: int(d.idle.Seconds()), IdleManaged: d.device.config.IdleLock.Source == FromPolicy,
		People: make([]DoorPersonDTO, len(members)), MinPIN: people.MinPIN, MaxPIN: people.MaxPIN,
	}
	for i, m := range members {
		out.People[i] = DoorPersonDTO{
			ID: m.ID, Name: shortName(m.Person), Manager: m.Manager(), PIN: m.PIN, Badge: m.Badge,
			WaitSeconds: int((m.Wait + time.Second - 1) / time.Second), Here: m.ID == here,
		}
		if !d.locked && (d.kiosk || m.ID == here && m.PIN) {
			out.IdleSeconds = out.IdleChoice
		}
	}
	return out, nil
}

// shortName is a first name with the first letter of the last: a locked screen is
// read by whoever passes.
func shortName(p bffclient.Person) string {
	words := strings.Fields(p.Name)
	switch len(words) {
	case 0:
		name, _, _ := strings.Cut(p.Email, "@")
		return name
	case 1:
		return words[0]
	default:
		letter, _ := utf8.DecodeRuneInString(words[len(words)-1])
		return words[0] + " " + string(letter) + "."
	}
}
