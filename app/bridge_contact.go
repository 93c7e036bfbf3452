package app

import (
	"context"
	"strings"

	"fieldpay/action"
)

// ContactForm is the form of a new contact, as typed.
type ContactForm struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID  string `json:"actionId"`
	AccountID string `json:"accountId"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Title     string `json:"title"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// SaveContact keeps a new contact of a customer in the journal; it is durable on
// the return. Forms can name the contact from then on, before the server has it.
func (b *Bridge) SaveContact(f ContactForm) (Saved, error) {
	return bound(b, "SaveContact", f, func(ctx context.Context, r *running, f ContactForm) (Saved, error) {
		p := &action.CreateContact{
			ID: recordID(f.ActionID), AccountID: f.AccountID,
			FirstName: strings.TrimSpace(f.FirstName), LastName: strings.TrimSpace(f.LastName),
			Email: strings.TrimSpace(f.Email), Phone: strings.TrimSpace(f.Phone), Title: strings.TrimSpace(f.Title),
		}
		if err := r.keepRecord(ctx, f.Replaces, &p.ID); err != nil {
			return Saved{}, err
		}
		if err := p.Validate(); err != nil {
			return Saved{}, err
		}
		return r.save(ctx, saving{id: f.ActionID, payload: p, replaces: f.Replaces})
	})
}

// keepRecord gives an edit the id of the record that the action it replaces
// makes, so that what was done about the record still finds it.
func (r *running) keepRecord(ctx context.Context, replaces string, id *string) error {
	if replaces == "" {
		return nil
	}
	item, err := r.device.journal.Item(ctx, replaces)
	if err != nil {
		return err
	}
	_, *id, _ = strings.Cut(item.Lane, ":")
	return nil
}

// contacts are the people at a customer: those of the cache, then those that
// this device has made and the server does not have.
func (v *view) contacts(accountID string) []ContactDTO {
	out := []ContactDTO{}
	known := map[string]bool{}
	for _, c := range v.device.cache.Contacts(accountID) {
		known[c.ID] = true
		out = append(out, ContactDTO{
			ID: c.ID, AccountID: c.AccountID, FirstName: c.FirstName, LastName: c.LastName, Email: c.Email, Phone: c.Phone, Title: c.Title,
		})
	}
	for _, e := range v.made {
		p, ok := e.payload.(*action.CreateContact)
		if _, id, _ := strings.Cut(e.Lane, ":"); ok && p.AccountID == accountID && !known[id] {
			out = append(out, ContactDTO{
				ID: id, AccountID: p.AccountID, FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone, Title: p.Title,
				ActionID: e.ID, ActionState: string(e.State),
			})
		}
	}
	return out
}
