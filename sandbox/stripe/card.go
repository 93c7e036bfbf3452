package stripe

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// testCard is a card that Stripe documents for tests, and what a charge on it does.
type testCard struct {
	name  string // after pm_card_ or tok_
	brand string
	last4 string
	// code and decline say how a charge fails; empty means it succeeds.
	code, decline, message string
	// authenticate asks the customer to act before any charge.
	authenticate bool
	// refusesAttach fails when the card is saved to a customer.
	refusesAttach bool
}

func testCards() []testCard {
	const declined = "Your card was declined."
	return []testCard{
		{name: "visa", brand: "visa", last4: "4242"},
		{name: "visa_debit", brand: "visa", last4: "5556"},
		{name: "mastercard", brand: "mastercard", last4: "4444"},
		{name: "mastercard_debit", brand: "mastercard", last4: "3222"},
		{name: "mastercard_prepaid", brand: "mastercard", last4: "5100"},
		{name: "amex", brand: "amex", last4: "8431"},
		{name: "discover", brand: "discover", last4: "1117"},
		{name: "diners", brand: "diners", last4: "0004"},
		{name: "jcb", brand: "jcb", last4: "0505"},
		{name: "unionpay", brand: "unionpay", last4: "0005"},
		{name: "chargeDeclined", brand: "visa", last4: "0002", code: "card_declined", decline: "generic_decline", message: declined, refusesAttach: true},
		{name: "visa_chargeDeclined", brand: "visa", last4: "0002", code: "card_declined", decline: "generic_decline", message: declined, refusesAttach: true},
		{name: "chargeDeclinedInsufficientFunds", brand: "visa", last4: "9995", code: "card_declined", decline: "insufficient_funds", message: "Your card has insufficient funds."},
		{name: "visa_chargeDeclinedInsufficientFunds", brand: "visa", last4: "9995", code: "card_declined", decline: "insufficient_funds", message: "Your card has insufficient funds."},
		{name: "chargeDeclinedLostCard", brand: "visa", last4: "9987", code: "card_declined", decline: "lost_card", message: declined},
		{name: "visa_chargeDeclinedLostCard", brand: "visa", last4: "9987", code: "card_declined", decline: "lost_card", message: declined},
		{name: "chargeDeclinedStolenCard", brand: "visa", last4: "9979", code: "card_declined", decline: "stolen_card", message: declined},
		{name: "visa_chargeDeclinedStolenCard", brand: "visa", last4: "9979", code: "card_declined", decline: "stolen_card", message: declined},
		{name: "chargeDeclinedFraudulent", brand: "visa", last4: "0019", code: "card_declined", decline: "fraudulent", message: declined},
		{name: "chargeDeclinedExpiredCard", brand: "visa", last4: "0069", code: "expired_card", message: "Your card has expired."},
		{name: "chargeDeclinedIncorrectCvc", brand: "visa", last4: "0127", code: "incorrect_cvc", message: "Your card's security code is incorrect."},
		{name: "chargeDeclinedProcessingError", brand: "visa", last4: "0119", code: "processing_error", message: "An error occurred while processing your card. Try again in a little bit."},
		{name: "chargeCustomerFail", brand: "visa", last4: "0341", code: "card_declined", decline: "generic_decline", message: declined},
		{name: "authenticationRequired", brand: "visa", last4: "3184", authenticate: true},
		{name: "threeDSecureRequired", brand: "visa", last4: "3220", authenticate: true},
		{name: "threeDSecure2Required", brand: "visa", last4: "3220", authenticate: true},
		{name: "authenticationRequiredChargeDeclinedInsufficientFunds", brand: "visa", last4: "3178", authenticate: true,
			code: "card_declined", decline: "insufficient_funds", message: "Your card has insufficient funds."},
	}
}

// fingerprint is the same for each method made of one card, and what its behaviour is found by.
func (c testCard) fingerprint() string {
	sum := sha256.Sum256([]byte(c.brand + c.last4 + c.decline + c.code))
	return hex.EncodeToString(sum[:8])
}

func (c testCard) card(year int) Card {
	return Card{Brand: c.brand, Last4: c.last4, Country: "US", Funding: "credit", Fingerprint: c.fingerprint(), ExpMonth: 12, ExpYear: year}
}

// cardOf finds the test card behind a method.
func cardOf(m PaymentMethod) testCard {
	for _, c := range testCards() {
		if c.fingerprint() == m.Card.Fingerprint {
			return c
		}
	}
	return testCard{}
}

// cardNamed finds the test card of a token: pm_card_visa or tok_visa.
func cardNamed(token string) (testCard, bool) {
	name, ok := strings.CutPrefix(token, "pm_card_")
	if !ok {
		if name, ok = strings.CutPrefix(token, "tok_"); !ok {
			return testCard{}, false
		}
	}
	for _, c := range testCards() {
		if c.name == name {
			return c, true
		}
	}
	return testCard{}, false
}
