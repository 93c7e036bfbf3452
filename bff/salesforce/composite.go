package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"fieldpay/action"
)

// subrequest is one step of a composite call. Its URL is absolute, and later
// steps may use what it answers: "@{invoice.id}".
type subrequest struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	ReferenceID string `json:"referenceId"`
	Body        any    `json:"body,omitempty"`
}

func (c *Client) insert(reference, object string, r record) subrequest {
	return subrequest{Method: http.MethodPost, URL: c.path("/sobjects/" + object), ReferenceID: reference, Body: r}
}

func (c *Client) patch(reference, path string, r record) subrequest {
	return subrequest{Method: http.MethodPatch, URL: c.path(path), ReferenceID: reference, Body: r}
}

func (c *Client) read(reference, path string) subrequest {
	return subrequest{Method: http.MethodGet, URL: c.path(path), ReferenceID: reference}
}

type subresponse struct {
	Body           json.RawMessage `json:"body"`
	HTTPStatusCode int             `json:"httpStatusCode"`
	ReferenceID    string          `json:"referenceId"`
}

// results are the answers of a composite call by reference id.
type results map[string]subresponse

// read decodes the answer to one step.
func (r results) read(reference string, into any) error {
	s, ok := r[reference]
	if !ok {
		return &action.Error{Code: action.SalesforceDown, Cause: errors.New("a step of the call was not answered")}
	}
	if s.HTTPStatusCode > 299 {
		return s.refused()
	}
	if err := json.Unmarshal(s.Body, into); err != nil {
		return &action.Error{Code: action.SalesforceDown, Cause: errors.New("a step's answer is not what was asked for")}
	}
	return nil
}

func (s subresponse) refused() error {
	err := answer{status: s.HTTPStatusCode, body: s.Body}.refused()
	if r, ok := errors.AsType[*refusal](err); ok {
		r.reference = s.ReferenceID
	}
	return err
}

func resultsOf(steps []subresponse) results {
	by := make(results, len(steps))
	for _, s := range steps {
		by[s.ReferenceID] = s
	}
	return by
}

// firstFailure is the refusal that made a transaction fail: not one of those
// that only say that it was rolled back. nil means that all went well.
func firstFailure(steps []subresponse) error {
	var consequence error
	for _, s := range steps {
		if s.HTTPStatusCode < 300 {
			continue
		}
		err := s.refused()
		if r, ok := errors.AsType[*refusal](err); !ok || !r.cause().consequence() {
			return err
		}
		consequence = err
	}
	return consequence
}

// composite runs steps in order in one call. Salesforce answers 200 even when a
// step failed, so each has to be looked at.
func (c *Client) composite(ctx context.Context, allOrNone bool, steps []subrequest) ([]subresponse, error) {
	body := struct {
		AllOrNone          bool         `json:"allOrNone"`
		CollateSubrequests bool         `json:"collateSubrequests"`
		CompositeRequest   []subrequest `json:"compositeRequest"`
	}{AllOrNone: allOrNone, CompositeRequest: steps}
	var reply struct {
		CompositeResponse []subresponse `json:"compositeResponse"`
	}
	if err := c.call(ctx, http.MethodPost, "/composite", body, &reply); err != nil {
		return nil, err
	}
	if len(reply.CompositeResponse) != len(steps) {
		return nil, &action.Error{Code: action.SalesforceDown, Cause: errors.New("not every step was answered")}
	}
	return reply.CompositeResponse, nil
}

// transaction runs steps so that all of them happen or none.
func (c *Client) transaction(ctx context.Context, steps ...subrequest) (results, error) {
	done, err := c.composite(ctx, true, steps)
	if err != nil {
		return nil, err
	}
	if err := firstFailure(done); err != nil {
		return nil, err
	}
	return resultsOf(done), nil
}

// lookups runs reads in one call; each may be missing by itself.
func (c *Client) lookups(ctx context.Context, steps ...subrequest) (results, error) {
	done, err := c.composite(ctx, false, steps)
	if err != nil {
		return nil, err
	}
	return resultsOf(done), nil
}

// graph is records that are made together or not at all. One call takes many
// graphs, each a transaction of its own.
type graph struct {
	ID    string       `json:"graphId"`
	Steps []subrequest `json:"compositeRequest"`
}

// graphResult is what came of one graph.
type graphResult struct {
	steps results
	err   error
}

// createGraph makes one graph.
func (c *Client) createGraph(ctx context.Context, g graph) (results, error) {
	done, err := c.createGraphs(ctx, []graph{g})
	if err != nil {
		return nil, err
	}
	return done[0].steps, done[0].err
}

// createGraphs makes graphs in one call, each whatever becomes of the others,
// and answers them in order. The error is about the call.
func (c *Client) createGraphs(ctx context.Context, graphs []graph) ([]graphResult, error) {
	body := struct {
		Graphs []graph `json:"graphs"`
	}{graphs}
	var reply struct {
		Graphs []struct {
			ID       string `json:"graphId"`
			Good     bool   `json:"isSuccessful"`
			Response struct {
				Steps []subresponse `json:"compositeResponse"`
			} `json:"graphResponse"`
		} `json:"graphs"`
	}
	if err := c.call(ctx, http.MethodPost, "/composite/graph", body, &reply); err != nil {
		return nil, err
	}
	by := make(map[string]graphResult, len(graphs))
	for _, g := range reply.Graphs {
		done := graphResult{steps: resultsOf(g.Response.Steps), err: firstFailure(g.Response.Steps)}
		if done.err == nil && !g.Good {
			done.err = &action.Error{Code: action.SalesforceDown, Cause: errors.New("the graph failed without a reason")}
		}
		by[g.ID] = done
	}
	all := make([]graphResult, len(graphs))
	for i, g := range graphs {
		done, answered := by[g.ID]
		if !answered {
			done.err = &action.Error{Code: action.SalesforceDown, Cause: errors.New("the graph was not answered")}
		}
		all[i] = done
	}
	return all, nil
}

// created is the answer to an insert.
type created struct {
	ID string `json:"id"`
}
