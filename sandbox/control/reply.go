package control

import (
	"bytes"
	"net/http"
	"strconv"
)

// heldReply keeps a reply back until it is decided whether the caller gets to see it.
type heldReply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newHeldReply() *heldReply { return &heldReply{header: http.Header{}, status: http.StatusOK} }

// Header implements http.ResponseWriter.
func (h *heldReply) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *heldReply) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *heldReply) Write(b []byte) (int, error) { return h.body.Write(b) }

func (h *heldReply) copyHeader(w http.ResponseWriter) {
	for k, vs := range h.header {
		w.Header()[k] = vs
	}
}

func (h *heldReply) release(w http.ResponseWriter) {
	h.copyHeader(w)
	w.WriteHeader(h.status)
	_, _ = w.Write(h.body.Bytes()) // the work is committed; a caller who has gone asks again
}

// cut ends the connection. With a reply it first sends the head and half of the body, so that the caller sees a
// truncated answer; without one it sees the connection close before any answer.
func cut(w http.ResponseWriter, partial *heldReply) {
	if partial != nil {
		partial.copyHeader(w)
		body := partial.body.Bytes()
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		w.WriteHeader(partial.status)
		_, _ = w.Write(body[:len(body)/2]) // cut on purpose
		_ = http.NewResponseController(w).Flush()
	}
	// The documented way for a handler to drop its connection without a word in the server's log.
	panic(http.ErrAbortHandler)
}
