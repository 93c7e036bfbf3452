package action

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// MaxAmount is the largest amount of one record in minor units. It keeps 15
// digits: inside Number(18,0) of Salesforce with room for sums, and inside the
// integers that JavaScript holds exactly (2^53).
const MaxAmount = 999_999_999_999_999

// Money is an amount in minor units of a currency. Never a float.
type Money struct {
	Minor    int64
	Currency Currency
}

// String writes the money plainly, e.g. "1250.00 USD": for logs of tests and
// for consoles. Screens format by locale.
func (m Money) String() string {
	return m.Decimal() + " " + strings.ToUpper(string(m.Currency))
}

// Decimal writes the amount with a decimal point and all minor digits.
func (m Money) Decimal() string {
	digits := m.Currency.Digits()
	sign, magnitude := "", m.Minor
	text := strconv.FormatInt(magnitude, 10)
	if magnitude < 0 {
		sign, text = "-", text[1:]
	}
	if digits == 0 {
		return sign + text
	}
	if len(text) <= digits {
		text = strings.Repeat("0", digits-len(text)+1) + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// ParseMoney reads what a person typed as an amount of a currency, in the
// notation of format. It is strict: a second decimal mark, a group in the wrong
// place, a letter, a sign, or more decimals than the currency has are errors,
// because a guess about money is worse than a question.
func ParseMoney(text string, c Currency, format NumberFormat) (Money, error) {
	if !c.Known() {
		return Money{}, &Error{Code: InvalidPayload, Message: fmt.Sprintf("%q is not a currency", clip(string(c), 8))}
	}
	d, err := format.parse(text, c.Digits())
	if err != nil {
		return Money{}, err
	}
	minor := d.scaledTo(c.Digits())
	if !minor.IsInt64() || minor.Int64() > MaxAmount {
		return Money{}, &Error{Code: InvalidPayload, Message: "The amount is too large"}
	}
	return Money{Minor: minor.Int64(), Currency: c.Normal()}, nil
}

// decimal is an exact decimal number: unscaled / 10^scale.
type decimal struct {
	unscaled *big.Int
	scale    int
}

func (d decimal) scaledTo(scale int) *big.Int {
	return new(big.Int).Mul(d.unscaled, pow10(scale-d.scale))
}

func pow10(n int) *big.Int {
	power := int64(1)
	for range n { // at most the decimals of a quantity or a rate, and two
		power *= 10
	}
	return big.NewInt(power)
}

// parseDecimal reads the plain notation of stored payloads: digits with an
// optional point, no sign, no exponent, no grouping, no needless zeros in
// front. maxInt and maxFrac limit the digits on either side of the point.
func parseDecimal(s string, maxInt, maxFrac int) (decimal, bool) {
	whole, frac, point := strings.Cut(s, ".")
	switch {
	case !allDigits(whole), point && !allDigits(frac):
		return decimal{}, false
	case len(whole) > maxInt, len(frac) > maxFrac, len(whole) > 1 && whole[0] == '0':
		return decimal{}, false
	}
	if len(whole)+len(frac) > 18 {
		n, _ := new(big.Int).SetString(whole+frac, 10)
		return decimal{unscaled: n, scale: len(frac)}, true
	}
	n := int64(0)
	for _, part := range [...]string{whole, frac} {
		for _, digit := range []byte(part) {
			n = n*10 + int64(digit-'0')
		}
	}
	return decimal{unscaled: big.NewInt(n), scale: len(frac)}, true
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// divHalfUp divides two non-negative integers and rounds half up.
func divHalfUp(n, d *big.Int) *big.Int {
	twice := new(big.Int).Lsh(n, 1)
	twice.Add(twice, d)
	return twice.Quo(twice, new(big.Int).Lsh(d, 1))
}
