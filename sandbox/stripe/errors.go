package stripe

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is Stripe's error object.
type apiError struct {
	status      int
	kind        string // type on the wire
	code        string
	declineCode string
	message     string
	param       string
	charge      string
	intent      *PaymentIntent
	method      *PaymentMethod
	// executed tells errors of the work, which an idempotency key remembers, from those found before it.
	executed bool
	// kept leaves the changes of the failed work in place: a decline is an attempt that happened.
	kept bool
}

// Error implements error.
func (e *apiError) Error() string { return e.kind + ": " + e.message }

func (e *apiError) body() map[string]any {
	m := map[string]any{"type": e.kind, "message": e.message}
	for name, v := range map[string]string{"code": e.code, "decline_code": e.declineCode, "param": e.param, "charge": e.charge} {
		if v != "" {
			m[name] = v
		}
	}
	if e.code != "" {
		m["doc_url"] = "https://stripe.com/docs/error-codes/" + strings.ReplaceAll(e.code, "_", "-")
	}
	if e.intent != nil {
		m["payment_intent"] = e.intent
	}
	if e.method != nil {
		m["payment_method"] = e.method
	}
	return map[string]any{"error": m}
}

func invalid(code, param, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: "invalid_request_error", code: code, param: param, message: fmt.Sprintf(format, args...)}
}

// refuse is an invalid request that is only found while the work is done.
func refuse(code, param, format string, args ...any) *apiError {
	e := invalid(code, param, format, args...)
	e.executed = true
	return e
}

// missing names an object that is not there: 404 when the URL named it, 400 when a parameter did.
func missing(noun, param, id string) *apiError {
	e := refuse("resource_missing", param, "No such %s: '%s'", noun, id)
	if param == "id" || param == "intent" {
		e.status = http.StatusNotFound
	}
	return e
}

func unauthorized(key string) *apiError {
	message := "Invalid API Key provided: " + redact(key)
	if key == "" {
		message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth."
	}
	return &apiError{status: http.StatusUnauthorized, kind: "invalid_request_error", message: message}
}

// redact keeps the ends of a key, as the real message does.
func redact(key string) string {
	if len(key) < 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

func idempotencyError(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: "idempotency_error", message: fmt.Sprintf(format, args...)}
}

func keyInUse() *apiError {
	return &apiError{status: http.StatusConflict, kind: "idempotency_error", code: "idempotency_key_in_use",
		message: "There is currently another in-progress request using this Idempotent Key. Please try again later."}
}

func internal() *apiError {
	return &apiError{status: http.StatusInternalServerError, kind: "api_error", message: "Sorry! There was an error while talking to one of our backends."}
}
