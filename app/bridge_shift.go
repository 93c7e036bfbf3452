package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/app/shift"
	"fieldpay/queue"
)

// CountForm is one currency of a drawer, as typed.
type CountForm struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

// ShiftForm opens or closes a shift with what is in the drawer. Only closing
// reads the note.
type ShiftForm struct {
	Counts []CountForm `json:"counts"`
	Note   string      `json:"note"`
	Locale string      `json:"locale"`
}

// ShiftLine is one currency of a shift in minor units. Counted and Difference
// are 0 until it is closed.
type ShiftLine struct {
	Currency   string `json:"currency"`
	Float      int64  `json:"float"`
	Taken      int64  `json:"taken"`
	Payments   int    `json:"payments"`
	Expected   int64  `json:"expected"`
	Counted    int64  `json:"counted"`
	Difference int64  `json:"difference"`
}

// SlipDTO is a shift that was closed.
type SlipDTO struct {
	OpenedAt string      `json:"openedAt"`
	OpenedBy string      `json:"openedBy"`
	ClosedAt string      `json:"closedAt"`
	ClosedBy string      `json:"closedBy"`
	Note     string      `json:"note"`
	Lines    []ShiftLine `json:"lines"`
}

// ShiftDTO is how the drawer stands: the shift that is open, if one is, and the
// closed ones, the last one first.
type ShiftDTO struct {
	Open     bool        `json:"open"`
	OpenedAt string      `json:"openedAt"`
	OpenedBy string      `json:"openedBy"`
	Lines    []ShiftLine `json:"lines"`
	Slips    []SlipDTO   `json:"slips"`
}

// ShiftPreview is what closing with the counts of a form would say.
type ShiftPreview struct {
	Lines  []ShiftLine       `json:"lines"`
	Fields map[string]string `json:"fields"`
}

// Shift tells how the drawer stands.
func (b *Bridge) Shift() (ShiftDTO, error) {
	return bound(b, "Shift", none{}, func(ctx context.Context, r *running, _ none) (ShiftDTO, error) {
		slips, err := r.device.shifts.Slips(ctx)
		if err != nil {
			return ShiftDTO{}, err
		}
		out := ShiftDTO{Lines: []ShiftLine{}, Slips: make([]SlipDTO, len(slips))}
		for i, s := range slips {
			out.Slips[i] = r.slipDTO(ctx, s)
		}
		current, open, err := r.device.shifts.Current(ctx)
		if err != nil || !open {
			return out, err
		}
		taken, _, err := r.device.cashAfter(ctx, current.After)
		if err != nil {
			return ShiftDTO{}, err
		}
		out.Open, out.OpenedAt, out.OpenedBy = true, stamp(current.OpenedAt), r.nameOf(ctx, current.OpenedBy)
		for _, l := range shift.Lines(current, taken, nil) {
			l.Difference = 0 // nothing was counted yet
			out.Lines = append(out.Lines, shiftLine(l))
		}
		return out, nil
	})
}

// OpenShift begins a shift with what is in the drawer.
func (b *Bridge) OpenShift(f ShiftForm) error {
	_, err := bound(b, "OpenShift", f, func(ctx context.Context, r *running, f ShiftForm) (none, error) {
		float, fields := f.read()
		if len(fields) > 0 {
			return none{}, formError(fields)
		}
		_, last, err := r.device.cashAfter(ctx, 1<<62)
		if err != nil {
			return none{}, err
		}
		err = r.device.shifts.Begin(ctx, shift.Shift{OpenedBy: r.device.Author(), OpenedAt: time.Now().UTC(), After: last, Float: float})
		if err != nil {
			return none{}, err
		}
		r.device.record(event.ShiftOpened, event.Fields{"userId": r.device.Author()})
		return none{}, nil
	})
	return err
}

// PreviewShift compares what was counted with what the journal has, without
// closing the shift.
func (b *Bridge) PreviewShift(f ShiftForm) (ShiftPreview, error) {
	return bound(b, "PreviewShift", f, func(ctx context.Context, r *running, f ShiftForm) (ShiftPreview, error) {
		current, taken, _, err := r.drawer(ctx)
		if err != nil {
			return ShiftPreview{}, err
		}
		counted, fields := f.read()
		out := ShiftPreview{Lines: []ShiftLine{}, Fields: fields}
		for _, l := range shift.Lines(current, taken, counted) {
			out.Lines = append(out.Lines, shiftLine(l))
		}
		return out, nil
	})
}

