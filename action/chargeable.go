package action

import (
	"fmt"
	"strconv"
	"strings"
)

// maxCharge is Stripe's largest amount: eight digits, in Stripe's own units.
// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
const maxCharge = 99_999_999

// Stripe's units are the minor units of ISO 4217 but for three currencies: two
// that have none since ISO dropped them are still sent in hundredths, of which
// there are only whole ones, and one is sent without its fifths.
// https://docs.stripe.com/currencies#special-cases
const (
	sentInHundredths = " isk ugx "
	sentWithoutCents = " mga "
)

// minimums are Stripe's smallest amounts, in Stripe's units, for the currencies
// that have one. They hold for an account that settles in the same currency.
// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
const minimums = " usd:50 eur:50 aud:50 brl:50 cad:50 chf:50 inr:50 jpy:50 nzd:50 sgd:50 gbp:30 aed:200 myr:200 pln:200 ron:200 " +
	"bgn:100 czk:1500 dkk:250 hkd:400 huf:17500 mxn:1000 thb:1000 nok:300 sek:300 "

// Chargeable reports whether Stripe can charge m to a card: nil, or an *Error
// of code InvalidPayload that names the field amount.
func Chargeable(m Money) error {
	_, err := m.ToStripe()
	return err
}

// ToStripe is m in Stripe's units, which are the minor units of ISO 4217 but
// for a few currencies. The error is that of [Chargeable].
func (m Money) ToStripe() (int64, error) {
	amount, err := StripeUnits(m)
	switch {
	case err != nil:
		return 0, err
	case amount < minimumCharge(m.Currency):
		return 0, unchargeable(fmt.Sprintf("is less than the %s that a card can be charged", FromStripe(minimumCharge(m.Currency), m.Currency)))
	default:
		return amount, nil
	}
}

// StripeUnits is m in Stripe's units, of any size that Stripe can express: what
// is given back may be less than can be charged.
func StripeUnits(m Money) (int64, error) {
	if m.Minor <= 0 {
		return 0, unchargeable("must be more than zero")
	}
	if m.Minor > MaxAmount {
		return 0, unchargeable("is more than a card can be charged at once")
	}
	amount := m.Minor
	switch {
	case among(sentInHundredths, m.Currency):
		amount *= 100
	case among(sentWithoutCents, m.Currency) && amount%100 != 0:
		return 0, unchargeable("must be whole, without smaller units, to be charged to a card")
	case among(sentWithoutCents, m.Currency):
		amount /= 100
	}
	switch {
	case m.Currency.Digits() == 3 && amount%10 != 0:
		return 0, unchargeable("must end in 0 to be charged to a card")
	case amount > maxCharge:
		return 0, unchargeable("is more than a card can be charged at once")
	}
	return amount, nil
}

// FromStripe is an amount in Stripe's units as money. The currencies sent in
// hundredths have whole ones only, so nothing is cut off.
func FromStripe(amount int64, c Currency) Money {
	switch {
	case among(sentInHundredths, c):
		amount /= 100
	case among(sentWithoutCents, c):
		amount *= 100
	}
	return Money{Minor: amount, Currency: c}
}

func minimumCharge(c Currency) int64 {
	_, rest, found := strings.Cut(minimums, " "+string(c.Normal())+":")
	if !found {
		return 1
	}
	digits, _, _ := strings.Cut(rest, " ")
	least, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 1
	}
	return least
}

func among(list string, c Currency) bool {
	return strings.Contains(list, " "+string(c.Normal())+" ")
}

func unchargeable(why string) error {
	return &Error{Code: InvalidPayload, Op: "checking the amount", Fields: map[string]string{"amount": why}}
}
