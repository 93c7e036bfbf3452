package bff

import (
	"context"

	"fieldpay/action"
	"fieldpay/api"
)

// ListPrices implements api.Handler.
func (s *Server) ListPrices(ctx context.Context) ([]api.Price, error) {
	list, ok := s.o.CRM.(PriceList)
	if !ok {
		return []api.Price{}, nil
	}
	prices, err := list.Prices(ctx)
	if err != nil {
		return nil, err
	}
	wire := make([]api.Price, len(prices))
	for i, p := range prices {
		wire[i] = api.Price{
			ProductId: p.ProductID, Code: given(p.Code), Name: p.Name, Family: given(p.Family), TaxRate: given(p.TaxRate),
			Currency: string(p.Currency.Normal()), UnitPrice: p.UnitPrice,
		}
	}
	return wire, nil
}

// SyncCheck implements api.Handler.
func (s *Server) SyncCheck(ctx context.Context, req *api.CheckRequest) (*api.CheckResponse, error) {
	results, err := s.o.Processor.Check(ctx, s.batch(ctx, rawItems(req.Actions)))
	if err != nil {
		return nil, storeError(err)
	}
	res := &api.CheckResponse{Results: make([]api.CheckResult, len(results))}
	for i, o := range results {
		wire := wireOutcome(o)
		res.Results[i] = api.CheckResult{
			ID: wire.ID, Ok: o.Status == "" || o.Status == action.StatusApplied || o.Status == action.StatusAccepted,
			Status: given(wire.Status), Class: given(wire.Class), Code: wire.Code, Error: wire.Error,
		}
		if len(o.Fields) > 0 {
			res.Results[i].Fields.SetTo(o.Fields)
		}
	}
	return res, nil
}
