package bff

import (
	"context"
	"encoding/json"

	"github.com/go-faster/jx"

	"fieldpay/action"
	"fieldpay/api"
)

// SyncActions implements api.Handler.
func (s *Server) SyncActions(ctx context.Context, req *api.SyncRequest) (*api.SyncResponse, error) {
	visit := journalVisit{deviceID: req.DeviceId.Or(""), fence: req.Fence.Or(0)}
	visit.head, visit.hasHead = pointOf(req.Head)
	visit.acknowledged, visit.hasAcknowledged = pointOf(req.Acknowledged)
	if err := s.ownJournal(ctx, visit.deviceID); err != nil {
		return nil, err
	}
	if err := s.admit(ctx, visit); err != nil {
		return nil, err
	}
	outcomes, err := s.o.Processor.Submit(ctx, s.batch(ctx, rawItems(req.Actions)))
	if err != nil {
		return nil, storeError(err)
	}
	res := &api.SyncResponse{Succeeded: []string{}, Failed: []api.SyncFailure{}, Results: make([]api.Outcome, len(outcomes))}
	for i, o := range outcomes {
		res.Results[i] = wireOutcome(o)
		switch o.Status {
		case action.StatusApplied:
			res.Succeeded = append(res.Succeeded, o.ID)
		case action.StatusFailed, action.StatusReview:
			res.Failed = append(res.Failed, api.SyncFailure{ID: o.ID, Error: failureText(o)})
		}
	}
	if visit.hasHead {
		newest, err := s.acknowledge(ctx, visit)
		if err != nil {
			return nil, storeError(err)
		}
		res.Acknowledged.SetTo(api.ChainPoint{Position: newest.Position, MAC: newest.MAC})
	}
	return res, nil
}

// AdoptJournal implements api.Handler.
func (s *Server) AdoptJournal(ctx context.Context, req *api.AdoptRequest) (*api.AdoptResponse, error) {
	if err := s.ownJournal(ctx, req.DeviceId); err != nil {
		return nil, err
	}
	fence, err := s.adopt(ctx, req.DeviceId, ChainPoint{Position: req.Head.Position, MAC: req.Head.MAC})
	if err != nil {
		return nil, storeError(err)
	}
	return &api.AdoptResponse{Fence: fence}, nil
}

// ownJournal keeps the journal of an enrolled device to that device: nobody else
// may move its fence or its head.
func (s *Server) ownJournal(ctx context.Context, deviceID string) error {
	p := principal(ctx)
	if deviceID == "" || p.Enrolled && deviceID == p.DeviceID {
		return nil
	}
	e, err := s.o.Registry.known(ctx, deviceID)
	switch {
	case err != nil:
		return err
	case p.Enrolled, len(e.Key) > 0:
		return &action.Error{Code: action.NotAllowed, Message: "That is the journal of another device"}
	case !e.RevokedAt.IsZero():
		return &action.Error{Code: action.Revoked}
	}
	return nil
}

// batch is what a request brings, with the rights of who brings it.
func (s *Server) batch(ctx context.Context, items []json.RawMessage) Batch {
	p := principal(ctx)
	b := Batch{Actor: p.User.ID, RequestID: requestIDOf(ctx), Items: items}
	if p.Enrolled {
		b.DeviceID = p.DeviceID
	}
	return b
}

func requestIDOf(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.requestID
	}
	return ""
}

func rawItems(actions []jx.Raw) []json.RawMessage {
	items := make([]json.RawMessage, len(actions))
	for i, raw := range actions {
		items[i] = json.RawMessage(raw)
	}
	return items
}

// failureText is one sentence with the wrong fields, for clients that show
// nothing else.
func failureText(o action.Outcome) string {
	return (&action.Error{Message: o.Error, Fields: o.Fields, Code: o.Code}).Error()
}

// SyncOutcomes implements api.Handler.
func (s *Server) SyncOutcomes(ctx context.Context, req *api.OutcomesRequest) (*api.OutcomesResponse, error) {
	found, unknown, err := s.o.Processor.Outcomes(ctx, s.batch(ctx, nil), req.Ids)
	if err != nil {
		return nil, storeError(err)
	}
	res := &api.OutcomesResponse{Results: make([]api.Outcome, len(found)), Unknown: unknown}
	if unknown == nil {
		res.Unknown = []string{}
	}
	for i, o := range found {
		res.Results[i] = wireOutcome(o)
	}
	return res, nil
}

func wireOutcome(o action.Outcome) api.Outcome {
	wire := api.Outcome{
		ID: o.ID, Status: string(o.Status), Class: string(o.Class),
		Code: given(string(o.Code)), Error: given(o.Error), ServerId: given(o.ServerID),
	}
	if len(o.Fields) > 0 {
		wire.Fields.SetTo(o.Fields)
	}
	if o.Retryable {
		wire.Retryable.SetTo(true)
	}
	if o.RetryAfterMs > 0 {
		wire.RetryAfterMs.SetTo(o.RetryAfterMs)
	}
	if o.Version > 0 {
		wire.Version.SetTo(o.Version)
	}
	wire.Result, wire.Link = given(string(o.Result)), given(o.Link)
	if !o.OutcomeAt.IsZero() {
		wire.OutcomeAt.SetTo(o.OutcomeAt.UTC())
	}
	if o.Replayed {
		wire.Replayed.SetTo(true)
	}
	return wire
}

func pointOf(o api.OptChainPoint) (ChainPoint, bool) {
	p, given := o.Get()
	return ChainPoint{Position: p.Position, MAC: p.MAC}, given
}
