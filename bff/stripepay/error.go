package stripepay

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
)

// treatments is the table from Stripe's error codes to ours. A code decides
// before the status does.
var treatments = [...]struct {
	stripe stripe.ErrorCode
	code   action.Code
}{
	{stripe.ErrorCodeIdempotencyKeyInUse, action.Busy},
	{stripe.ErrorCodeLockTimeout, action.Busy},
	{stripe.ErrorCodeRateLimit, action.RateLimited},

	{stripe.ErrorCodeAPIKeyExpired, action.UpstreamLogin},
	{stripe.ErrorCodePlatformAPIKeyExpired, action.UpstreamLogin},
	{stripe.ErrorCodeSecretKeyRequired, action.UpstreamLogin},
	{stripe.ErrorCodeTestmodeChargesOnly, action.UpstreamLogin},
	{stripe.ErrorCodeLivemodeMismatch, action.UpstreamLogin},

	{stripe.ErrorCodeAuthenticationRequired, action.AuthenticationRequired},
	{stripe.ErrorCodePaymentIntentAuthenticationFailure, action.AuthenticationRequired},

	{stripe.ErrorCodeCardDeclined, action.CardDeclined},
	{stripe.ErrorCodeExpiredCard, action.CardDeclined},
	{stripe.ErrorCodeIncorrectCVC, action.CardDeclined},
	{stripe.ErrorCodeIncorrectNumber, action.CardDeclined},
	{stripe.ErrorCodeProcessingError, action.CardDeclined},
	{stripe.ErrorCodeCardDeclineRateLimitExceeded, action.CardDeclined},

	{stripe.ErrorCodeResourceMissing, action.UnknownPayment},

	{stripe.ErrorCodePaymentIntentUnexpectedState, action.PaymentMismatch},
	{stripe.ErrorCodePaymentIntentIncompatiblePaymentMethod, action.PaymentIncomplete},
	{stripe.ErrorCodePaymentMethodUnexpectedState, action.PaymentIncomplete},
	{stripe.ErrorCodePaymentIntentPaymentAttemptFailed, action.PaymentIncomplete},
	{stripe.ErrorCodePaymentIntentPaymentAttemptExpired, action.PaymentIncomplete},
	{stripe.ErrorCodeChargeAlreadyCaptured, action.PaymentMismatch},
	{stripe.ErrorCodeChargeAlreadyRefunded, action.PaymentMismatch},
	{stripe.ErrorCodeInvoiceNotEditable, action.PaymentMismatch},

	{stripe.ErrorCodeAmountTooSmall, action.InvalidPayload},
	{stripe.ErrorCodeAmountTooLarge, action.InvalidPayload},
	{stripe.ErrorCodeParameterInvalidEmpty, action.InvalidPayload},
	{stripe.ErrorCodeParameterInvalidInteger, action.InvalidPayload},
	{stripe.ErrorCodeParameterMissing, action.InvalidPayload},
	{stripe.ErrorCodeParameterUnknown, action.InvalidPayload},
}

// failure is a no of Stripe's, without its text: that may carry what was sent.
type failure struct {
	status   int
	kind     string // Stripe's type
	code     string
	decline  string
	param    string
	replayed bool
}

// Error implements error.
func (f *failure) Error() string {
	text := "stripe answered " + strconv.Itoa(f.status)
	for _, word := range []string{f.kind, f.code, f.decline, f.param} {
		if plainWord(word) {
			text += " " + word
		}
	}
	return text
}

// plainWord reports what looks like a code or a parameter. Nothing else of an
// answer gets into an error.
func plainWord(s string) bool {
	return s != "" && len(s) <= 80 && strings.Trim(s, letters+"[]") == ""
}

// failed turns an error of the library into an *action.Error that names the
// operation.
func failed(op string, err error, seen *sighting) error {
	e := &action.Error{Op: op, RetryAfter: seen.retryAfter}
	spoken, ok := errors.AsType[*stripe.Error](err)
	if !ok {
		e.Code, e.Cause = unspoken(err, seen)
		return e
	}
	f := &failure{
		status: spoken.HTTPStatusCode, kind: string(spoken.Type), code: string(spoken.Code),
		decline: string(spoken.DeclineCode), param: spoken.Param, replayed: seen.replayed,
	}
	e.Code, e.Cause = f.treatment(), f
	switch e.Code {
	case action.CardDeclined:
		e.Message = sentence(f)
	case action.InvalidPayload:
		if field, known := fieldOf(f.param); known {
			e.Fields = map[string]string{field: "is not accepted by Stripe"}
		}
	}
	return e
}

// unspoken is the treatment of an answer that is not Stripe's: a page of
// something in between, half an answer, or none.
func unspoken(err error, seen *sighting) (action.Code, error) {
	if transport, ok := errors.AsType[*url.Error](err); ok {
		return action.StripeDown, transport.Err // its URL is left out
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return action.StripeDown, err
	}
	cause := &failure{status: seen.status, replayed: seen.replayed}
	switch seen.status {
	case http.StatusTooManyRequests:
		return action.RateLimited, cause
	case http.StatusUnauthorized:
		return action.UpstreamLogin, cause
	default:
		return action.StripeDown, cause
	}
}

// treatment is the code of a failure. The order matters: a 409 for a key in
// use is a matter of time and not a conflict, a missing payment method is
// the form's fault and not the intent's.
func (f *failure) treatment() action.Code {
	if f.decline == string(stripe.DeclineCodeAuthenticationRequired) {
		return action.AuthenticationRequired
	}
	if f.code == string(stripe.ErrorCodeResourceMissing) && f.param != "" && f.param != "id" && f.param != "intent" {
		return action.InvalidPayload
	}
	for _, t := range treatments {
		if string(t.stripe) == f.code {
			return t.code
		}
	}
	switch {
	case f.kind == string(stripe.ErrorTypeIdempotency):
		return action.ContentChanged
	case f.kind == string(stripe.ErrorTypeCard), f.status == http.StatusPaymentRequired:
		return action.CardDeclined
	}
	return f.byStatus()
}

func (f *failure) byStatus() action.Code {
	switch {
	case f.status == http.StatusUnauthorized, f.status == http.StatusForbidden:
		return action.UpstreamLogin
	case f.status == http.StatusNotFound:
		return action.UnknownPayment
	case f.status == http.StatusConflict:
		return action.Busy
	case f.status == http.StatusTooManyRequests:
		return action.RateLimited
	case f.status >= 500, f.kind == string(stripe.ErrorTypeAPI), f.status < 400:
		return action.StripeDown
	default:
		return action.InvalidPayload
	}
}

// fieldOf is what a form calls a parameter of Stripe.
func fieldOf(param string) (string, bool) {
	switch name, _, _ := strings.Cut(param, "["); name {
	case "amount", "currency":
		return name, true
	case "payment_method", "customer":
		return "cardId", true
	default:
		return "", false
	}
}
