package salesforce

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// What one call of graphs takes, and how many may fail before Salesforce tries
// the rest no more.
// https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-graph-limits.html
const (
	maxGraphs = 75
	maxNodes  = 500
)

const invoiceBatch = "invoices"

var _ bff.Batcher = (*Client)(nil)

// Batch implements bff.Batcher: new invoices share a call, each with its lines.
func (c *Client) Batch(e bff.Effect) (kind string, most int) {
	if p, ok := e.Payload.(*action.CreateInvoice); ok && 1+len(p.Lines) <= maxNodes {
		return invoiceBatch, maxGraphs
	}
	return "", 1
}

// ApplyAll implements bff.Batcher.
func (c *Client) ApplyAll(ctx context.Context, effects []bff.Effect) []bff.Done {
	all := make([]bff.Done, len(effects))
	var left []invoiceJob
	for i, e := range effects {
		p, ok := e.Payload.(*action.CreateInvoice)
		if !ok {
			all[i].Applied, all[i].Err = c.Apply(ctx, e)
			continue
		}
		g, err := c.invoiceGraph(e, p)
		if err != nil {
			all[i].Err = err
			continue
		}
		g.ID = "graph" + strconv.Itoa(i)
		left = append(left, invoiceJob{effect: e, payload: p, graph: g, done: &all[i]})
	}
	left = c.readBack(ctx, left)
	for len(left) > 0 {
		left = c.createSome(ctx, left)
	}
	return all
}

// invoiceJob is one invoice of a batch, and where its answer goes.
type invoiceJob struct {
	effect  bff.Effect
	payload *action.CreateInvoice
	graph   graph
	done    *bff.Done
}

// readBack answers those that an earlier attempt made, in one call for all, and
// returns the others. Left to the duplicates that they would be, a few of them
// would keep Salesforce from trying the rest.
func (c *Client) readBack(ctx context.Context, jobs []invoiceJob) (left []invoiceJob) {
	var ids []string
	for _, j := range jobs {
		if j.effect.Attempt > 1 {
			ids = append(ids, literal(key(j.effect.Action.ID)))
		}
	}
	if len(ids) == 0 {
		return jobs
	}
	rows, err := query[madeRow](ctx, c, selectMade+actionID+" IN ("+strings.Join(ids, ",")+")")
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
		case !strings.EqualFold(r.ClientID, j.effect.Action.RecordID(j.payload)):
			j.done.Err = &action.Error{Code: action.ContentChanged, Op: op}
		default:
			j.done.Applied = bff.Applied{ServerID: r.ID, Version: int64(r.Version)}
		}
	}
	return left
}

// createSome makes as many as one call takes, and returns those that are left:
// the rest, and what Salesforce did not try because too many others failed.
func (c *Client) createSome(ctx context.Context, jobs []invoiceJob) (left []invoiceJob) {
	var graphs []graph
	nodes := 0
	for _, j := range jobs {
		if nodes += len(j.graph.Steps); nodes > maxNodes && len(graphs) > 0 || len(graphs) == maxGraphs {
			break
		}
		graphs = append(graphs, j.graph)
	}
	jobs, left = jobs[:len(graphs)], jobs[len(graphs):]
	answers, err := c.createGraphs(ctx, graphs)
	if err != nil {
		c.createEach(ctx, jobs, err)
		return left
	}
	var untried []invoiceJob
	for i, j := range jobs {
		if isRefusal(answers[i].err, halted) {
			untried = append(untried, j)
			continue
		}
		j.done.Applied, j.done.Err = c.invoiceMade(ctx, j.effect, j.payload, answers[i])
	}
	if len(untried) == len(jobs) {
		c.createEach(ctx, untried, answers[0].err)
		return left
	}
	return append(untried, left...)
}

// createEach answers jobs whose call failed as a whole. If Salesforce refused
// it, one of them may be why, and each is tried by itself; anything else is
// trouble that all of them share.
func (c *Client) createEach(ctx context.Context, jobs []invoiceJob, err error) {
	r, refused := errors.AsType[*refusal](err)
	alone := refused && len(jobs) > 1 && codeOf(r.status, r.cause()).Class().Settles()
	for _, j := range jobs {
		if alone {
			j.done.Applied, j.done.Err = c.createInvoice(ctx, j.effect, j.payload)
			continue
		}
		j.done.Err = failedFor("creating the invoice", notDeployed, err)
	}
}
