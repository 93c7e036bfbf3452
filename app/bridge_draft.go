package app

import (
	"context"
	"encoding/json"
	"fmt"

	"fieldpay/action"
	"fieldpay/app/draft"
)

// DraftForm is a form that was begun, as it stands.
type DraftForm struct {
	// Name tells the forms of a person apart.
	Name string `json:"name"`
	// ActionID is the id of the action that saving the form makes.
	ActionID string `json:"actionId"`
	// Address is where the screens show the form.
	Address string `json:"address"`
	// Values is what was typed, as JSON that the form alone reads.
	Values string `json:"values"`
}

// DraftDTO is a form that was begun and not saved.
type DraftDTO struct {
	Name     string `json:"name"`
	ActionID string `json:"actionId"`
	Address  string `json:"address"`
	Values   string `json:"values"`
	At       string `json:"at"`
}

// KeepDraft keeps what was typed so far; it is durable on the return. It belongs
// to who uses the device.
func (b *Bridge) KeepDraft(f DraftForm) error {
	_, err := bound(b, "KeepDraft", f, func(ctx context.Context, r *running, f DraftForm) (none, error) {
		return none{}, r.device.drafts.Keep(ctx, r.device.Author(), draft.Draft{
			Name: f.Name, ActionID: f.ActionID, Address: f.Address, Values: json.RawMessage(f.Values),
		})
	})
	return err
}

// DropDraft forgets what was typed in a form.
func (b *Bridge) DropDraft(name string) error {
	_, err := bound(b, "DropDraft", name, func(ctx context.Context, r *running, name string) (none, error) {
		return none{}, r.device.drafts.Drop(ctx, r.device.Author(), name)
	})
	return err
}

// Drafts are the forms that who uses the device has begun and not saved, the
// last one first. One that was saved just before a crash is not among them.
func (b *Bridge) Drafts() ([]DraftDTO, error) {
	return bound(b, "Drafts", none{}, func(ctx context.Context, r *running, _ none) ([]DraftDTO, error) {
		drafts, err := r.device.drafts.List(ctx, r.device.Author())
		if err != nil {
			return nil, err
		}
		open, saved := []DraftDTO{}, []string{}
		for _, d := range drafts {
			switch _, err := r.device.journal.Item(ctx, d.ActionID); action.CodeOf(err) {
			case "":
				saved = append(saved, d.Name)
			case action.NotFound:
				open = append(open, DraftDTO{Name: d.Name, ActionID: d.ActionID, Address: d.Address, Values: string(d.Values), At: stamp(d.At)})
			default:
				return nil, fmt.Errorf("looking whether a draft was saved: %w", err)
			}
		}
		if len(saved) > 0 {
			if err := r.device.drafts.Drop(ctx, r.device.Author(), saved...); err != nil {
				return nil, err
			}
		}
		return open, nil
	})
}
