package stripepay

import (
	"fmt"
	"strconv"
	"strings"

	"fieldpay/action"
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
const minimums = " usd:50 eur:50 aud:50 brl:50 cad:50 chf:50 inr:50 jpy:50 nzd:50 sgd:50 gbp:30 aed:200 myr:200 pln:200 ron:200 " +
	"bgn:100 czk:1500 dkk:250 hkd:400 huf:17500 mxn:1000 thb:1000 nok:300 sek:300 "

// Chargeable reports whether Stripe can charge m: nil, or an *action.Error of
// code InvalidPayload that names the field amount.
func Chargeable(m action.Money) error {
	_, err := toStripe(m)
	return err
}

// toStripe is m in Stripe's units.
func toStripe(m action.Money) (int64, error) {
	if m.Minor <= 0 {
		return 0, unchargeable("must be more than zero")
	}
	if m.Minor > action.MaxAmount {
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
	case amount < minimum(m.Currency):
		return 0, unchargeable(fmt.Sprintf("is less than the %s that a card can be charged",
			action.Money{Minor: fromStripe(minimum(m.Currency), m.Currency), Currency: m.Currency}))
	}
	return amount, nil
}

// fromStripe is an amount of Stripe's in minor units. The currencies sent in
// hundredths have whole ones only, so nothing is cut off.
func fromStripe(amount int64, c action.Currency) int64 {
	switch {
	case among(sentInHundredths, c):
		return amount / 100
	case among(sentWithoutCents, c):
		return amount * 100
	default:
		return amount
	}
}

func minimum(c action.Currency) int64 {
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

func among(list string, c action.Currency) bool {
	return strings.Contains(list, " "+string(c.Normal())+" ")
}

func unchargeable(why string) error {
	return &action.Error{Code: action.InvalidPayload, Op: "checking the amount", Fields: map[string]string{"amount": why}}
}
