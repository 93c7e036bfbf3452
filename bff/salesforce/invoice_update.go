package salesforce

import (
	"cmp"
	"context"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

const (
	ledgerStep  = "ledger"
	readVersion = "?fields=Id,Version__c,Status__c"
	// maxGuardTries is how often a change of status is tried against an invoice
	// that somebody else is editing at the same time.
	maxGuardTries = 4
)

// updateInvoice changes fields of an invoice: in one transaction, a ledger row
// that a repeat cannot insert again, then the patch, guarded by the version
// that the person saw.
func (c *Client) updateInvoice(ctx context.Context, e bff.Effect, p *action.UpdateInvoice) (bff.Applied, error) {
	if p.Status == nil {
		return c.patchInvoice(ctx, e, p, p.BaseVersion)
	}
	// A new status must not bring a voided invoice back to life. The version
	// that was read with the status guards the patch, so a void in between is
	// seen as well.
	for range maxGuardTries {
		before, applied, err := c.beforeStatus(ctx, e, p)
		if err != nil || applied != nil {
			return orZero(applied), err
		}
		done, err := c.patchInvoice(ctx, e, p, cmp.Or(p.BaseVersion, int64(before.Version)))
		if p.BaseVersion != 0 || action.CodeOf(err) != action.VersionConflict {
			return done, err
		}
	}
	return bff.Applied{}, &action.Error{Code: action.RecordLocked, Op: "changing the invoice"}
}

func orZero(a *bff.Applied) bff.Applied {
	if a == nil {
		return bff.Applied{}
	}
	return *a
}

// beforeStatus reads the invoice and, in the same call, whether this very
// change was made before.
func (c *Client) beforeStatus(ctx context.Context, e bff.Effect, p *action.UpdateInvoice) (invoiceRow, *bff.Applied, error) {
	const op = "reading the invoice to change"
	seen, err := c.lookups(ctx,
		c.read(ledgerStep, object(ledgerObject, actionID, key(e.Action.ID))+"?fields=Id,Hash__c,Record_Id__c"),
		c.read("invoice", object(invoiceObject, invoiceID, p.InvoiceID)+readVersion))
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
		applied, err := ledger.applied(e, p, invoice)
		return invoice, &applied, err
	case !isRefusal(err, notFound):
		return invoiceRow{}, nil, failed(op, err)
	case invoice.voided():
		return invoiceRow{}, nil, &action.Error{Code: action.InvoiceVoided, Op: op}
	}
	return invoice, nil, nil
}

// patchInvoice makes the change. A base of 0 does not guard.
func (c *Client) patchInvoice(ctx context.Context, e bff.Effect, p *action.UpdateInvoice, base int64) (bff.Applied, error) {
	const op = "changing the invoice"
	path := object(invoiceObject, invoiceID, p.InvoiceID)
	patch := path
	if !isServerID(p.InvoiceID) {
		patch += "?updateOnly=true" // a PATCH by External ID would make what is not there
	}
	done, err := c.transaction(ctx,
		c.insert(ledgerStep, ledgerObject, record{
			actionID: key(e.Action.ID), "Type__c": string(e.Action.Type), "Record_Id__c": p.InvoiceID, "Hash__c": e.Hash,
		}),
		c.patch("change", patch, invoicePatch(p, base)),
		c.read("invoice", path+readVersion))
	if isRefusal(err, duplicateValue) {
		return c.changedBefore(ctx, e, p)
	}
	if err != nil {
		return bff.Applied{}, failedFor(op, action.UnknownInvoice, err)
	}
	var invoice invoiceRow
	if err := done.read("invoice", &invoice); err != nil {
		return bff.Applied{}, failed(op, err)
	}
	return bff.Applied{ServerID: invoice.ID, Version: int64(invoice.Version)}, nil
}

func invoicePatch(p *action.UpdateInvoice, base int64) record {
	r := record{}
	if base > 0 {
		r["Base_Version__c"] = base
	}
	for field, value := range map[string]*string{
		"Status__c": p.Status, intentID: p.StripePaymentIntentID, "Description__c": p.Description,
		"Notes__c": p.Notes, "Due_Date__c": p.DueDate,
	} {
		switch {
		case value == nil:
		case *value == "":
			r[field] = nil
		default:
			r[field] = plain(*value)
		}
	}
	if p.ContactID != nil && *p.ContactID == "" {
		r["Contact__c"] = nil
	} else if p.ContactID != nil {
		r.parent("Contact__c", "Contact__r", externalID, *p.ContactID)
	}
	return r
}

type ledgerRow struct {
	Hash     string `json:"Hash__c"`
	RecordID string `json:"Record_Id__c"`
}

// applied answers a repeat, after checking that it is one: the same id with
// other content is a forgery or a fault.
func (l ledgerRow) applied(e bff.Effect, p *action.UpdateInvoice, invoice invoiceRow) (bff.Applied, error) {
	if !strings.EqualFold(l.RecordID, p.InvoiceID) || l.Hash != e.Hash {
		return bff.Applied{}, &action.Error{Code: action.ContentChanged, Op: "reading the change back"}
	}
	return bff.Applied{ServerID: invoice.ID, Version: int64(invoice.Version)}, nil
}

// changedBefore reads back what a change left behind whose ledger row is there.
func (c *Client) changedBefore(ctx context.Context, e bff.Effect, p *action.UpdateInvoice) (bff.Applied, error) {
	const op = "reading the change back"
	seen, err := c.lookups(ctx,
		c.read(ledgerStep, object(ledgerObject, actionID, key(e.Action.ID))+"?fields=Id,Hash__c,Record_Id__c"),
		c.read("invoice", object(invoiceObject, invoiceID, p.InvoiceID)+readVersion))
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	var ledger ledgerRow
	if err := seen.read(ledgerStep, &ledger); err != nil {
		if isRefusal(err, notFound) {
			return bff.Applied{}, inFlight(op)
		}
		return bff.Applied{}, failed(op, err)
	}
	var invoice invoiceRow
	if err := seen.read("invoice", &invoice); err != nil {
		return bff.Applied{}, failedFor(op, action.UnknownInvoice, err)
	}
	return ledger.applied(e, p, invoice)
}
