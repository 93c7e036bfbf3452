package app

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// ConflictField is one field in the words of both sides. Known is false where
// this device does not have the server's value.
type ConflictField struct {
	Name   string `json:"name"`
	Mine   string `json:"mine"`
	Theirs string `json:"theirs"`
	Known  bool   `json:"known"`
}

// ConflictDTO sets what an action wants beside what the server has.
type ConflictDTO struct {
	ActionID string          `json:"actionId"`
	Kind     string          `json:"kind"`
	Fields   []ConflictField `json:"fields"`
	// Invoice is the server's, with its sums.
	Invoice InvoiceRow `json:"invoice"`
	// AsOf is when the server's values were read.
	AsOf string `json:"asOf"`
	// CanKeep says that the action can be asked for again over what the server has
	// now.
	CanKeep bool `json:"canKeep"`
}

// Conflict compares an action that waits for a person with the server's record.
func (b *Bridge) Conflict(id string) (ConflictDTO, error) {
	return bound(b, "Conflict", id, func(ctx context.Context, r *running, id string) (ConflictDTO, error) {
		item, err := r.device.journal.Item(ctx, id)
		if err != nil {
			return ConflictDTO{}, fmt.Errorf("reading an action: %w", err)
		}
		payload, err := action.Decode(item.Action)
		if err != nil {
			return ConflictDTO{}, fmt.Errorf("reading what is in conflict: %w", err)
		}
		if err := r.readAnew(ctx, item.Since); err != nil {
			r.device.log.Info().Str("code", string(action.CodeOf(err))).Msg("the server's side of a conflict was not read anew")
		}
		theirs, known := r.device.cache.Invoice(payload.Record().ID)
		if payload.Record().Kind != action.InvoiceKind || !known {
			return ConflictDTO{}, &action.Error{Code: action.UnknownInvoice, Message: "The server's record is not known on this device",
				Hint: "Refresh while there is a connection", Op: "comparing both sides"}
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return ConflictDTO{}, err
		}
		out := ConflictDTO{ActionID: id, Kind: string(item.Type), Fields: []ConflictField{}, Invoice: confirmedRow(theirs), AsOf: stamp(r.device.cache.AsOf())}
		out.Invoice.AccountName = v.accountName(theirs.AccountID)
		switch p := payload.(type) {
		case *action.UpdateInvoice:
			out.CanKeep = true
			out.compare("description", p.Description, theirs.Description, true)
			out.compare("dueDate", p.DueDate, theirs.DueDate, true)
			out.compare("contactId", p.ContactID, theirs.ContactID, true)
			out.compare("notes", p.Notes, "", false) // the cache has no notes
		case *action.VoidInvoice:
			out.CanKeep = theirs.Paid == 0
		}
		out.CanKeep = out.CanKeep && item.State.NeedsPerson() && item.Outcome != nil && item.Outcome.ServerID == ""
		return out, nil
	})
}

// readAnew refreshes what is older than a moment, where the server can be asked:
// what was refused because of a newer version is compared with that version.
func (r *running) readAnew(ctx context.Context, than time.Time) error {
	if !r.device.cache.AsOf().Before(than) || !reachable(r.replay.Status().Connection.State) {
		return nil
	}
	return r.refresher.refresh(ctx)
}

func (c *ConflictDTO) compare(name string, mine *string, theirs string, known bool) {
	if mine != nil {
		c.Fields = append(c.Fields, ConflictField{Name: name, Mine: *mine, Theirs: theirs, Known: known})
	}
}

// KeepMine asks for an action again over what the server has now: a person has
// seen both.
func (b *Bridge) KeepMine(id string) (Saved, error) {
	return bound(b, "KeepMine", id, func(ctx context.Context, r *running, id string) (Saved, error) {
		item, err := r.device.journal.Item(ctx, id)
		if err != nil {
			return Saved{}, fmt.Errorf("reading an action: %w", err)
		}
		payload, err := action.Decode(item.Action)
		if err != nil {
			return Saved{}, fmt.Errorf("reading what is in conflict: %w", err)
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return Saved{}, err
		}
		row, _ := v.invoice(payload.Record().ID)
		switch p := payload.(type) {
		case *action.UpdateInvoice:
			p.BaseVersion = v.baseVersion(row, id)
		case *action.VoidInvoice:
			p.BaseVersion = v.baseVersion(row, id)
		default:
			return Saved{}, &action.Error{Code: action.NotPossible, Op: "keeping one's own"}
		}
		return r.save(ctx, saving{payload: payload, replaces: id, needs: item.Needs})
	})
}
