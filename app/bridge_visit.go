package app

import (
	"context"
	"strings"
	"time"

	"fieldpay/action"
)

// VisitForm is the visit form, as typed.
type VisitForm struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID  string `json:"actionId"`
	AccountID string `json:"accountId"`
	ContactID string `json:"contactId"`
	InvoiceID string `json:"invoiceId"`
	Note      string `json:"note"`
	Outcome   string `json:"outcome"`
	// Files are photos and signatures that KeepFile has kept.
	Files []KeptFile `json:"files"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// SaveVisit keeps the visit in the journal; it is durable on the return.
func (b *Bridge) SaveVisit(f VisitForm) (Saved, error) {
	return bound(b, "SaveVisit", f, func(ctx context.Context, r *running, f VisitForm) (Saved, error) {
		p := &action.LogVisit{
			ID: recordID(f.ActionID), AccountID: f.AccountID, ContactID: f.ContactID, InvoiceID: f.InvoiceID,
			Note: strings.TrimSpace(f.Note), Outcome: action.VisitOutcome(f.Outcome), VisitedAt: time.Now().UTC(),
		}
		for _, f := range f.Files {
			p.Attachments = append(p.Attachments, f.file())
		}
		if err := r.keepRecord(ctx, f.Replaces, &p.ID); err != nil {
			return Saved{}, err
		}
		if before, ok := r.kept(ctx, f.ActionID).(*action.LogVisit); ok {
			p.VisitedAt = before.VisitedAt
		}
		if err := p.Validate(); err != nil {
			return Saved{}, err
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return Saved{}, err
		}
		saved, err := r.save(ctx, saving{id: f.ActionID, payload: p, replaces: f.Replaces, needs: v.needs(f.InvoiceID, f.ContactID)})
		if err != nil || len(p.Attachments) == 0 {
			return saved, err
		}
		item, err := r.device.journal.Item(ctx, saved.ActionID)
		if err != nil {
			return Saved{}, err
		}
		return saved, r.device.attach(ctx, item, p.ID, p.Attachments)
	})
}

// needs names the actions that must go before one that mentions records: those
// that make them, while the server does not have them.
func (v *view) needs(invoiceID, contactID string) []string {
	var ids []string
	if l := v.local[invoiceID]; l != nil && l.create != nil && l.create.State.Open() {
		ids = append(ids, l.create.ID)
	}
	for _, e := range v.made {
		if _, id, _ := strings.Cut(e.Lane, ":"); contactID != "" && id == contactID && e.State.Open() {
			ids = append(ids, e.ID)
		}
	}
	return ids
}
