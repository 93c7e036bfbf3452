package bff

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"fieldpay/action"
)

// consolePath is where the pages of the office lie.
const consolePath = "/console"

// console serves the pages of the office, if there are any.
func (s *Server) console(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.o.Console != nil && (r.URL.Path == consolePath || strings.HasPrefix(r.URL.Path, consolePath+"/")) {
			s.o.Console.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// OfficeOptions says what an [Office] works with. All but Logger are required.
type OfficeOptions struct {
	Ledger    Ledger
	Desk      Desk
	Processor *Processor
	Audit     Audit
	Logger    zerolog.Logger
}

// Office does what people of the office decide about actions that need a person
// or failed. A device learns of it when it asks for outcomes. Of two who decide
// at once, on either side, the first wins, and the other is told.
type Office struct{ o OfficeOptions }

// NewOffice checks the options.
func NewOffice(o OfficeOptions) (*Office, error) {
	if o.Ledger == nil || o.Desk == nil || o.Processor == nil || o.Audit == nil {
		return nil, errors.New("an office needs a ledger, a desk, a processor and an audit log")
	}
	return &Office{o}, nil
}

func tooLate() error {
	return &action.Error{Code: action.NotPossible, Message: "This has changed in the meantime. Look again"}
}

// stuck is an entry that a person may decide about.
func (f *Office) stuck(ctx context.Context, id string) (Entry, error) {
	found, err := f.o.Ledger.Entries(ctx, []string{id})
	if err != nil {
		return Entry{}, storeError(err)
	}
	e, there := found[id]
	switch {
	case !there:
		return Entry{}, &action.Error{Code: action.NotFound}
	case !e.Settled(), e.Done(), e.Outcome.Code == action.OfficeRepairs:
		return Entry{}, tooLate()
	}
	return e, nil
}

// Retry asks for the same content again, as the author's own retry would.
func (f *Office) Retry(ctx context.Context, id, by string) (action.Outcome, error) {
	e, err := f.stuck(ctx, id)
	if err != nil {
		return action.Outcome{}, err
	}
	if e.Effect {
		return action.Outcome{}, &action.Error{Code: action.NotPossible, Message: "Something of it has happened already, so it is not done again. Repair the record, then settle this"}
	}
	if err := f.audit(ctx, "office.retry", e, by, nil); err != nil {
		return action.Outcome{}, err
	}
	e.Action.Try++
	return f.o.Processor.again(ctx, e)
}

// Resolve settles an action as done: somebody of the office has done by hand
// what it was to do. serverID is the record they made or changed, or empty.
func (f *Office) Resolve(ctx context.Context, id, serverID, by string) error {
	e, err := f.stuck(ctx, id)
	if err != nil {
		return err
	}
	if serverID != "" && !recordID.MatchString(serverID) {
		return &action.Error{Code: action.BadRequest, Message: "That is not the id of a record"}
	}
	if err := f.audit(ctx, "office.resolve", e, by, map[string]string{"record": serverID}); err != nil {
		return err
	}
	return f.decide(ctx, e, action.AppliedOutcome(id, serverID, 0, time.Now()), true)
}

// Repair does another content in the place of an action: it is taken from its
// author first, so that nobody else retries or replaces it meanwhile, and gets
// the outcome of the repair when that has one.
func (f *Office) Repair(ctx context.Context, id string, payload json.RawMessage, by string) (action.Outcome, error) {
	e, err := f.stuck(ctx, id)
	if err != nil {
		return action.Outcome{}, err
	}
	if e.Effect {
		return action.Outcome{}, &action.Error{Code: action.NotPossible, Message: "Something of it has happened already. Repair the record, then settle this"}
	}
	taken := action.FailureOutcome(id, &action.Error{Code: action.OfficeRepairs}, time.Now())
	repair := repairOf(e.Action, payload, by, taken.OutcomeAt)
	if _, err := action.Parse(repair); err != nil {
		return action.Outcome{}, err
	}
	raw, err := json.Marshal(repair)
	if err != nil {
		return action.Outcome{}, &action.Error{Code: action.InvalidPayload, Cause: err}
	}
	if err := f.audit(ctx, "office.repair", e, by, map[string]string{"repair": repair.ID}); err != nil {
		return action.Outcome{}, err
	}
	before := *e.Outcome
	if err := f.decide(ctx, e, taken, true); err != nil {
		return action.Outcome{}, err
	}
	e.Outcome = &taken
	outcomes, err := f.o.Processor.Submit(ctx, Batch{Actor: by, Items: []json.RawMessage{raw}})
	if err != nil {
		return action.Outcome{}, err // the sweep finds out what became of it
	}
	if finished, err := f.finish(ctx, e); finished || err != nil {
		return outcomes[0], err
	}
	if outcomes[0].Status != action.StatusAccepted {
		before.OutcomeAt = time.Now().UTC() // it was refused before it was stored
		return outcomes[0], f.decide(ctx, e, before, false)
	}
	return outcomes[0], nil
}

// repairOf is the action that a person of the office does in the place of
// another: of the same record, lane and time, by them. Its id follows from what
// it repairs, so that it is found again.
func repairOf(a action.Action, payload json.RawMessage, by string, taken time.Time) action.Action {
	a.Payload, a.Actor, a.DeviceID, a.Sequence, a.Try, a.Replaces = withRecord(payload, a), by, "", 0, 0, ""
	a.ID = repairID(a.ID, taken)
	return a
}

// withRecord names the record that a makes in a payload that does not: it is a's
// own id then, which the repair does not have.
func withRecord(payload json.RawMessage, a action.Action) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil || fields == nil {
		return payload
	}
	if _, named := fields["id"]; named || !strings.HasSuffix(a.Lane, ":"+a.ID) {
		return payload
	}
	id, err := json.Marshal(a.ID)
	if err != nil {
		return payload
	}
	fields["id"] = id
	if named, err := json.Marshal(fields); err == nil {
		return named
	}
	return payload
}

func repairID(id string, taken time.Time) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("repair of "+id+" at "+taken.UTC().Format(time.RFC3339Nano))).String()
}

