package salesforce

import (
	"context"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

const (
	ledgerStep  = "ledger"
	readVersion = "?fields=Id,Version__c,Status__c,Paid__c"
)

// invoiceChange is a patch of one invoice. A base of 0 does not guard it.
type invoiceChange struct {
	invoiceID string
	base      int64
	fields    record
}

// changeInvoice changes an invoice once: in one transaction, a ledger row that
// a repeat cannot insert again, then the patch, guarded by the version that it
// is based on, then a look at what is there now.
func (c *Client) changeInvoice(ctx context.Context, e bff.Effect, ch invoiceChange) (bff.Applied, invoiceRow, error) {
	const op = "changing the invoice"
	path := object(invoiceObject, invoiceID, ch.invoiceID)
	patch := path
	if !isServerID(ch.invoiceID) {
		patch += "?updateOnly=true" // a PATCH by External ID would make what is not there
	}
	if ch.base > 0 {
		ch.fields["Base_Version__c"] = ch.base
	}
	done, err := c.transaction(ctx,
		c.insert(ledgerStep, ledgerObject, record{
			actionID: key(e.Action.ID), "Type__c": string(e.Action.Type), "Record_Id__c": ch.invoiceID, "Hash__c": e.Hash,
		}),
		c.patch("change", patch, ch.fields),
		c.read("invoice", path+readVersion))
	if isRefusal(err, duplicateValue) {
		return c.changedBefore(ctx, e, ch.invoiceID)
	}
	if err != nil {
		return bff.Applied{}, invoiceRow{}, failedFor(op, action.UnknownInvoice, err)
	}
	var invoice invoiceRow
	if err := done.read("invoice", &invoice); err != nil {
		return bff.Applied{}, invoiceRow{}, failed(op, err)
	}
	return bff.Applied{ServerID: invoice.ID, Version: int64(invoice.Version)}, invoice, nil
}

// beforeChange reads the invoice and, in the same call, whether this very
// change was made before.
func (c *Client) beforeChange(ctx context.Context, e bff.Effect, id string) (invoiceRow, *bff.Applied, error) {
	const op = "reading the invoice to change"
	seen, err := c.ledgerAndInvoice(ctx, e, id)
	if err != nil {
		return invoiceRow{}, nil, failed(op, err)
	}
	var invoice invoiceRow
	if err := seen.read("invoice", &invoice); err != nil {
		return invoiceRow{}, nil, failedFor(op, action.UnknownInvoice, err)
	}
	var ledger ledgerRow
	switch err := seen.read(ledgerStep, &ledger); {
	case err == nil:
		applied, err := ledger.applied(e, id, invoice)
		return invoice, &applied, err
	case !isRefusal(err, notFound):
		return invoiceRow{}, nil, failed(op, err)
	}
	return invoice, nil, nil
}

func orZero(a *bff.Applied) bff.Applied {
	if a == nil {
		return bff.Applied{}
	}
	return *a
}

func (c *Client) ledgerAndInvoice(ctx context.Context, e bff.Effect, id string) (results, error) {
	return c.lookups(ctx,
		c.read(ledgerStep, object(ledgerObject, actionID, key(e.Action.ID))+"?fields=Id,Hash__c,Record_Id__c"),
		c.read("invoice", object(invoiceObject, invoiceID, id)+readVersion))
}

type ledgerRow struct {
	Hash     string `json:"Hash__c"`
	RecordID string `json:"Record_Id__c"`
}

// applied answers a repeat, after checking that it is one: the same id with
// other content is a forgery or a fault.
func (l ledgerRow) applied(e bff.Effect, id string, invoice invoiceRow) (bff.Applied, error) {
	if !strings.EqualFold(l.RecordID, id) || l.Hash != e.Hash {
		return bff.Applied{}, &action.Error{Code: action.ContentChanged, Op: "reading the change back"}
	}
	return bff.Applied{ServerID: invoice.ID, Version: int64(invoice.Version)}, nil
}

// changedBefore reads back what a change left behind whose ledger row is there.
func (c *Client) changedBefore(ctx context.Context, e bff.Effect, id string) (bff.Applied, invoiceRow, error) {
	const op = "reading the change back"
	seen, err := c.ledgerAndInvoice(ctx, e, id)
	if err != nil {
		return bff.Applied{}, invoiceRow{}, failed(op, err)
	}
	var ledger ledgerRow
	if err := seen.read(ledgerStep, &ledger); err != nil {
		if isRefusal(err, notFound) {
			return bff.Applied{}, invoiceRow{}, inFlight(op)
		}
		return bff.Applied{}, invoiceRow{}, failed(op, err)
	}
	var invoice invoiceRow
	if err := seen.read("invoice", &invoice); err != nil {
		return bff.Applied{}, invoiceRow{}, failedFor(op, action.UnknownInvoice, err)
	}
	applied, err := ledger.applied(e, id, invoice)
	return applied, invoice, err
}
