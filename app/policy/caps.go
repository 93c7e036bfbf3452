package policy

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fieldpay/action"
)

// Caps limit the money that the device takes in while the server does not know
// of it. A currency that a list does not name has no limit; neither has a device
// without a policy.
type Caps struct {
	// Payment is the most that one payment may be, and Total the most that unsent
	// payments may come to: at most one entry for each currency. Members
	// "capPayment" and "capTotal" write them as "500.00 EUR, 450.00 USD".
	Payment, Total []action.Money
	// Age, member "capAgeHours", is how old the oldest unsent work may get before
	// no further payment is taken; 0 is no limit.
	Age time.Duration
}

// PaymentIn returns the most that one payment of a currency may be; false is no
// limit.
func (c Caps) PaymentIn(currency action.Currency) (action.Money, bool) {
	return in(c.Payment, currency)
}

// TotalIn returns the most that unsent payments of a currency may come to; false
// is no limit.
func (c Caps) TotalIn(currency action.Currency) (action.Money, bool) { return in(c.Total, currency) }

func in(amounts []action.Money, currency action.Currency) (action.Money, bool) {
	for _, m := range amounts {
		if m.Currency == currency.Normal() {
			return m, true
		}
	}
	return action.Money{}, false
}

// amounts takes amounts of different currencies.
func amounts(to *[]action.Money) func(any) error {
	return func(value any) error {
		v, ok := value.(string)
		if !ok {
			return errors.New(`must be a text such as "500.00 EUR, 450.00 USD"`)
		}
		for part := range strings.SplitSeq(v, ",") {
			amount, currency, _ := strings.Cut(strings.TrimSpace(part), " ")
			m, err := action.ParseMoney(amount, action.Currency(strings.TrimSpace(currency)), action.PlainNumbers())
			if err != nil {
				return fmt.Errorf("must have an amount and a currency, such as 500.00 EUR, in place of %q", strings.TrimSpace(part))
			}
			if _, twice := in(*to, m.Currency); twice {
				return fmt.Errorf("must name %s once", strings.ToUpper(string(m.Currency)))
			}
			*to = append(*to, m)
		}
		return nil
	}
}
