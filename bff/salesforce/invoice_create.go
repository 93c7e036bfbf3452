package salesforce

import (
	"context"
	"strconv"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// createInvoice makes an invoice and its lines in one call: a graph in which
// the lines point to the invoice that the first step makes.
func (c *Client) createInvoice(ctx context.Context, e bff.Effect, p *action.CreateInvoice) (bff.Applied, error) {
	g, err := c.invoiceGraph(e, p)
	if err != nil {
		return bff.Applied{}, err
	}
	done, err := c.createGraph(ctx, g)
	return c.invoiceMade(ctx, e, p, graphResult{done, err})
}

// invoiceMade reads what came of the graph of an invoice.
func (c *Client) invoiceMade(ctx context.Context, e bff.Effect, p *action.CreateInvoice, g graphResult) (bff.Applied, error) {
	const op = "creating the invoice"
	if isRefusal(g.err, duplicateValue) {
		return c.createdBefore(ctx, e, p)
	}
	if g.err != nil {
		return bff.Applied{}, failedFor(op, notDeployed, g.err)
	}
	var made created
	if err := g.steps.read("invoice", &made); err != nil {
		return bff.Applied{}, failed(op, err)
	}
	return bff.Applied{ServerID: made.ID, Version: firstVersion}, nil
}

// firstVersion is what the org gives a new invoice.
const firstVersion = 1

func (c *Client) invoiceGraph(e bff.Effect, p *action.CreateInvoice) (graph, error) {
	id := e.Action.RecordID(p)
	g := graph{ID: "invoice", Steps: []subrequest{c.insert("invoice", invoiceObject, invoiceRecord(e, p))}}
	if len(p.Lines) == 0 {
		return g, nil
	}
	totals, err := action.TotalOf(p.Lines)
	if err != nil {
		return graph{}, failed("summing the lines", err)
	}
	for i, l := range p.Lines {
		position := strconv.Itoa(i + 1)
		line := record{
			"Line_Key__c": id + ":" + position, "Invoice__c": "@{invoice.id}", "Position__c": i + 1,
			"Quantity__c": l.Quantity, "Unit_Price__c": l.UnitPrice, "Discount__c": l.Discount, "Net__c": totals.Nets[i],
		}
		line.text("Description__c", plain(l.Description))
		line.text("Tax_Rate__c", l.TaxRate)
		g.Steps = append(g.Steps, c.insert("line"+position, lineObject, line))
	}
	return g, nil
}

func invoiceRecord(e bff.Effect, p *action.CreateInvoice) record {
	r := record{
		invoiceID: e.Action.RecordID(p), actionID: key(e.Action.ID),
		"Amount__c": p.Total(), "Currency__c": string(p.Currency.Normal()), "Status__c": action.InvoiceDraft,
	}
	r.parent("Account__c", "Account__r", externalID, p.AccountID)
	r.parent("Contact__c", "Contact__r", externalID, p.ContactID)
	r.text("Description__c", plain(p.Description))
	r.text("Notes__c", plain(p.Notes))
	r.text("Due_Date__c", p.DueDate)
	r.text("Actor__c", e.Action.Actor)
	r.time("Effective_At__c", e.At)
	return r
}

// key is an action's id in the one form that is stored.
func key(actionID string) string { return strings.ToLower(actionID) }

// plain keeps a text of a person from being read as a reference to another step
// of a composite call: "@{" is Salesforce's syntax, and there is no escape for
// it. A space inside is the smallest change that leaves the text readable.
func plain(text string) string { return strings.ReplaceAll(text, "@{", "@ {") }

// madeRow is an invoice as it is read back.
type madeRow struct {
	ID       string `json:"Id"`
	ClientID string `json:"Client_Invoice_Id__c"`
	ActionID string `json:"Action_Id__c"`
	Version  number `json:"Version__c"`
}

const selectMade = "SELECT Id, Client_Invoice_Id__c, Action_Id__c, Version__c FROM Invoice__c WHERE "

// createdBefore finds out what a duplicate is: our own invoice of an earlier
// send, or one that another action made under the same id.
func (c *Client) createdBefore(ctx context.Context, e bff.Effect, p *action.CreateInvoice) (bff.Applied, error) {
	const op = "reading the invoice back"
	id := e.Action.RecordID(p)
	rows, err := query[madeRow](ctx, c, selectMade+
		invoiceID+" = "+literal(id)+" OR "+actionID+" = "+literal(key(e.Action.ID)))
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	var other bool
	for _, r := range rows {
		ours, same := strings.EqualFold(r.ActionID, e.Action.ID), strings.EqualFold(r.ClientID, id)
		switch {
		case ours && same:
			return bff.Applied{ServerID: r.ID, Version: int64(r.Version)}, nil
		case ours:
			return bff.Applied{}, &action.Error{Code: action.ContentChanged, Op: op}
		}
		other = true
	}
	if other {
		return bff.Applied{}, &action.Error{Code: action.DuplicateRecord, Op: op}
	}
	return bff.Applied{}, inFlight(op)
}

// inFlight is the error for a duplicate that cannot be read back: another call
// holds the key and has not committed, or was rolled back since. The next try
// tells.
func inFlight(op string) error { return &action.Error{Code: action.RecordLocked, Op: op} }
