package simulate_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// answer is what a receiver writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	// cut says that the receiver broke the connection instead.
	cut bool
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answer) summary(err error) string {
	switch {
	case a == nil:
		return fmt.Sprint(err)
	case err != nil:
		return fmt.Sprintf("%d, not seen: %v", a.status, err)
	default:
		return fmt.Sprint(a.status)
	}
}

// response is the answer as the sender sees it, whole or cut half way.
func (a *answer) response(r *http.Request, half bool) *http.Response {
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	body := io.Reader(bytes.NewReader(a.body.Bytes()))
	if half {
		body = io.MultiReader(bytes.NewReader(a.body.Bytes()[:a.body.Len()/2]), broken{})
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(body), ContentLength: int64(a.body.Len()), Request: r,
	}
}

// broken is the rest of a connection that was cut.
type broken struct{}

// Read implements io.Reader.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
