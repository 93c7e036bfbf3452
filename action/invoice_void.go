package action

// VoidInvoice takes an invoice out of use: it asks for nothing any more. An
// invoice that money was received on is not voided; a person decides.
type VoidInvoice struct {
	InvoiceID string `json:"invoiceId"`
	// BaseVersion is the version the person saw; 0 when an action of this very
	// device precedes in the lane, or when the client keeps no versions.
	BaseVersion int64 `json:"baseVersion,omitempty"`
	// Reason is why, for the office.
	Reason string `json:"reason,omitempty"`
}

var _ Payload = (*VoidInvoice)(nil)

// Type is VoidInvoiceType.
func (*VoidInvoice) Type() Type { return VoidInvoiceType }

// Record is the invoice that is voided.
func (p *VoidInvoice) Record() Record { return Record{Kind: InvoiceKind, ID: p.InvoiceID} }

// Validate checks every field.
func (p *VoidInvoice) Validate() error {
	var f fieldErrors
	f.id("invoiceId", p.InvoiceID)
	f.notNegative("baseVersion", p.BaseVersion)
	f.text("reason", p.Reason, MaxName)
	return f.err(InvalidPayload)
}
