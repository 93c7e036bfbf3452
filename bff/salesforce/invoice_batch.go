package salesforce

import (
	"context"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// addInvoice adds the job of a new invoice, unless it cannot be sent at all.
func (c *Client) addInvoice(jobs []graphJob, e bff.Effect, p *action.CreateInvoice, done *bff.Done) []graphJob {
	g, err := c.invoiceGraph(e, p)
	if err != nil {
		done.Err = err
		return jobs
	}
	return append(jobs, graphJob{
		kind: invoiceBatch, effect: e, done: done, graph: g, record: e.Action.RecordID(p),
		made:  func(ctx context.Context, g graphResult) (bff.Applied, error) { return c.invoiceMade(ctx, e, p, g) },
		alone: func(ctx context.Context) (bff.Applied, error) { return c.createInvoice(ctx, e, p) },
	})
}

// invoicesLeft answers those that an earlier attempt made, in one call for all,
// and returns the others. Left to the duplicates that they would be, a few of
// them would keep Salesforce from trying the rest.
func (c *Client) invoicesLeft(ctx context.Context, jobs []graphJob) (left []graphJob) {
	ids := again(jobs)
	if ids == "" {
		return jobs
	}
	rows, err := query[madeRow](ctx, c, selectMade+actionID+ids)
	made := make(map[string]madeRow, len(rows))
	for _, r := range rows {
		made[key(r.ActionID)] = r
	}
	const op = "reading the invoice back"
	for _, j := range jobs {
		r, there := made[key(j.effect.Action.ID)]
		switch {
		case j.effect.Attempt <= 1, err == nil && !there:
			left = append(left, j)
		case err != nil:
			j.done.Err = failed(op, err)
		case !strings.EqualFold(r.ClientID, j.record):
			j.done.Err = &action.Error{Code: action.ContentChanged, Op: op}
		default:
			j.done.Applied = bff.Applied{ServerID: r.ID, Version: int64(r.Version)}
		}
	}
	return left
}
