package action_test

import (
	"fmt"
	"testing"

	"fieldpay/action"
)

func TestChargeable(t *testing.T) {
	tests := []struct {
		name  string
		money action.Money
		good  bool
	}{
		{"half a dollar", action.Money{Minor: 50, Currency: "usd"}, true},
		{"less than half a dollar", action.Money{Minor: 49, Currency: "USD"}, false},
		{"nothing", action.Money{Minor: 0, Currency: "usd"}, false},
		{"less than nothing", action.Money{Minor: -100, Currency: "usd"}, false},
		{"eight digits", action.Money{Minor: 99_999_999, Currency: "usd"}, true},
		{"nine digits", action.Money{Minor: 100_000_000, Currency: "usd"}, false},
		{"all that an int64 holds", action.Money{Minor: 1<<63 - 1, Currency: "isk"}, false},
		{"yen without decimals", action.Money{Minor: 50, Currency: "jpy"}, true},
		{"dinars that end in 0", action.Money{Minor: 1230, Currency: "kwd"}, true},
		{"dinars that do not", action.Money{Minor: 1234, Currency: "kwd"}, false},
		{"krónur, sent in hundredths", action.Money{Minor: 999_999, Currency: "isk"}, true},
		{"krónur that have too many digits in hundredths", action.Money{Minor: 1_000_000, Currency: "isk"}, false},
		{"whole ariary", action.Money{Minor: 500, Currency: "mga"}, true},
		{"a part of an ariary", action.Money{Minor: 520, Currency: "mga"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := action.Chargeable(tt.money)
			if (err == nil) != tt.good {
				t.Fatalf("error %v", err)
			}
			if err != nil && (action.CodeOf(err) != action.InvalidPayload || action.FieldsOf(err)["amount"] == "") {
				t.Errorf("code %s, fields %v", action.CodeOf(err), action.FieldsOf(err))
			}
		})
	}
}

// FuzzMoney_ToStripe holds what form and provider must agree on: what can be
// charged comes back as the same money, in at most eight digits of Stripe's.
func FuzzMoney_ToStripe(f *testing.F) {
	for _, c := range action.Currencies() {
		f.Add(int64(4200), string(c))
	}
	f.Add(int64(-1), "usd")
	f.Add(int64(1<<62), "ISK")
	f.Fuzz(func(t *testing.T, minor int64, code string) {
		m := action.Money{Minor: minor, Currency: action.Currency(code)}
		sent, err := m.ToStripe()
		if err != nil {
			if action.FieldsOf(err)["amount"] == "" {
				t.Errorf("%v names no field", err)
			}
			return
		}
		if back := action.FromStripe(sent, m.Currency); back != m || sent < 1 || sent > 99_999_999 {
			t.Errorf("%v went out as %d and came back as %v", m, sent, back)
		}
	})
}

// A form asks before it offers a card.
func ExampleChargeable() {
	err := action.Chargeable(action.Money{Minor: 1234, Currency: "kwd"})
	fmt.Println(action.FieldsOf(err)["amount"])
	// Output: must end in 0 to be charged to a card
}
