package salesforce

import (
	"cmp"
	"context"

	"fieldpay/action"
	"fieldpay/bff"
)

// voidInvoice takes an invoice out of use. One that money was received on stays
// as it is and goes to a person: what becomes of the money is not the rep's to
// say. Money that arrives between the look and the change does not move the
// version, so it shows only afterwards; the invoice is void then, and the same
// person is told.
func (c *Client) voidInvoice(ctx context.Context, e bff.Effect, p *action.VoidInvoice) (bff.Applied, error) {
	const op = "voiding the invoice"
	fields := record{"Status__c": statusVoid}
	fields.text("Void_Reason__c", plain(p.Reason))
	for range maxGuardTries {
		before, applied, err := c.beforeChange(ctx, e, p.InvoiceID)
		switch {
		case err != nil:
			return bff.Applied{}, err
		case applied != nil:
			return voided(*applied, before), nil
		case before.voided():
			// Somebody else did it: what was wanted is so.
			return bff.Applied{ServerID: before.ID, Version: int64(before.Version)}, nil
		case before.Paid > 0:
			return bff.Applied{}, &action.Error{Code: action.MoneyReceived, Op: op}
		}
		done, after, err := c.changeInvoice(ctx, e, invoiceChange{p.InvoiceID, cmp.Or(p.BaseVersion, int64(before.Version)), fields})
		if p.BaseVersion != 0 || action.CodeOf(err) != action.VersionConflict {
			return voided(done, after), err
		}
	}
	return bff.Applied{}, &action.Error{Code: action.RecordLocked, Op: op}
}

// voided adds to what was done whether a person must look at it.
func voided(done bff.Applied, invoice invoiceRow) bff.Applied {
	if invoice.Paid > 0 {
		done.Note = action.MoneyReceived
	}
	return done
}
