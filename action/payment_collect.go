package action

import "strings"

// CollectMethod is how money is to be collected once the server is reached.
type CollectMethod string

// The methods of money that is still to be collected.
const (
	// CardOnFile charges a card that the customer saved at Stripe before.
	CardOnFile CollectMethod = "card_on_file"
	// PaymentLink makes a page at Stripe where the customer pays.
	PaymentLink CollectMethod = "payment_link"
)

// CollectMethods returns every method of money that is to be collected.
func CollectMethods() []CollectMethod { return []CollectMethod{CardOnFile, PaymentLink} }

// CollectPayment asks the server to collect money: nothing has been received,
// and nothing is until Stripe says so. There is no card number in it, only the
// token of a card that Stripe keeps.
type CollectPayment struct {
	InvoiceID string `json:"invoiceId"`
	// Amount is what the customer agreed to, in minor units. The server charges
	// it only if it is the open balance, or a part of it with Partial.
	Amount   int64         `json:"amount"`
	Currency Currency      `json:"currency"`
	Partial  bool          `json:"partial,omitempty"`
	Method   CollectMethod `json:"method"`
	// CardID is Stripe's token of the saved card, pm_…; for a card on file only.
	CardID string `json:"cardId,omitempty"`
}

var _ Payload = (*CollectPayment)(nil)

// Type is CollectPaymentType.
func (*CollectPayment) Type() Type { return CollectPaymentType }

// Record is the invoice that is to be paid: payments keep their order with it.
func (p *CollectPayment) Record() Record { return Record{Kind: InvoiceKind, ID: p.InvoiceID} }

// Validate checks every field, and that Stripe can charge the amount.
func (p *CollectPayment) Validate() error {
	var f fieldErrors
	f.id("invoiceId", p.InvoiceID)
	f.positive("amount", p.Amount)
	f.currency("currency", p.Currency)
	if p.Amount > 0 && p.Currency.Known() {
		if err := Chargeable(Money{Minor: p.Amount, Currency: p.Currency}); err != nil {
			f.add("amount", FieldsOf(err)["amount"])
		}
	}
	switch p.Method {
	case CardOnFile:
		f.id("cardId", p.CardID)
		if !strings.HasPrefix(p.CardID, "pm_") {
			// Digits would pass as an id; a card's number must never be kept.
			f.add("cardId", "is not the token of a saved card")
		}
	case PaymentLink:
		if p.CardID != "" {
			f.add("cardId", "belongs to a card on file only")
		}
	case "":
		f.add("method", "is required")
	default:
		f.add("method", "must be card_on_file or payment_link")
	}
	return f.err(InvalidPayload)
}
