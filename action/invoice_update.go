package action

import "slices"

// Invoice statuses of the reference. Status on the wire is derived from the
// balance; only a move between the open ones can be asked for.
const (
	InvoiceDraft   = "draft"
	InvoicePending = "pending"
	InvoicePaidUp  = "paid"
	InvoiceFailed  = "failed"
)

// UpdateInvoice patches fields of an invoice. A nil field stays as it is.
type UpdateInvoice struct {
	InvoiceID string `json:"invoiceId"`
	// BaseVersion is the version the person saw; 0 when an action of this very
	// device precedes in the lane, or when the client keeps no versions.
	BaseVersion           int64   `json:"baseVersion,omitempty"`
	Status                *string `json:"status,omitempty"`
	StripePaymentIntentID *string `json:"stripePaymentIntentId,omitempty"`
	ContactID             *string `json:"contactId,omitempty"`
	Description           *string `json:"description,omitempty"`
	Notes                 *string `json:"notes,omitempty"`
	DueDate               *string `json:"dueDate,omitempty"`
}

var _ Payload = (*UpdateInvoice)(nil)

// Type is UpdateInvoiceType.
func (*UpdateInvoice) Type() Type { return UpdateInvoiceType }

// Record is the invoice that is changed.
func (p *UpdateInvoice) Record() Record { return Record{Kind: InvoiceKind, ID: p.InvoiceID} }

// Validate checks every field that is set; at least one must be.
func (p *UpdateInvoice) Validate() error {
	var f fieldErrors
	f.id("invoiceId", p.InvoiceID)
	f.notNegative("baseVersion", p.BaseVersion)
	if p.Status != nil && !slices.Contains([]string{InvoiceDraft, InvoicePending, InvoiceFailed}, *p.Status) {
		f.add("status", "must be draft, pending or failed; paid follows from the payments")
	}
	if p.StripePaymentIntentID != nil {
		f.id("stripePaymentIntentId", *p.StripePaymentIntentID)
	}
	if p.ContactID != nil {
		f.optionalID("contactId", *p.ContactID)
	}
	if p.Description != nil {
		f.text("description", *p.Description, MaxName)
	}
	if p.Notes != nil {
		f.text("notes", *p.Notes, MaxText)
	}
	if p.DueDate != nil {
		f.date("dueDate", *p.DueDate)
	}
	if p.empty() {
		f.add("description", "or another field must be given: there is nothing to change")
	}
	return f.err(InvalidPayload)
}

func (p *UpdateInvoice) empty() bool {
	return p.Status == nil && p.StripePaymentIntentID == nil && p.ContactID == nil &&
		p.Description == nil && p.Notes == nil && p.DueDate == nil
}