// finish gives an action that was taken over the outcome of its repair, if that
// has one.
func (f *Office) finish(ctx context.Context, e Entry) (bool, error) {
	id := repairID(e.Action.ID, e.Outcome.OutcomeAt)
	found, err := f.o.Ledger.Entries(ctx, []string{id})
	if err != nil {
		return false, storeError(err)
	}
	repair, there := found[id]
	if !there || !repair.Settled() {
		return false, nil
	}
	out := *repair.Outcome
	out.ID, out.OutcomeAt = e.Action.ID, time.Now().UTC()
	return true, f.decide(ctx, e, out, repair.Effect || repair.Done())
}

func (f *Office) decide(ctx context.Context, e Entry, out action.Outcome, effect bool) error {
	decided, err := f.o.Desk.Decide(ctx, e.Action.ID, e.Outcome.OutcomeAt, out, effect)
	if err != nil {
		return storeError(err)
	}
	if !decided {
		return tooLate()
	}
	f.o.Logger.Info().Str("action", e.Action.ID).Str("status", string(out.Status)).Str("code", string(out.Code)).Msg("the office decided")
	return nil
}

func (f *Office) audit(ctx context.Context, event string, e Entry, by string, detail map[string]string) error {
	row := AuditRow{At: time.Now(), Event: event, Actor: by, DeviceID: e.Action.DeviceID, Subject: e.Action.ID, RequestID: requestIDOf(ctx), Detail: map[string]string{"before": string(e.Outcome.Code)}}
	for name, value := range detail {
		if value != "" {
			row.Detail[name] = value
		}
	}
	return wrap(f.o.Audit.AddAudit(ctx, row), "writing the audit log")
}

// Times of the sweep: how often it looks for repairs that took longer than
// their request, and when one that never arrived is given back.
const (
	finishEvery = 5 * time.Second
	repairLost  = 2 * time.Minute
)

// run finishes repairs until ctx ends.
func (f *Office) run(ctx context.Context) {
	tick := time.NewTicker(finishEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := f.sweep(ctx); err != nil && ctx.Err() == nil && action.CodeOf(err) != action.NotPossible {
			f.o.Logger.Warn().Err(err).Msg("finishing repairs of the office")
		}
	}
}

func (f *Office) sweep(ctx context.Context) error {
	list, err := f.o.Desk.EntryList(ctx, EntryQuery{Statuses: []action.Status{action.StatusReview}, Limit: 500})
	if err != nil {
		return err
	}
	var all []error
	for _, e := range list {
		if e.Outcome.Code != action.OfficeRepairs {
			continue
		}
		finished, err := f.finish(ctx, e)
		if err == nil && !finished && time.Since(e.Outcome.OutcomeAt) > repairLost {
			err = f.giveBack(ctx, e)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// giveBack returns an action whose repair never reached the ledger. One that is
// there and not settled yet goes on.
func (f *Office) giveBack(ctx context.Context, e Entry) error {
	id := repairID(e.Action.ID, e.Outcome.OutcomeAt)
	found, err := f.o.Ledger.Entries(ctx, []string{id})
	if err != nil || len(found) > 0 {
		return err
	}
	cut := &action.Error{Code: action.UpstreamRefused, Message: "The office's repair was cut off. Try again"}
	return f.decide(ctx, e, action.FailureOutcome(e.Action.ID, cut, time.Now()), false)
}

// again puts an entry to work once more, under its raised try.
func (p *Processor) again(ctx context.Context, e Entry) (action.Outcome, error) {
	payload, err := action.Decode(e.Action)
	if err != nil {
		return action.Outcome{}, err
	}
	now := time.Now()
	it := &item{sent: e.Action.ID, action: e.Action, payload: payload, hash: e.Hash, lane: e.Lane}
	s := &submission{items: []*item{it}, at: now, claimed: make(chan struct{}), left: 1, all: make(chan struct{})}
	defer p.unwatch(s)
	if err := p.claim(ctx, s); err != nil {
		return action.Outcome{}, err
	}
	if err := p.await(ctx, s, now.Add(p.o.Budget)); err != nil {
		return action.Outcome{}, err
	}
	return *it.outcome, nil
}
