package salesforce

import (
	"context"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

func (c *Client) paymentJob(e bff.Effect, p *action.RecordPayment, done *bff.Done) graphJob {
	return graphJob{
		kind: paymentBatch, effect: e, done: done, payment: receivedPayment(e, p),
		alone: func(ctx context.Context) (bff.Applied, error) { return c.recordPayment(ctx, e, p) },
	}
}

// paymentsLeft answers the payments that an earlier attempt booked, and makes the
// graphs of the others: each inserts its payment and reads the invoice with it,
// in a transaction of its own, as a payment that comes alone does. What the
// invoices stand at before is read in one call for all.
func (c *Client) paymentsLeft(ctx context.Context, jobs []graphJob) []graphJob {
	jobs = c.unbooked(ctx, jobs)
	invoices, err := c.invoicesOf(ctx, jobs)
	const op = "booking the payment"
	var left []graphJob
	for _, j := range jobs {
		invoice, there := invoices[strings.ToLower(j.payment.invoiceID)]
		switch {
		case err != nil:
			j.done.Err = failed(op, err)
			continue
		case !there:
			j.done.Err = &action.Error{Code: action.UnknownInvoice, Op: op}
			continue
		}
		steps, fits := c.bookingSteps(j.payment, invoice)
		j.graph.Steps = steps
		p := j.payment
		j.made = func(ctx context.Context, g graphResult) (bff.Applied, error) {
			return c.paymentMade(ctx, p, invoice, fits, g)
		}
		left = append(left, j)
	}
	return left
}

// unbooked answers the payments that an earlier attempt booked, in one call for
// all, and returns the others.
func (c *Client) unbooked(ctx context.Context, jobs []graphJob) (left []graphJob) {
	ids := again(jobs)
	if ids == "" {
		return jobs
	}
	rows, err := query[paymentRow](ctx, c, selectBooked+actionID+ids)
	booked := make(map[string]paymentRow, len(rows))
	for _, r := range rows {
		booked[key(r.ActionID)] = r
	}
	for _, j := range jobs {
		r, there := booked[key(j.effect.Action.ID)]
		switch {
		case j.effect.Attempt <= 1, err == nil && !there:
			left = append(left, j)
		case err != nil:
			j.done.Err = failed("reading the payment back", err)
		default:
			j.done.Applied, j.done.Err = c.judge(ctx, j.payment, r)
		}
	}
	return left
}

// invoicesOf reads the invoices that payments are for, by their ids on the wire
// in lower case.
func (c *Client) invoicesOf(ctx context.Context, jobs []graphJob) (map[string]invoiceRow, error) {
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.payment.invoiceID
	}
	where := oneOf(invoiceID, ids)
	if where == "" {
		return nil, nil
	}
	rows, err := query[invoiceRow](ctx, c, selectInvoices+" WHERE "+where)
	if err != nil {
		return nil, err
	}
	found := make(map[string]invoiceRow, 2*len(rows))
	for _, r := range rows {
		found[strings.ToLower(r.ClientID)], found[strings.ToLower(r.ID)] = r, r
	}
	return found, nil
}