// CloseShift ends the shift with what was counted; its slip is durable on the
// return.
func (b *Bridge) CloseShift(f ShiftForm) (SlipDTO, error) {
	return bound(b, "CloseShift", f, func(ctx context.Context, r *running, f ShiftForm) (SlipDTO, error) {
		_, taken, last, err := r.drawer(ctx)
		if err != nil {
			return SlipDTO{}, err
		}
		counted, fields := f.read()
		if len(fields) > 0 {
			return SlipDTO{}, formError(fields)
		}
		slip, err := r.device.shifts.End(ctx, shift.Ending{
			By: r.device.Author(), At: time.Now().UTC(), Through: last, Taken: taken, Counted: counted, Note: strings.TrimSpace(f.Note),
		})
		if err != nil {
			return SlipDTO{}, err
		}
		r.device.record(event.ShiftClosed, event.Fields{"userId": r.device.Author()})
		return r.slipDTO(ctx, slip), nil
	})
}

// drawer is the open shift with what the journal has for it.
func (r *running) drawer(ctx context.Context) (current shift.Shift, taken []shift.Taken, last int64, err error) {
	current, open, err := r.device.shifts.Current(ctx)
	if err == nil && !open {
		err = &action.Error{Code: action.NotPossible, Message: "No shift is open", Hint: "Open one first"}
	}
	if err != nil {
		return shift.Shift{}, nil, 0, err
	}
	taken, last, err = r.device.cashAfter(ctx, current.After)
	return current, taken, last, err
}

// cashAfter sums the cash that the journal has after a sequence, and tells the
// last one there is. What was replaced or discarded is not in the drawer; what
// the office refused is.
func (d *Device) cashAfter(ctx context.Context, after int64) (taken []shift.Taken, last int64, err error) {
	for f := (queue.Filter{Limit: pageSize}); ; {
		page, err := d.journal.List(ctx, f)
		if err != nil {
			return nil, 0, fmt.Errorf("summing the cash of a shift: %w", err)
		}
		for _, item := range page.Items {
			last = max(last, item.Sequence)
			if item.Sequence <= after {
				return taken, last, nil
			}
			payload, err := action.Decode(item.Action)
			p, cash := payload.(*action.RecordPayment)
			if err != nil || !cash || p.Method != action.Cash || item.State == queue.Superseded || item.State == queue.Discarded {
				continue
			}
			taken = append(taken, shift.Taken{Money: action.Money{Minor: p.Amount, Currency: p.Currency.Normal()}, Payments: 1})
		}
		if page.Next == 0 {
			return taken, last, nil
		}
		f.Before = page.Next
	}
}

// read turns what was typed into amounts, and names every field that is wrong.
func (f ShiftForm) read() ([]action.Money, map[string]string) {
	fields, counts := map[string]string{}, []action.Money{}
	for i, typed := range f.Counts {
		currency, at := typedCurrency(typed.Currency), "counts["+strconv.Itoa(i)+"].amount"
		r := reader{format: action.NumberFormatFor(f.Locale), currency: currency, fields: fields}
		amount := r.money(at, typed.Amount)
		switch {
		case !currency.Known():
			fields["counts["+strconv.Itoa(i)+"].currency"] = "is required"
		case strings.TrimSpace(typed.Amount) == "":
			fields[at] = "is required"
		case amount < 0:
			fields[at] = "must not be negative"
		}
		counts = append(counts, action.Money{Minor: amount, Currency: currency})
	}
	return counts, fields
}

func (r *running) slipDTO(ctx context.Context, s shift.Slip) SlipDTO {
	out := SlipDTO{
		OpenedAt: stamp(s.OpenedAt), OpenedBy: r.nameOf(ctx, s.OpenedBy), ClosedAt: stamp(s.ClosedAt), ClosedBy: r.nameOf(ctx, s.ClosedBy),
		Note: s.Note, Lines: []ShiftLine{},
	}
	for _, l := range s.Lines {
		out.Lines = append(out.Lines, shiftLine(l))
	}
	return out
}

func shiftLine(l shift.Line) ShiftLine {
	return ShiftLine{
		Currency: string(l.Currency), Float: l.Float, Taken: l.Taken, Payments: l.Payments,
		Expected: l.Expected, Counted: l.Counted, Difference: l.Difference,
	}
}

// nameOf is what colleagues call a person; the id of somebody who is not known
// here any more.
func (r *running) nameOf(ctx context.Context, id string) string {
	m, known, err := r.device.people.Member(ctx, id)
	if err != nil || !known {
		return id
	}
	return shortName(m.Person)
}
