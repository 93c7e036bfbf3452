package bffclient

import (
	"context"
	"net/http"

	"fieldpay/action"
	"fieldpay/api"
)

// CheckResult is what would become of an action if it were sent now.
type CheckResult struct {
	ID string
	// OK says that it would be taken, or was already.
	OK bool
	// Status, Class, Code, Error and Fields are as in an outcome; they are empty
	// for one that would be taken.
	Status action.Status
	Class  action.Class
	Code   action.Code
	Error  string
	Fields map[string]string
}

// Check asks what would become of actions, without sending them: nothing of
// them is stored. It answers one result for each, in order.
func (c *Client) Check(ctx context.Context, actions []action.Action) ([]CheckResult, error) {
	const op = "checking actions"
	if len(actions) == 0 {
		return nil, nil
	}
	var answer api.CheckResponse
	err := c.authorised(ctx, request{
		op: op, method: http.MethodPost, path: "/sync/check", body: map[string]any{"actions": actions}, answer: &answer,
		read: true, replay: true, timeout: sendTimeout, limit: answerLimit,
	})
	if err != nil {
		return nil, err
	}
	if len(answer.Results) != len(actions) {
		return nil, misanswered(op, "the answer is not about every action")
	}
	results := make([]CheckResult, len(actions))
	for i, r := range answer.Results {
		if r.ID != actions[i].ID {
			return nil, misanswered(op, "the answer is about another action")
		}
		results[i] = CheckResult{
			ID: r.ID, OK: r.Ok, Status: action.Status(r.Status.Or("")), Class: action.Class(r.Class.Or("")),
			Code: action.Code(r.Code.Or("")), Error: r.Error.Or(""), Fields: r.Fields.Or(nil),
		}
	}
	return results, nil
}
