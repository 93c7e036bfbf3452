package salesforce

import (
	"fmt"
	"maps"
	"strings"
)

const (
	fieldVersion     = "Version__c"
	fieldBaseVersion = "Base_Version__c"
	fieldPaid        = "Paid__c"
	fieldAllocated   = "Allocated__c"
)

// beforeSave is the org's automation that runs before validation: it counts the versions of an invoice, whoever
// edits it, and composes the name of a contact.
func beforeSave(o *object, prior, r record) {
	switch o.name {
	case "Invoice__c":
		r[fieldVersion] = int64(1)
		if prior != nil {
			r[fieldVersion] = prior.number(fieldVersion) + 1
		}
		if c := r.text("Currency__c"); c != "" {
			r["Currency__c"] = strings.ToLower(c)
		}
	case "Contact":
		r["Name"] = strings.TrimSpace(r.text("FirstName") + " " + r.text("LastName"))
	}
}

// validate is the org's validation rules.
func validate(o *object, prior, r record) *apiError {
	switch o.name {
	case "Invoice__c":
		return validateInvoice(prior, r)
	case "Payment__c":
		if r.number("Amount__c") <= 0 {
			return fail("FIELD_CUSTOM_VALIDATION_EXCEPTION", []string{"Amount__c"}, "The amount of a payment must be more than zero.")
		}
	}
	return nil
}

func validateInvoice(prior, r record) *apiError {
	base, guarded := r[fieldBaseVersion].(int64)
	if prior == nil || !guarded || base == prior.number(fieldVersion) {
		return nil
	}
	message := fmt.Sprintf("VERSION_CONFLICT: the invoice is at version %d, the change was based on version %d.", prior.number(fieldVersion), base)
	return fail("FIELD_CUSTOM_VALIDATION_EXCEPTION", []string{fieldBaseVersion}, "%s", message)
}

// clearGuards empties the fields that only exist to be checked while saving.
func clearGuards(o *object, r record) {
	if o.name == "Invoice__c" {
		r[fieldBaseVersion] = nil
	}
}

// rollUp brings the roll-up summary of the invoice behind a payment up to date. It does not count as an edit: the
// version stays, since the automation only starts on changes to the invoice's own fields.
func (s *saver) rollUp(o *object, prior, r record) {
	if o.name != "Payment__c" {
		return
	}
	id := r.text("Invoice__c")
	invoices := s.schema.object("Invoice__c")
	invoice := s.table(invoices).rows[id]
	if invoice == nil {
		return
	}
	paid := invoice.number(fieldPaid) - share(prior) + share(r)
	if paid == invoice.number(fieldPaid) {
		return
	}
	next := maps.Clone(invoice)
	next[fieldPaid], next["SystemModstamp"] = paid, datetime(s.now)
	s.put(invoices, next)
}

// share is what a payment adds to its invoice. The invoice of a payment never changes: it is master-detail.
func share(payment record) int64 {
	if payment == nil || payment.flag("IsDeleted") || !payment.flag(fieldAllocated) {
		return 0
	}
	return payment.number("Amount__c")
}
