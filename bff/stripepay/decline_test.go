package stripepay_test

import (
	"strings"
	"testing"

	"fieldpay/action"
)

func TestClient_tells_declines(t *testing.T) {
	plain := action.CardDeclined.Message()
	// By what the person in front of the customer can do about it; see
	// https://docs.stripe.com/declines/codes
	for about, codes := range map[string]string{
		"enough money": "insufficient_funds withdrawal_count_limit_exceeded",
		"expired":      "expired_card",
		"be asked":     "issuer_not_available processing_error reenter_transaction try_again_later",
		"details":      "incorrect_cvc invalid_cvc incorrect_number invalid_number invalid_expiry_month invalid_expiry_year incorrect_zip",
		"currency":     "currency_not_supported",
		// What must not be told, and what nobody there can do anything about.
		plain: "lost_card stolen_card pickup_card restricted_card fraudulent merchant_blacklist security_violation do_not_try_again " +
			"revocation_of_authorization revocation_of_all_authorizations stop_payment_order invalid_account pin_try_exceeded " +
			"approve_with_id call_issuer do_not_honor generic_decline no_action_taken transaction_not_allowed not_permitted " +
			"service_not_allowed online_or_offline_pin_required offline_pin_required incorrect_pin new_account_information_available " +
			"card_velocity_exceeded card_not_supported invalid_amount duplicate_transaction testmode_decline one_that_is_new",
	} {
		for code := range strings.FieldsSeq(codes) {
			t.Run(code, func(t *testing.T) {
				c := answering(t, 402, spoken("card_error", "card_declined", `,"decline_code":"`+code+`"`))
				_, err := c.Intent(t.Context(), "pi_1")
				wantCode(t, err, action.CardDeclined)
				if said := action.MessageOf(err); !strings.Contains(said, about) || strings.Contains(said, code) {
					t.Errorf("it says %q", said)
				}
			})
		}
	}
}
