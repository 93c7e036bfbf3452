package app

import (
	"context"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/app/kiosk"
)

// approvalLife is how long a manager's word for one payment holds: time to press
// save, and not to go away with it.
const approvalLife = 2 * time.Minute

// KioskDTO is what stands around a kiosk. Findings is empty elsewhere.
type KioskDTO struct {
	On       bool         `json:"on"`
	Findings []FindingDTO `json:"findings"`
}

// FindingDTO is one thing that was looked at, by the name that package kiosk
// gives it.
type FindingDTO struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	What string `json:"what"`
}

// Kiosk looks at what stands around the window of a kiosk.
func (b *Bridge) Kiosk() (KioskDTO, error) {
	return bound(b, "Kiosk", none{}, func(_ context.Context, r *running, _ none) (KioskDTO, error) {
		out := KioskDTO{On: r.door.kiosk, Findings: []FindingDTO{}}
		if !out.On {
			return out, nil
		}
		for _, f := range kiosk.Look() {
			out.Findings = append(out.Findings, FindingDTO{Name: string(f.Name), OK: f.OK, What: f.What})
		}
		return out, nil
	})
}

// LeaveKiosk closes the window of a kiosk by a manager's PIN; it works at the
// locked screen, too.
func (b *Bridge) LeaveKiosk(f UnlockForm) error {
	_, err := atDoor(b, "LeaveKiosk", f, func(ctx context.Context, r *running, f UnlockForm) (none, error) {
		if !r.door.kiosk || b.app.options.Host != windowHost {
			return none{}, &action.Error{Code: action.NotPossible, Message: "This is not the window of a kiosk"}
		}
		m, err := r.door.manager(ctx, f.PersonID, f.PIN)
		if err != nil {
			r.device.record(event.UnlockFailed, event.Fields{"code": action.CodeOf(err)})
			return none{}, err
		}
		r.device.record(event.KioskLeft, event.Fields{"userId": m.ID})
		b.app.leave()
		return none{}, nil
	})
	return err
}

// windowHost is the name of the host that is a window, see [Options.Host].
const windowHost = "wails"

// Approve is a manager's word, by their PIN, that the next payment may pass the
// company's caps. It holds for one payment and two minutes.
func (b *Bridge) Approve(f UnlockForm) error {
	_, err := bound(b, "Approve", f, func(ctx context.Context, r *running, f UnlockForm) (none, error) {
		m, err := r.door.manager(ctx, f.PersonID, f.PIN)
		if err != nil {
			r.device.record(event.UnlockFailed, event.Fields{"code": action.CodeOf(err)})
			return none{}, err
		}
		r.door.approve(m.ID)
		b.app.hub.publish(ReferenceTopic) // previews say something else now
		r.device.record(event.CapApproved, event.Fields{"userId": m.ID})
		return none{}, nil
	})
	return err
}

// approve notes a manager's word.
func (d *door) approve(manager string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.approval = approval{by: manager, at: time.Now()}
}

// approved reports whether there is a manager's word that holds.
func (d *door) approved() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.approval.by != "" && time.Since(d.approval.at) < approvalLife
}

// spend uses a manager's word up.
func (d *door) spend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.approval = approval{}
}

// approval is a manager's word for one payment.
type approval struct {
	by string
	at time.Time
}

// tellGaps notes what is not as it should be around a kiosk that starts.
func (d *Device) tellGaps(findings []kiosk.Finding) {
	for _, f := range findings {
		if !f.OK {
			d.log.Warn().Str("finding", string(f.Name)).Msg("the kiosk is not locked down")
			d.record(event.KioskOpen, event.Fields{"name": string(f.Name)})
		}
	}
}
