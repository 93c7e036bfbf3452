package stripepay_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

func TestClient_CreateRefund(t *testing.T) {
	a := newAccount(t)
	paid := a.intent(175000, "usd")
	if _, err := a.Client.Confirm(t.Context(), bff.ConfirmRequest{IntentID: paid.ID, Key: "c", CardID: goodCard}); err != nil {
		t.Fatal(err)
	}
	request := bff.RefundRequest{Key: actionID + ":refund", ActionID: actionID, IntentID: paid.ID, Amount: 50000, Currency: "usd"}
	t.Run("gives money back once, also when an answer was lost", func(t *testing.T) {
		a.fail(control.Rule{Match: control.Match{Method: "POST", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		if _, err := a.Client.CreateRefund(t.Context(), request); err != nil { // the transport may have asked again by itself
			wantCode(t, err, action.StripeDown)
		}
		made, err := a.Client.CreateRefund(t.Context(), request)
		if err != nil || made.Status != bff.RefundSucceeded || made.Amount != 50000 || made.ActionID != actionID {
			t.Fatalf("%+v, %v", made, err)
		}
		all, err := a.Client.RefundsOf(t.Context(), paid.ID)
		if err != nil || len(all) != 1 || all[0] != made {
			t.Errorf("%+v, %v", all, err)
		}
	})
	t.Run("more than was received is refused", func(t *testing.T) {
		more := request
		more.Key, more.Amount = "other", 125001
		if made, err := a.Client.CreateRefund(t.Context(), more); err == nil {
			t.Errorf("%+v", made)
		}
	})
}
