package action

import (
	"strconv"
	"time"
)

// Method is how money came into a person's hand.
type Method string

// The methods of money in hand.
const (
	Cash         Method = "cash"
	Check        Method = "check"
	BankTransfer Method = "bank_transfer"
	OtherMethod  Method = "other"
)

// Methods returns every method of money in hand.
func Methods() []Method { return []Method{Cash, Check, BankTransfer, OtherMethod} }

// RecordPayment books money that was already received. It is never refused for
// its amount: what does not fit the invoice is recorded unallocated and goes to
// review.
type RecordPayment struct {
	// ID is the payment's id; left out, the action's id is the payment's.
	ID        string   `json:"id,omitempty"`
	InvoiceID string   `json:"invoiceId"`
	Amount    int64    `json:"amount"`
	Currency  Currency `json:"currency"`
	Method    Method   `json:"method"`
	// Tendered is the cash that was handed over and Change what went back, in
	// minor units. Both or none.
	Tendered int64 `json:"tendered,omitempty"`
	Change   int64 `json:"change,omitempty"`
	// CheckNumber is required for a check, and only there.
	CheckNumber string `json:"checkNumber,omitempty"`
	// Reference is the sender's text of a transfer, or whatever helps to find it.
	Reference  string    `json:"reference,omitempty"`
	Note       string    `json:"note,omitempty"`
	ReceivedAt time.Time `json:"receivedAt,omitzero"`
}

var _ Payload = (*RecordPayment)(nil)

// Type is RecordPaymentType.
func (*RecordPayment) Type() Type { return RecordPaymentType }

// Record is the invoice that is paid: payments keep their order with it.
func (p *RecordPayment) Record() Record { return Record{Kind: InvoiceKind, ID: p.InvoiceID} }

// Validate checks every field, and that cash adds up.
func (p *RecordPayment) Validate() error {
	var f fieldErrors
	f.optionalID("id", p.ID)
	f.id("invoiceId", p.InvoiceID)
	f.positive("amount", p.Amount)
	f.currency("currency", p.Currency)
	f.text("reference", p.Reference, MaxName)
	f.text("note", p.Note, MaxText)
	p.validateMethod(&f)
	return f.err(InvalidPayload)
}

func (p *RecordPayment) validateMethod(f *fieldErrors) {
	switch p.Method {
	case Cash, Check, BankTransfer, OtherMethod:
	case "":
		f.add("method", "is required")
	default:
		f.add("method", "must be cash, check, bank_transfer or other")
	}
	if p.Method == Check {
		f.requiredText("checkNumber", p.CheckNumber, MaxRef)
	} else if p.CheckNumber != "" {
		f.add("checkNumber", "belongs to a check only")
	}
	if p.Tendered == 0 && p.Change == 0 {
		return
	}
	f.notNegative("tendered", p.Tendered)
	f.notNegative("change", p.Change)
	switch {
	case p.Method != Cash:
		f.add("tendered", "belongs to cash only")
	case p.Tendered < p.Amount:
		f.add("tendered", "is less than the amount")
	case p.Tendered-p.Amount != p.Change:
		f.add("change", "must be "+strconv.FormatInt(p.Tendered-p.Amount, 10))
	}
}
