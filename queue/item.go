package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fieldpay/action"
)

// Item is an action with what has become of it.
type Item struct {
	action.Action
	State State     `json:"state"`
	Since time.Time `json:"since"`
	// Attempt counts the sends that the server answered with "not now".
	Attempt int `json:"attempt,omitempty"`
	// NextAt is when a waiting action is sent again.
	NextAt time.Time `json:"nextAt,omitzero"`
	// BlockedBy is the id of the action that must go first.
	BlockedBy string `json:"blockedBy,omitempty"`
	// ReplacedBy is the id of the action that a person edited this one into.
	ReplacedBy string `json:"replacedBy,omitempty"`
	// Outcome is the last answer of the server about this action.
	Outcome *action.Outcome `json:"outcome,omitempty"`
	// Hash is the short form of the action's link in the chain, for receipts.
	Hash string `json:"hash"`
	// Damaged says that a row of the action was changed outside FieldPay or
	// cannot be read: what does not open is left out, and the action is not sent.
	Damaged bool `json:"damaged,omitempty"`
}

// Step is one line of an action's history.
type Step struct {
	At      time.Time   `json:"at"`
	Cause   Cause       `json:"cause"`
	From    State       `json:"from,omitempty"`
	To      State       `json:"to"`
	Code    action.Code `json:"code,omitempty"`
	Message string      `json:"message,omitempty"`
	By      string      `json:"by,omitempty"`
	Attempt int         `json:"attempt,omitempty"`
	// Position is the step's place in the chain.
	Position int64 `json:"position"`
}

// Item returns one action, archived or not. An unknown id is NotFound.
func (j *Journal) Item(ctx context.Context, id string) (Item, error) {
	var item Item
	err := j.read(ctx, "reading an action", func(s snapshot) error {
		return j.anywhere(ctx, s, func(q reader) error {
			r, err := byID(q, id)
			if err != nil {
				return err
			}
			item, err = j.item(q, r)
			return err
		})
	})
	return item, err
}

// History returns what happened to an action, oldest first.
func (j *Journal) History(ctx context.Context, id string) ([]Step, error) {
	var steps []Step
	err := j.read(ctx, "reading a history", func(s snapshot) error {
		return j.anywhere(ctx, s, func(q reader) error {
			r, err := byID(q, id)
			if err != nil {
				return err
			}
			steps, err = j.history(q, r)
			return err
		})
	})
	return steps, err
}

// history follows the links back from the newest entry: no index is needed, and
// the cost is that of the action's own steps.
func (j *Journal) history(q reader, r *record) ([]Step, error) {
	var steps []Step
	for position := r.last; position != 0; {
		e, err := entryAt(q, position)
		if err != nil {
			return nil, err
		}
		if e.sequence != r.sequence || e.prior >= position {
			return nil, damaged(position, "does not belong to the history that leads to it")
		}
		step := Step{
			At: timeOf(e.at), Cause: e.cause, From: e.from, To: e.to,
			Code: e.code, Attempt: e.attempt, Position: e.position,
		}
		if err := j.describe(&step, e); err != nil {
			return nil, err
		}
		steps = append(steps, step)
		position = e.prior
	}
	slices.Reverse(steps)
	return steps, nil
}

func (j *Journal) describe(step *Step, e *entry) error {
	if e.prior == 0 {
		h, _, err := j.first(e)
		step.By = h.Actor
		return err
	}
	n, err := j.note(e)
	if err != nil {
		return err
	}
	step.By, step.Message = n.By, n.Reason
	if n.Outcome != nil {
		step.Message = n.Outcome.Error
	}
	return nil
}

