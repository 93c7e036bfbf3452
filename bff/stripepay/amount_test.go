package stripepay_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/bff/stripepay"
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
			err := stripepay.Chargeable(tt.money)
			if (err == nil) != tt.good {
				t.Fatalf("error %v", err)
			}
			if err != nil && (action.CodeOf(err) != action.InvalidPayload || action.FieldsOf(err)["amount"] == "") {
				t.Errorf("code %s, fields %v", action.CodeOf(err), action.FieldsOf(err))
			}
		})
	}
}

func TestClient_CreateIntent_keeps_the_amount_in_every_kind_of_currency(t *testing.T) {
	a := newAccount(t)
	for currency, onTheWire := range map[action.Currency]string{"usd": "amount=4200", "jpy": "amount=4200", "kwd": "amount=4200", "isk": "amount=420000", "ugx": "amount=420000", "mga": "amount=42"} {
		t.Run(string(currency), func(t *testing.T) {
			if got := a.intent(4200, currency); got.Amount != 4200 || got.Currency != currency {
				t.Errorf("intent %+v", got)
			}
			sent := a.wire.all()
			if form := sortedForm(t, sent[len(sent)-1].Form); form[:len(onTheWire)+1] != onTheWire+"&" {
				t.Errorf("sent %s", form)
			}
		})
	}
}
