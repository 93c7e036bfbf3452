package bff

import (
	"context"
	"net/http"
	"strings"
	"time"

	"fieldpay/action"
)

// call is what the layers of one request share.
type call struct {
	requestID string
	// remote is the address of the caller, without its port.
	remote string
	// bearer is the token of the Authorization header, checked or not.
	bearer    string
	principal Principal
	// device is whose key signed the request, or nil.
	device *signedBy
	began  time.Time
	// code is that of the answer, when it is a problem.
	code action.Code
	// rawBody holds the bytes of the body, as a signature covers them.
	rawBody []byte
	header  http.Header
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

func bearerOf(h http.Header) string {
	scheme, token, ok := strings.Cut(h.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
