package bffclient

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"fieldpay/action"
)

const (
	protocolHeader = "FieldPay-Protocol"
	protocol       = "1"

	jsonType    = "application/json"
	problemType = "application/problem+json"

	// gzipFrom is the size of a body in bytes from which it is sent compressed:
	// below, the packet is not any smaller for it.
	gzipFrom = 1 << 10

	answerLimit = 1 << 20
	listLimit   = 8 << 20
)

// The time limits of one call, from the first byte of a connection to the last
// of the answer.
const (
	probeTimeout  = 5 * time.Second
	signInTimeout = 20 * time.Second
	sendTimeout   = 60 * time.Second // the server answers within 8 s; the rest is for thin links
	listTimeout   = 60 * time.Second
)

// request is one call of the server.
type request struct {
	// op names the call in errors and logs.
	op     string
	method string
	path   string
	query  url.Values
	// body is sent as JSON unless nil; answer is decoded into unless nil.
	body, answer any
	// bytes are sent as they are, in place of a body; header is added to the
	// usual ones.
	bytes  []byte
	header http.Header
	// read says that the call changes nothing, so that a lost answer costs
	// nothing either. replay says that sending twice is harmless, so that the
	// transport may do so on a connection that turns out to be dead.
	read, replay bool
	// anonymous calls are not signed; one that introduces the device brings the
	// public key along.
	anonymous, introduces bool
	timeout               time.Duration
	limit                 int64
}

// call sends r with an access token ("" for none) and decodes the answer.
func (c *Client) call(ctx context.Context, r request, access string) error {
	began := time.Now()
	err := c.attempt(ctx, r, access)
	if action.CodeOf(err) == action.ClockWrong {
		// The refusal told the server's time, and the next signature has it.
		err = c.attempt(ctx, r, access)
	}
	event := c.log.Debug().Str("op", r.op).Dur("took", time.Since(began))
	if err != nil {
		event = event.Str("code", string(action.CodeOf(err)))
	}
	event.Msg("call")
	return err
}

func (c *Client) attempt(ctx context.Context, r request, access string) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	seen := &sight{}
	req, err := c.build(httptrace.WithClientTrace(ctx, seen.trace()), r, access)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return happening{err: err, read: r.read}.error(r.op)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return happening{err: withoutURL(err), sent: seen.maybeSent(), read: r.read}.error(r.op)
	}
	defer func() { _ = resp.Body.Close() }() // all that matters was read
	h := happening{sent: true, read: r.read, status: resp.StatusCode, protocol: resp.Header.Get(protocolHeader)}
	if !c.ours(resp) {
		return h.error(r.op)
	}
	body, err := readAll(resp.Body, r.limit)
	if err != nil {
		h.err = err
		return h.error(r.op)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		h.problem, h.ours = decodeProblem(body)
		h.retryAfter = h.problem.wait(resp.Header, c.now())
		if h.problem.Code == action.ClockWrong {
			c.learnTime(resp.Header)
		}
		return h.error(r.op)
	}
	if h.ours = resp.StatusCode < http.StatusMultipleChoices; !h.ours {
		return h.error(r.op)
	}
	if r.answer != nil {
		if err := json.Unmarshal(body, r.answer); err != nil {
			h.err = unreadable(err)
			return h.error(r.op)
		}
	}
	return nil
}

func (c *Client) build(ctx context.Context, r request, access string) (*http.Request, error) {
	u, err := url.Parse(c.base.String() + r.path)
	if err != nil {
		return nil, &action.Error{Code: action.Internal, Op: r.op, Cause: err}
	}
	u.RawQuery = r.query.Encode()
	body, packed, err := c.encode(r.body)
	if r.bytes != nil {
		body, packed, err = r.bytes, false, nil // photos are compressed already
	}
	if err != nil {
		return nil, &action.Error{Code: action.Internal, Op: r.op, Cause: err}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, &action.Error{Code: action.Internal, Op: r.op, Cause: err}
	}
	req.Header.Set("Accept", jsonType+", "+problemType)
	req.Header.Set("Cache-Control", "no-store")
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set(protocolHeader, protocol)
	if r.body != nil {
		req.Header.Set("Content-Type", jsonType)
	}
	if r.bytes != nil {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if packed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if access != "" {
		req.Header.Set("Authorization", "Bearer "+access)
	}
	c.sign(req, r, body, access)
	if r.replay {
		// An empty list tells the transport that the call may be repeated, and
		// is not sent (see the documentation of http.Transport).
		req.Header["Idempotency-Key"] = nil
	}
	return req, nil
}

// encode returns v as JSON, compressed if that is worth it.
func (c *Client) encode(v any) (body []byte, packed bool, err error) {
	if v == nil {
		return nil, false, nil
	}
	body, err = json.Marshal(v)
	if err != nil {
		return nil, false, fmt.Errorf("encoding the request: %w", err)
	}
	if len(body) <= gzipFrom {
		return body, false, nil
	}
	var out bytes.Buffer
	w, _ := c.packers.Get().(*gzip.Writer)
	if w == nil {
		w = gzip.NewWriter(&out)
	}
	defer c.packers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, false, fmt.Errorf("compressing the request: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, false, fmt.Errorf("compressing the request: %w", err)
	}
	return out.Bytes(), true, nil
}

// ours reports whether an answer is the server's own: no portal, proxy or cache
// in between can give one, because its connection would not be verified or it
// does not know the protocol.
func (c *Client) ours(resp *http.Response) bool {
	verified := resp.TLS != nil && len(resp.TLS.VerifiedChains) > 0
	if !verified && c.base.Scheme != "http" {
		return false
	}
	if resp.Header.Get(protocolHeader) != protocol {
		return false
	}
	if resp.StatusCode == http.StatusNoContent {
		return true
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return false
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return strings.EqualFold(kind, problemType)
	}
	return strings.EqualFold(kind, jsonType)
}

func readAll(from io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("the answer is larger than %d bytes", limit)
	}
	return body, nil
}

// sight watches how far a request came.
type sight struct{ watched, wrote atomic.Bool }

func (s *sight) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { s.watched.Store(true) },
		WroteHeaders: func() { s.wrote.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { s.wrote.Store(true) },
	}
}

// maybeSent reports whether any of the request may have reached the server. A
// transport that does not report its progress may have sent all of it.
func (s *sight) maybeSent() bool { return s.wrote.Load() || !s.watched.Load() }
