package bffclient

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"fieldpay/action"
)

// happening is what came of one call that did not end well.
type happening struct {
	// err is the transport's, or that of reading the answer; nil when there is
	// an answer that can be read.
	err error
	// sent says that some of the request may have reached the server, read that
	// the call changes nothing there.
	sent, read bool
	status     int
	protocol   string
	// ours says that the answer is the server's own.
	ours       bool
	problem    problem
	retryAfter time.Duration
}

// failure is one row of the table of failures.
type failure struct {
	what    string
	matches func(happening) bool
	code    action.Code
	hint    string
	// own says that the problem's own code takes precedence where it has one
	// that a server can give.
	own bool
}

// failures is the one table from what happened to a code. The first row that
// matches counts, and the last one matches everything.
var failures = [...]failure{
	{what: "a certificate before or after its time", matches: outOfTime, code: action.UnsafeNetwork,
		hint: "Check the date and the time of this device"},
	{what: "a certificate that nobody vouches for", matches: unverified, code: action.UnsafeNetwork},
	{what: "a proxy that refuses", matches: proxyRefused, code: action.Portal},
	{what: "no way to the server", matches: func(h happening) bool { return h.err != nil && !h.sent }, code: action.Offline},
	{what: "an answer to a mere question, lost", matches: func(h happening) bool { return h.err != nil && h.read }, code: action.Offline},
	{what: "an answer lost, cut or not readable", matches: func(h happening) bool { return h.err != nil }, code: action.AnswerLost},
	{what: "a server of another protocol", matches: otherProtocol, code: action.UpdateNeeded},
	{what: "a server that wants a newer device", matches: status(http.StatusUpgradeRequired), code: action.UpdateNeeded},
	{what: "an answer that is not the server's", matches: func(h happening) bool { return !h.ours }, code: action.Portal},
	{what: "an unknown person", matches: status(http.StatusUnauthorized), code: action.SignInNeeded, own: true},
	{what: "a blocked device or a missing right", matches: status(http.StatusForbidden), code: action.NotAllowed, own: true},
	{what: "a request that took too long to arrive, sent", matches: status(http.StatusRequestTimeout), code: action.AnswerLost},
	{what: "too much at once", matches: status(http.StatusRequestEntityTooLarge), code: action.TooLarge},
	{what: "too often", matches: status(http.StatusTooManyRequests), code: action.RateLimited, own: true},
	{what: "a server without this call", matches: callUnknown, code: action.UnknownType},
	{what: "a refusal", matches: func(h happening) bool {
		return h.status < http.StatusInternalServerError && h.status != http.StatusTooEarly
	},
		code: action.BadRequest, own: true},
	{what: "a server in trouble", matches: func(happening) bool { return true }, code: action.Busy, own: true},
}

// error turns what happened into the error of operation op.
func (h happening) error(op string) error {
	row := h.row()
	e := &action.Error{Code: row.code, Hint: row.hint, Op: op, Cause: h.err, RetryAfter: h.retryAfter}
	if row.own && h.problem.believed(h.status) {
		e.Code, e.Fields = h.problem.Code, h.problem.Fields
	}
	e.Message = e.Code.Message()
	if e.Code == h.problem.Code && aboutContent(e.Code) && h.problem.Error != "" {
		e.Message = clip(h.problem.Error)
	}
	if h.status != 0 && e.Cause == nil {
		e.Cause = fmt.Errorf("status %d%s", h.status, h.problem.reference())
	}
	return e
}

func (h happening) row() failure {
	i := slices.IndexFunc(failures[:], func(f failure) bool { return f.matches(h) })
	return failures[i]
}

func status(want int) func(happening) bool {
	return func(h happening) bool { return h.status == want }
}

// otherProtocol matches an answer that carries our header with a number that
// this build does not speak.
func otherProtocol(h happening) bool { return h.protocol != "" && h.protocol != protocol }

// callUnknown matches the answer of a server that is older than this build: it
// is there, and does not have the call.
func callUnknown(h happening) bool {
	switch h.status {
	case http.StatusNotFound:
		return h.problem.Code == action.NotFound
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return true
	default:
		return false
	}
}

func outOfTime(h happening) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](h.err)
	return ok && invalid.Reason == x509.Expired
}

func unverified(h happening) bool {
	if h.err == nil {
		return false
	}
	_, verification := errors.AsType[*tls.CertificateVerificationError](h.err)
	_, record := errors.AsType[tls.RecordHeaderError](h.err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](h.err)
	_, host := errors.AsType[x509.HostnameError](h.err)
	return verification || record || handshakeRefused(h) || authority || host || errors.Is(h.err, http.ErrSchemeMismatch)
}

// handshakeRefused matches an alert of the other end before anything was sent.
// An alert that comes later says nothing about what the server did.
func handshakeRefused(h happening) bool {
	e, ok := errors.AsType[*net.OpError](h.err)
	return ok && e.Op == "remote error" && !h.sent // so package crypto/tls words it
}

// problem is the part of an error answer (RFC 9457) that the device acts upon.
type problem struct {
	Code         action.Code       `json:"code"`
	Error        string            `json:"error"`
	Fields       map[string]string `json:"fields"`
	RequestID    string            `json:"requestId"`
	RetryAfterMs int64             `json:"retryAfterMs"`
}

// decodeProblem reads an error answer; false says that it has no code and so is
// not one of ours.
func decodeProblem(body []byte) (problem, bool) {
	var p problem
	if err := json.Unmarshal(body, &p); err != nil || p.Code == "" {
		return problem{}, false
	}
	return p, true
}

// believed reports whether the problem's code can come from a server with this
// status: it knows nothing of the way to it or of this device's disk, and signs
// nobody out except with a 401.
func (p problem) believed(status int) bool {
	if !slices.Contains(action.Codes(), p.Code) {
		return false
	}
	switch p.Code.Class() {
	case action.NoPath, action.PortalSeen, action.Device, action.Applied, action.Accepted:
		return false
	case action.SignIn:
		return status == http.StatusUnauthorized
	case action.Barred:
		return status == http.StatusUnauthorized || status == http.StatusForbidden
	default:
		return status != http.StatusUnauthorized && p.Code != action.AnswerLost
	}
}

// reference names the request for operators, so that both ends' logs meet.
func (p problem) reference() string {
	if p.RequestID == "" {
		return ""
	}
	return ", request " + clip(p.RequestID)
}

// aboutContent reports whether the server's own sentence says more than ours.
func aboutContent(c action.Code) bool {
	switch c.Class() {
	case action.Invalid, action.Gone, action.Conflict, action.Declined, action.CustomerAction, action.Integrity:
		return true
	default:
		return false
	}
}

// clip limits text of the other end that goes on to a person or a log.
func clip(s string) string {
	const limit = 300
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

// withoutURL takes the address off a transport error: a search may name a
// customer, and errors go into logs.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// unreadable says where an answer stopped making sense, without quoting it.
func unreadable(err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("the answer is not JSON from byte %d on", e.Offset)
	}
	return fmt.Errorf("the answer does not have the form of the contract (%T)", err)
}
