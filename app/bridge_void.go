package app

import (
	"context"
	"strings"

	"fieldpay/action"
)

// InvoiceVoid takes an invoice out of use.
type InvoiceVoid struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID  string `json:"actionId"`
	InvoiceID string `json:"invoiceId"`
	// Reason is for the office.
	Reason string `json:"reason"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// VoidInvoice saves that an invoice is out of use. The office decides about one
// that money was received on.
func (b *Bridge) VoidInvoice(f InvoiceVoid) (Saved, error) {
	return bound(b, "VoidInvoice", f, func(ctx context.Context, r *running, f InvoiceVoid) (Saved, error) {
		v, err := r.device.view(ctx)
		if err != nil {
			return Saved{}, err
		}
		row, ok := v.invoice(f.InvoiceID)
		if !ok {
			return Saved{}, unknownInvoice()
		}
		p := &action.VoidInvoice{InvoiceID: row.ID, BaseVersion: v.baseVersion(row, f.Replaces), Reason: strings.TrimSpace(f.Reason)}
		if before, ok := r.kept(ctx, f.ActionID).(*action.VoidInvoice); ok {
			p.BaseVersion = before.BaseVersion
		}
		if p.Reason == "" {
			return Saved{}, formError(map[string]string{"reason": "is required"})
		}
		return r.save(ctx, saving{id: f.ActionID, payload: p, replaces: f.Replaces})
	})
}
