package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/queue"
)

// The filters of an outbox.
const (
	filterUnsent = "unsent"
	filterNeeds  = "needs"
	filterAll    = "all"
)

// OutboxQuery selects actions, newest first. Before is the Next of the page
// before, 0 for the first.
type OutboxQuery struct {
	Filter string `json:"filter"`
	Before int64  `json:"before"`
	Limit  int    `json:"limit"`
}

// OutboxPage is one part of the journal. Next is 0 at the end.
type OutboxPage struct {
	Items []ActionRow `json:"items"`
	Next  int64       `json:"next"`
}

// ActionDetail is everything about one action.
type ActionDetail struct {
	Row ActionRow `json:"row"`
	// Payload is the content as indented JSON.
	Payload string `json:"payload"`
	// Fields are what the server named as wrong.
	Fields  map[string]string `json:"fields"`
	History []StepDTO         `json:"history"`
	Hash    string            `json:"hash"`
}

// StepDTO is one transition in the life of an action.
type StepDTO struct {
	At      string `json:"at"`
	From    string `json:"from"`
	To      string `json:"to"`
	Code    string `json:"code"`
	Message string `json:"message"`
	By      string `json:"by"`
	Attempt int    `json:"attempt"`
}

// ActionChoice names the action that a person decides about.
type ActionChoice struct {
	ID string `json:"id"`
	// Reason is why it is given up; only Discard reads it.
	Reason string `json:"reason"`
}

// Outbox lists actions.
func (b *Bridge) Outbox(q OutboxQuery) (OutboxPage, error) {
	return bound(b, "Outbox", q, func(ctx context.Context, r *running, q OutboxQuery) (OutboxPage, error) {
		_, limit := window(q.Limit, 0, pageSize, 50, pageSize)
		filter := queue.Filter{Before: q.Before, Limit: limit}
		switch q.Filter {
		case filterUnsent:
			// What a person must decide about is shown too: it is the cause above
			// what waits behind it.
			filter.States = slices.DeleteFunc(queue.States(), func(s queue.State) bool { return !s.Open() })
		case filterNeeds:
			filter.States = []queue.State{queue.Review, queue.Failed}
		case filterAll, "":
		default:
			return OutboxPage{}, &action.Error{Code: action.BadRequest, Op: "listing the outbox", Cause: fmt.Errorf("unknown filter")}
		}
		page, err := r.device.journal.List(ctx, filter)
		if err != nil {
			return OutboxPage{}, fmt.Errorf("listing the outbox: %w", err)
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return OutboxPage{}, err
		}
		return OutboxPage{Items: v.actionRows(page.Items), Next: page.Next}, nil
	})
}

// ActionDetail is one action with its history.
func (b *Bridge) ActionDetail(id string) (ActionDetail, error) {
	return bound(b, "ActionDetail", id, func(ctx context.Context, r *running, id string) (ActionDetail, error) {
		item, err := r.device.journal.Item(ctx, id)
		if err != nil {
			return ActionDetail{}, fmt.Errorf("reading an action: %w", err)
		}
		steps, err := r.device.journal.History(ctx, id)
		if err != nil {
			return ActionDetail{}, fmt.Errorf("reading a history: %w", err)
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return ActionDetail{}, err
		}
		out := ActionDetail{
			Row: v.actionRow(item), Payload: indented(item.Payload),
			Fields: map[string]string{}, History: make([]StepDTO, len(steps)), Hash: item.Hash,
		}
		if item.Outcome != nil {
			maps.Copy(out.Fields, item.Outcome.Fields)
		}
		for i, s := range steps {
			out.History[i] = StepDTO{
				At: stamp(s.At), From: string(s.From), To: string(s.To), Code: string(s.Code),
				Message: s.Message, By: s.By, Attempt: s.Attempt,
			}
		}
		return out, nil
	})
}

// maxExport is how much a screen exports. A journal that has grown over it is
// exported by fieldpayctl, straight into a file.
const maxExport = 32 << 20

// ExportJournal gives the person everything that the journal holds, one JSON
// object a line, in whatever state it is. It has what people typed.
func (b *Bridge) ExportJournal() (FileDTO, error) {
	return bound(b, "ExportJournal", none{}, func(ctx context.Context, r *running, _ none) (FileDTO, error) {
		var out bytes.Buffer
		err := r.device.journal.Export(ctx, &limited{to: &out, left: maxExport})
		if err != nil {
			return FileDTO{}, fmt.Errorf("exporting the journal: %w", err)
		}
		return b.app.deliver("fieldpay-journal-"+time.Now().UTC().Format("2006-01-02")+".ndjson", "application/x-ndjson", out.Bytes())
	})
}

// limited refuses what is over a bound.
type limited struct {
	to   *bytes.Buffer
	left int
}

// Write keeps p, or refuses all of it.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, &action.Error{Code: action.TooLarge, Message: "The journal is too long to be exported on the screen",
			Hint: "Run fieldpayctl journal export"}
	}
	return l.to.Write(p)
}

func indented(payload json.RawMessage) string {
	var out bytes.Buffer
	if json.Indent(&out, payload, "", "  ") != nil {
		return string(payload)
	}
	return out.String()
}

// Retry asks for an action again that was refused or contested.
func (b *Bridge) Retry(c ActionChoice) error {
	_, err := bound(b, "Retry", c, func(ctx context.Context, r *running, c ActionChoice) (none, error) {
		item, err := r.device.journal.Retry(ctx, c.ID, r.device.personDTO().ID)
		if err != nil {
			return none{}, fmt.Errorf("retrying an action: %w", err)
		}
		r.device.record(event.ActionRetried, event.Fields{"actionId": item.ID, "type": item.Type})
		return none{}, nil
	})
	return err
}

// Discard gives an action up, for a reason that stays in its history.
func (b *Bridge) Discard(c ActionChoice) error {
	_, err := bound(b, "Discard", c, func(ctx context.Context, r *running, c ActionChoice) (none, error) {
		item, err := r.device.journal.Discard(ctx, c.ID, r.device.personDTO().ID, c.Reason)
		if err != nil {
			return none{}, fmt.Errorf("discarding an action: %w", err)
		}
		r.device.record(event.ActionDiscarded, event.Fields{"actionId": item.ID, "type": item.Type})
		return none{}, nil
	})
	return err
}
