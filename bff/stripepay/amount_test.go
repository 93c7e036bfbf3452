package stripepay_test

import (
	"testing"

	"fieldpay/action"
)

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
