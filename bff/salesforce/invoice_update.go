package salesforce

import (
	"cmp"
	"context"

	"fieldpay/action"
	"fieldpay/bff"
)

// maxGuardTries is how often a change of status is tried against an invoice
// that somebody else is editing at the same time.
const maxGuardTries = 4

// updateInvoice changes fields of an invoice: in one transaction, a ledger row
// that a repeat cannot insert again, then the patch, guarded by the version
// that the person saw.
func (c *Client) updateInvoice(ctx context.Context, e bff.Effect, p *action.UpdateInvoice) (bff.Applied, error) {
	if p.Status == nil {
		done, _, err := c.changeInvoice(ctx, e, invoiceChange{p.InvoiceID, p.BaseVersion, invoicePatch(p)})
		return done, err
	}
	// A new status must not bring a voided invoice back to life. The version
	// that was read with the status guards the patch, so a void in between is
	// seen as well.
	for range maxGuardTries {
		before, applied, err := c.beforeChange(ctx, e, p.InvoiceID)
		switch {
		case err != nil || applied != nil:
			return orZero(applied), err
		case before.voided():
			return bff.Applied{}, &action.Error{Code: action.InvoiceVoided, Op: "changing the invoice"}
		}
		done, _, err := c.changeInvoice(ctx, e, invoiceChange{
			p.InvoiceID, cmp.Or(p.BaseVersion, int64(before.Version)), invoicePatch(p),
		})
		if p.BaseVersion != 0 || action.CodeOf(err) != action.VersionConflict {
			return done, err
		}
	}
	return bff.Applied{}, &action.Error{Code: action.RecordLocked, Op: "changing the invoice"}
}

func invoicePatch(p *action.UpdateInvoice) record {
	r := record{}
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
