package stripepay_test

import (
	"net/url"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

const actionID = "0198c0de-0000-7000-8000-000000000001"

func intentRequest() bff.IntentRequest {
	return bff.IntentRequest{Key: actionID + ":pi", ActionID: actionID, InvoiceID: "inv-002", Amount: 175000, Currency: "USD"}
}

func TestClient_CreateIntent(t *testing.T) {
	request := intentRequest()
	t.Run("makes an intent that names what it pays and moves no money", func(t *testing.T) {
		a := newAccount(t)
		i, err := a.Client.CreateIntent(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if i.Status != bff.IntentNeedsMethod || i.InvoiceID != "inv-002" || i.ActionID != actionID || i.Amount != 175000 || i.Currency != "usd" || i.ClientSecret == "" {
			t.Errorf("intent %+v", i)
		}
		read, err := a.Client.Intent(t.Context(), i.ID)
		if err != nil || read != i {
			t.Errorf("read %+v, %v", read, err)
		}
	})
	t.Run("sends exactly this", func(t *testing.T) {
		a := newAccount(t)
		if _, err := a.Client.CreateIntent(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		sent := a.wire.all()[0]
		form, err := url.QueryUnescape(sent.Form)
		if err != nil {
			t.Fatal(err)
		}
		want := "amount=175000&currency=usd&metadata[action_id]=" + actionID + "&metadata[invoice_id]=inv-002&payment_method_types[0]=card"
		if sent.Method != "POST" || sent.Path != "/v1/payment_intents" || sortedForm(t, form) != want {
			t.Errorf("%s %s %s", sent.Method, sent.Path, sortedForm(t, form))
		}
		if sent.Header.Get("Idempotency-Key") != request.Key || sent.Header.Get("Stripe-Version") != "2023-10-16" || sent.Header.Get("X-Stripe-Client-Telemetry") != "" {
			t.Errorf("headers %v", sent.Header)
		}
	})
	t.Run("answers the same intent for the same key, also when an answer was lost or many ask at once", func(t *testing.T) {
		a := newAccount(t)
		before := a.count("payment_intents")
		a.fail(control.Rule{Match: control.Match{Method: "POST", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		_, err := a.Client.CreateIntent(t.Context(), request)
		wantCode(t, err, action.StripeDown)
		together(8, func(int) {
			if i, err := a.Client.CreateIntent(t.Context(), request); err != nil || i.ID == "" {
				t.Errorf("%+v, %v", i, err)
			}
		})
		if made := a.count("payment_intents") - before; made != 1 {
			t.Errorf("%d intents", made)
		}
	})
}

func TestClient_CreateIntent_under_a_used_key(t *testing.T) {
	request := intentRequest()
	t.Run("a key that is used with another amount is a forgery or a fault", func(t *testing.T) {
		a := newAccount(t)
		if _, err := a.Client.CreateIntent(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		other := request
		other.Amount++
		_, err := a.Client.CreateIntent(t.Context(), other)
		wantCode(t, err, action.ContentChanged)
	})
	t.Run("a failure that Stripe has filed under the key does not last", func(t *testing.T) {
		a := newAccount(t)
		a.fail(control.Rule{Match: control.Match{Method: "POST", Times: 1}, Effect: control.Effect{During: true, Status: 500}})
		_, err := a.Client.CreateIntent(t.Context(), request)
		wantCode(t, err, action.StripeDown)
		if i, err := a.Client.CreateIntent(t.Context(), request); err != nil || i.ID == "" {
			t.Errorf("%+v, %v", i, err)
		}
	})
}

func sortedForm(t *testing.T, form string) string {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := url.QueryUnescape(values.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestClient_Intent_unknown(t *testing.T) {
	_, err := newAccount(t).Client.Intent(t.Context(), "pi_nobody")
	wantCode(t, err, action.UnknownPayment)
}

func TestClient_Intent_of_the_reference(t *testing.T) {
	i, err := newAccount(t).Client.Intent(t.Context(), "pi_mock_001")
	if err != nil || i.InvoiceID != "inv-001" || i.ChargeID != "ch_mock_001" || i.AmountReceived != 250000 {
		t.Errorf("%+v, %v", i, err)
	}
}

func confirmation(intentID, key, card string) bff.ConfirmRequest {
	return bff.ConfirmRequest{IntentID: intentID, Key: key, CardID: card}
}

func TestClient_Confirm(t *testing.T) {
	t.Run("moves the money once, whatever is repeated", func(t *testing.T) {
		a := newAccount(t)
		before := a.count("succeeded")
		i := a.intent(175000, "usd")
		a.fail(control.Rule{Match: control.Match{PathRegex: "/confirm$", Times: 1}, Effect: control.Effect{Truncate: true}})
		_, err := a.Client.Confirm(t.Context(), confirmation(i.ID, "k:confirm:1", "pm_card_visa"))
		wantCode(t, err, action.StripeDown)
		for _, key := range []string{"k:confirm:1", "k:confirm:2"} {
			done, err := a.Client.Confirm(t.Context(), confirmation(i.ID, key, "pm_card_visa"))
			if err != nil || done.Status != bff.IntentSucceeded || done.AmountReceived != 175000 || done.ChargeID == "" {
				t.Errorf("%+v, %v", done, err)
			}
		}
		if made := a.count("succeeded") - before; made != 1 {
			t.Errorf("%d charges", made)
		}
	})
	t.Run("moves the money once when twenty confirm under their own keys at once", func(t *testing.T) {
		a := newAccount(t)
		before := a.count("succeeded")
		i := a.intent(5000, "usd")
		together(20, func(int) {
			if done, err := a.Client.Confirm(t.Context(), confirmation(i.ID, action.NewID(), "pm_card_visa")); err != nil || done.Status != bff.IntentSucceeded {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if made := a.count("succeeded") - before; made != 1 {
			t.Errorf("%d charges", made)
		}
	})
	t.Run("a failure that Stripe has filed is looked into, and tried again when the intent is open", func(t *testing.T) {
		a := newAccount(t)
		before := a.count("succeeded")
		i := a.intent(5000, "usd")
		a.fail(control.Rule{Match: control.Match{PathRegex: "/confirm$", Times: 1}, Effect: control.Effect{During: true, Status: 500}})
		_, err := a.Client.Confirm(t.Context(), confirmation(i.ID, "k", "pm_card_visa"))
		wantCode(t, err, action.StripeDown)
		if done, err := a.Client.Confirm(t.Context(), confirmation(i.ID, "k", "pm_card_visa")); err != nil || done.Status != bff.IntentSucceeded {
			t.Errorf("%+v, %v", done, err)
		}
		if made := a.count("succeeded") - before; made != 1 {
			t.Errorf("%d charges", made)
		}
	})
	t.Run("an unknown payment method is the form's fault", func(t *testing.T) {
		a := newAccount(t)
		_, err := a.Client.Confirm(t.Context(), confirmation(a.intent(5000, "usd").ID, "k", "pm_nobody"))
		wantCode(t, err, action.InvalidPayload)
		if action.FieldsOf(err)["cardId"] == "" {
			t.Errorf("fields %v", action.FieldsOf(err))
		}
	})
}

func TestClient_Confirm_declined(t *testing.T) {
	plain := action.CardDeclined.Message()
	tests := []struct{ card, want string }{
		{"pm_card_chargeDeclined", plain},
		{"pm_card_chargeDeclinedLostCard", plain},
		{"pm_card_chargeDeclinedStolenCard", plain},
		{"pm_card_chargeDeclinedFraudulent", plain},
		{"pm_card_chargeDeclinedInsufficientFunds", "There is not enough money on the card. Offer a link or another way to pay"},
		{"pm_card_chargeDeclinedExpiredCard", "The card has expired. Offer a link or another way to pay"},
		{"pm_card_chargeDeclinedIncorrectCvc", "The details of the card are not right. Offer a link or another way to pay"},
		{"pm_card_chargeDeclinedProcessingError", "The card's bank could not be asked. Try again later, or offer another way to pay"},
	}
	a := newAccount(t)
	for _, tt := range tests {
		t.Run(tt.card, func(t *testing.T) {
			i := a.intent(5000, "usd")
			for range 2 { // the decline is filed: a repeat charges nothing
				_, err := a.Client.Confirm(t.Context(), confirmation(i.ID, "confirm-"+i.ID, tt.card))
				wantCode(t, err, action.CardDeclined)
				if got := action.MessageOf(err); got != tt.want {
					t.Errorf("sentence %q", got)
				}
			}
		})
	}
	t.Run("a bank that wants the customer while they are away is told apart, and the card is not tried again", func(t *testing.T) {
		i := a.intent(5000, "usd")
		away := confirmation(i.ID, "confirm-"+i.ID, "pm_card_authenticationRequired")
		away.OffSession = true
		_, err := a.Client.Confirm(t.Context(), away)
		wantCode(t, err, action.AuthenticationRequired)
		read, err := a.Client.Intent(t.Context(), i.ID)
		if err != nil || read.Declined != action.AuthenticationRequired || read.DeclineSentence == "" || !read.Open() {
			t.Errorf("%+v, %v", read, err)
		}
	})
	t.Run("a bank that wants a confirmation leaves it to the customer", func(t *testing.T) {
		i := a.intent(5000, "usd")
		done, err := a.Client.Confirm(t.Context(), confirmation(i.ID, "confirm-"+i.ID, "pm_card_authenticationRequired"))
		if err != nil || done.Status != bff.IntentNeedsAction {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func TestClient_Ping(t *testing.T) {
	a := newAccount(t)
	for range 3 {
		if err := a.Client.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.wire.all()); n != 1 {
		t.Errorf("%d calls", n)
	}
	wantCode(t, a.client("sk_test_wrong_key_1234").Ping(t.Context()), action.UpstreamLogin)
}
