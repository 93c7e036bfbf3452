package action

// SyncPayment reports an online card payment. The server verifies it against
// Stripe and believes nothing of it.
type SyncPayment struct {
	InvoiceID       string `json:"invoiceId"`
	PaymentIntentID string `json:"paymentIntentId"`
	ChargeID        string `json:"chargeId,omitempty"`
}

var _ Payload = (*SyncPayment)(nil)

// Type is SyncPaymentType.
func (*SyncPayment) Type() Type { return SyncPaymentType }

// Record is the invoice that was paid.
func (p *SyncPayment) Record() Record { return Record{Kind: InvoiceKind, ID: p.InvoiceID} }

// Validate checks the ids.
func (p *SyncPayment) Validate() error {
	var f fieldErrors
	f.id("invoiceId", p.InvoiceID)
	f.id("paymentIntentId", p.PaymentIntentID)
	f.optionalID("chargeId", p.ChargeID)
	return f.err(InvalidPayload)
}
