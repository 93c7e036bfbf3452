package stripepay_test

import (
	"fmt"

	"fieldpay/action"
	"fieldpay/bff/stripepay"
)

// A form asks before it offers a card.
func ExampleChargeable() {
	err := stripepay.Chargeable(action.Money{Minor: 1234, Currency: "kwd"})
	fmt.Println(action.FieldsOf(err)["amount"])
	// Output: must end in 0 to be charged to a card
}