// item builds the face of an action. Damage is shown on the item, so that one
// broken row does not hide the others.
func (j *Journal) item(q reader, r *record) (Item, error) {
	item := Item{
		Action: action.Action{
			ID: r.id, Type: r.kind, Version: r.version, DeviceID: j.device, Sequence: r.sequence, Lane: r.lane,
			Needs: r.needIDs(), Try: r.try, CreatedAt: timeOf(r.createdAt),
		},
		State: r.state, Attempt: r.attempt, NextAt: timeOf(r.nextAt),
	}
	first, err := j.fillContent(q, r, &item)
	newest := first
	if r.last != r.first {
		newest = nil
	}
	for _, err := range []error{err, j.fillProgress(q, r, newest, &item), j.fillLinks(q, r, &item)} {
		if action.CodeOf(err) == action.JournalDamaged {
			item.Damaged = true
			continue
		}
		if err != nil {
			return Item{}, err
		}
	}
	return item, nil
}

func (j *Journal) fillContent(q reader, r *record, item *Item) (*entry, error) {
	a, e, err := j.content(q, r)
	if err != nil {
		return nil, err
	}
	item.Action, item.Hash = a, shortHash(e.mac)
	return e, nil
}

// content opens the first entry of an action and compares it with the
// projection: what was moved or changed outside FieldPay is damage.
func (j *Journal) content(q reader, r *record) (action.Action, *entry, error) {
	e, err := entryAt(q, r.first)
	if err != nil {
		return action.Action{}, nil, err
	}
	if e.sequence != r.sequence {
		return action.Action{}, nil, damaged(e.position, "belongs to another action")
	}
	h, payload, err := j.first(e)
	if err != nil {
		return action.Action{}, nil, err
	}
	if h.ID != r.id || h.Type != r.kind || h.Version != r.version || h.Lane != r.lane || h.Place != r.place || !slices.Equal(h.Needs, r.needIDs()) {
		return action.Action{}, nil, damaged(e.position, "does not fit the action's row")
	}
	return action.Action{
		ID: h.ID, Type: h.Type, Version: h.Version, DeviceID: j.device, Sequence: r.sequence, Actor: h.Actor,
		Lane: h.Lane, After: h.After, Needs: h.Needs, Replaces: h.Replaces, Try: r.try,
		CreatedAt: h.CreatedAt, ClockOffsetMs: h.OffsetMs, Payload: payload,
	}, e, nil
}

// fillProgress says where the action stands by its newest entry e, which is read
// where it is nil.
func (j *Journal) fillProgress(q reader, r *record, e *entry, item *Item) (err error) {
	if e == nil {
		if e, err = entryAt(q, r.last); err != nil {
			return err
		}
	}
	item.Since = timeOf(e.at)
	if err := r.follows(e); err != nil {
		return err
	}
	if r.outcome == 0 {
		return nil
	}
	if r.outcome != r.last {
		if e, err = entryAt(q, r.outcome); err != nil {
			return err
		}
	}
	n, err := j.note(e)
	item.Outcome = n.Outcome
	return err
}

func (j *Journal) fillLinks(q reader, r *record, item *Item) error {
	if r.replacedBy != 0 {
		replacing, err := j.linked(q, r.replacedBy)
		if err != nil {
			return fmt.Errorf("following an edit: %w", err)
		}
		item.ReplacedBy = replacing.id
	}
	if r.state != Pending && r.state != Held {
		return nil
	}
	by, err := blocker(q, r)
	if err != nil {
		return err
	}
	if item.BlockedBy = by; by != "" {
		item.State = Held
	}
	return nil
}

func (j *Journal) first(e *entry) (header, []byte, error) {
	plain, err := j.keys.open(binding{device: j.device, position: e.position, sequence: e.sequence}, e.sealed)
	if err != nil {
		return header{}, nil, err
	}
	return decodeFirst(e.position, plain)
}

func (j *Journal) note(e *entry) (note, error) {
	if len(e.sealed) == 0 {
		return note{}, nil
	}
	plain, err := j.keys.open(binding{device: j.device, position: e.position, sequence: e.sequence}, e.sealed)
	if err != nil {
		return note{}, err
	}
	return decodeNote(e.position, plain)
}

func entryAt(q reader, position int64) (*entry, error) {
	e := &entry{}
	err := q.row(`SELECT `+entryColumns+` FROM entry WHERE position = ?`, position).scan(e.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, damaged(position, "is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("reading journal entry %d: %w", position, err)
	}
	return e, nil
}
