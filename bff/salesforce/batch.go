package salesforce

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// What one call of graphs takes, and how many records one of a collection does.
// https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-graph-limits.html
// https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-create.html
const (
	maxGraphs  = 75
	maxNodes   = 500
	maxRecords = 200
)

// The kinds of effects that share a call.
const (
	invoiceBatch = "invoices"
	paymentBatch = "payments"
	visitBatch   = "visits"
	contactBatch = "contacts"
)

var _ bff.Batcher = (*Client)(nil)

// Batch implements bff.Batcher. New invoices with their lines, and payments with
// the look at their invoices, are a graph each; visits and contacts, which are
// one record each, a collection.
func (c *Client) Batch(e bff.Effect) (kind string, most int) {
	switch p := e.Payload.(type) {
	case *action.CreateInvoice:
		if 1+len(p.Lines) <= maxNodes {
			return invoiceBatch, maxGraphs
		}
	case *action.RecordPayment:
		return paymentBatch, maxGraphs
	case *action.LogVisit:
		return visitBatch, maxRecords
	case *action.CreateContact:
		return contactBatch, maxRecords
	}
	return "", 1
}

// ApplyAll implements bff.Batcher.
func (c *Client) ApplyAll(ctx context.Context, effects []bff.Effect) []bff.Done {
	all := make([]bff.Done, len(effects))
	var graphs []graphJob
	var flats []flatJob
	for i, e := range effects {
		switch p := e.Payload.(type) {
		case *action.CreateInvoice:
			graphs = c.addInvoice(graphs, e, p, &all[i])
		case *action.RecordPayment:
			graphs = append(graphs, c.paymentJob(e, p, &all[i]))
		case *action.LogVisit:
			flats = append(flats, flatJob{effect: e, flat: visitFlat(e, p), done: &all[i]})
		case *action.CreateContact:
			flats = append(flats, flatJob{effect: e, flat: contactFlat(e, p), done: &all[i]})
		default:
			all[i].Applied, all[i].Err = c.Apply(ctx, e)
		}
	}
	c.runGraphs(ctx, graphs)
	c.insertFlats(ctx, flats)
	return all
}

// graphJob is one effect of a batch of graphs, and where its answer goes.
type graphJob struct {
	kind   string
	effect bff.Effect
	done   *bff.Done
	graph  graph
	// payment is what a job of that kind books; record is the id of the invoice
	// that one of the other kind makes.
	payment payment
	record  string
	// made reads what came of the graph, alone makes the effect by itself.
	made  func(context.Context, graphResult) (bff.Applied, error)
	alone func(context.Context) (bff.Applied, error)
}

// runGraphs makes effects of one kind, as many at once as a call takes.
func (c *Client) runGraphs(ctx context.Context, jobs []graphJob) {
	if len(jobs) == 0 {
		return
	}
	if jobs[0].kind == paymentBatch {
		jobs = c.paymentsLeft(ctx, jobs)
	} else {
		jobs = c.invoicesLeft(ctx, jobs)
	}
	for i := range jobs {
		jobs[i].graph.ID = "graph" + strconv.Itoa(i)
	}
	for len(jobs) > 0 {
		jobs = c.createSome(ctx, jobs)
	}
}

// createSome makes as many as one call takes, and returns those that are left:
// the rest, and what Salesforce did not try because too many others failed.
func (c *Client) createSome(ctx context.Context, jobs []graphJob) (left []graphJob) {
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
	var untried []graphJob
	for i, j := range jobs {
		if isRefusal(answers[i].err, halted) {
			untried = append(untried, j)
			continue
		}
		j.done.Applied, j.done.Err = j.made(ctx, answers[i])
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
func (c *Client) createEach(ctx context.Context, jobs []graphJob, err error) {
	alone := refusedOne(err, len(jobs))
	for _, j := range jobs {
		if alone {
			j.done.Applied, j.done.Err = j.alone(ctx)
			continue
		}
		j.done.Err = failedFor("sending "+j.kind, notDeployed, err)
	}
}

// refusedOne reports whether Salesforce refused a call of n effects in a way that
// may be about one of them.
func refusedOne(err error, n int) bool {
	r, refused := errors.AsType[*refusal](err)
	return refused && n > 1 && codeOf(r.status, r.cause()).Class().Settles()
}

// again returns the ids of those that were begun before, as a list of SOQL, or
// nothing if there are none.
func again(jobs []graphJob) string {
	var ids []string
	for _, j := range jobs {
		if j.effect.Attempt > 1 {
			ids = append(ids, key(j.effect.Action.ID))
		}
	}
	return inList(ids)
}

// inList writes the condition's end for one of many values; nothing for none.
func inList(values []string) string {
	if len(values) == 0 {
		return ""
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = literal(v)
	}
	return " IN (" + strings.Join(quoted, ",") + ")"
}
