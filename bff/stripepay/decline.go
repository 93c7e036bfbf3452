package stripepay

import (
	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
)

// sentence says why a card was declined, as far as the person in front of the
// customer may know and can do something about it. Everything else, lost,
// stolen and suspected cards above all, is the plain sentence: Stripe asks that
// those are shown like any other decline.
// https://docs.stripe.com/declines/codes
func sentence(f *failure) string {
	reason := f.decline
	if reason == "" {
		reason = f.code
	}
	switch stripe.DeclineCode(reason) {
	case stripe.DeclineCodeInsufficientFunds, stripe.DeclineCodeWithdrawalCountLimitExceeded:
		return "There is not enough money on the card. Offer a link or another way to pay"
	case stripe.DeclineCodeExpiredCard:
		return "The card has expired. Offer a link or another way to pay"
	case stripe.DeclineCodeProcessingError, stripe.DeclineCodeIssuerNotAvailable, stripe.DeclineCodeReenterTransaction,
		stripe.DeclineCodeTryAgainLater:
		return "The card's bank could not be asked. Try again later, or offer another way to pay"
	case stripe.DeclineCodeCurrencyNotSupported:
		return "The card does not take this currency. Offer a link or another way to pay"
	case stripe.DeclineCodeIncorrectCVC, stripe.DeclineCodeInvalidCVC, stripe.DeclineCodeIncorrectNumber,
		stripe.DeclineCodeInvalidNumber, stripe.DeclineCodeInvalidExpiryMonth, stripe.DeclineCodeInvalidExpiryYear,
		stripe.DeclineCodeIncorrectZip:
		return "The details of the card are not right. Offer a link or another way to pay"
	default:
		return action.CardDeclined.Message()
	}
}
