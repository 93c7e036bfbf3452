package bffclient

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/internal/signed"
)

// Enrolment is what the server calls the device that it came to know.
type Enrolment struct {
	DeviceID, Name string
	EnrolledAt     time.Time
}

// Enrol makes the device known to the server by a code of the office, which is
// spent by it. name is what people call the device, unless the code says so.
//
// A wrong, old or spent code is action.BadCredentials, a blocked device
// action.Revoked.
func (c *Client) Enrol(ctx context.Context, code, name string) (Enrolment, error) {
	const op = "enrolling the device"
	if c.key == nil || c.deviceID == "" {
		return Enrolment{}, &action.Error{Code: action.NotPossible, Message: "This device has no key to enrol with", Op: op}
	}
	body := api.EnrolRequest{Code: code}
	if name != "" {
		body.Name.SetTo(name)
	}
	var answer api.Enrolment
	err := c.call(ctx, request{
		op: op, method: http.MethodPost, path: "/auth/enrol", body: &body, answer: &answer,
		introduces: true, timeout: signInTimeout, limit: answerLimit,
	}, "")
	if action.CodeOf(err) == action.BadCredentials {
		return Enrolment{}, &action.Error{
			Code: action.BadCredentials, Message: "The code is not valid, or not any more", Hint: "Ask the office for a new one", Op: op, Cause: err,
		}
	}
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{DeviceID: answer.DeviceId, Name: answer.Name, EnrolledAt: answer.EnrolledAt.UTC()}, nil
}

// sign signs a request as it travels, at the server's time as far as it is
// known.
func (c *Client) sign(req *http.Request, r request, body []byte, access string) {
	if c.key == nil || c.deviceID == "" || r.anonymous {
		return
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails: see the documentation of crypto/rand
	req.Header.Set(signed.Header, signed.Request{
		Method: req.Method, Target: req.URL.RequestURI(), Body: body, Token: access, DeviceID: c.deviceID,
		At: c.now().Add(-time.Duration(c.offset.Load())), Nonce: base64.RawURLEncoding.EncodeToString(nonce[:]),
	}.Sign(c.key))
	if public, ok := c.key.Public().(ed25519.PublicKey); ok && r.introduces {
		req.Header.Set(signed.KeyHeader, signed.EncodeKey(public))
	}
}

// learnTime takes the server's time from its refusal of ours.
func (c *Client) learnTime(h http.Header) {
	millis, err := strconv.ParseInt(h.Get(signed.TimeHeader), 10, 64)
	if err == nil {
		c.offset.Store(int64(c.now().Sub(time.UnixMilli(millis))))
	}
}
