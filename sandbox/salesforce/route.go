package salesforce

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldpay/sandbox/control"
)

// call is one REST request, from the wire or from inside a composite.
type call struct {
	method string
	path   []string // decoded segments after /services/data/vNN.N
	query  url.Values
	header http.Header
	body   []byte
	base   string // "/services/data/v63.0"
	depth  int    // composites do not nest without end
}

// reply is the answer to a call.
type reply struct {
	status int
	header map[string]string
	body   any    // nil means none
	raw    []byte // a body that is no JSON
}

// isVersion tells an API version in a path: v63.0.
func isVersion(segment string) bool {
	number, ok := strings.CutPrefix(segment, "v")
	_, err := strconv.ParseFloat(number, 64)
	return ok && len(number) == 4 && number[2] == '.' && err == nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, control.MaxBody))
	if err != nil {
		writeReply(w, badJSON("the request could not be read").reply())
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/services/oauth2/"):
		s.serveOAuth(w, r, raw)
	case r.URL.Path == "/services/data" || r.URL.Path == "/services/data/":
		writeReply(w, reply{status: 200, body: versions()})
	default:
		s.serveData(w, r, raw)
	}
}

func versions() []any {
	out := []any{}
	for v := 58; v <= 66; v++ {
		out = append(out, map[string]any{"label": fmt.Sprintf("v%d", v), "url": fmt.Sprintf("/services/data/v%d.0", v), "version": fmt.Sprintf("%d.0", v)})
	}
	return out
}

func (s *Server) serveData(w http.ResponseWriter, r *http.Request, raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.authorized(r.Header.Get("Authorization")) {
		writeReply(w, badSession().reply())
		return
	}
	now := time.Now()
	if !s.spend(now) {
		writeReply(w, limitExceeded().reply())
		return
	}
	w.Header().Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", len(s.calls), s.opts.DailyCalls))
	c, failed := parseCall(r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, raw)
	if failed != nil {
		writeReply(w, failed.reply())
		return
	}
	x := s.store.begin()
	job := &work{server: s, saver: &saver{tx: x, now: now, fault: s.recordFault(r)}}
	out := job.dispatch(c)
	if failed := s.commit(x); failed != nil {
		out = failed.reply()
	}
	writeReply(w, out)
}

// spend counts a call against the rolling 24 hours.
func (s *Server) spend(now time.Time) bool {
	from := slices.IndexFunc(s.calls, func(t time.Time) bool { return now.Sub(t) < 24*time.Hour })
	if from < 0 {
		from = len(s.calls)
	}
	s.calls = s.calls[from:]
	if len(s.calls) >= s.opts.DailyCalls {
		return false
	}
	s.calls = append(s.calls, now)
	return true
}

func (s *Server) recordFault(r *http.Request) func(string) *apiError {
	return func(object string) *apiError {
		code, message, hit := s.opts.Plane.RecordFault(r.Method, r.URL.Path, object)
		if !hit {
			return nil
		}
		if message == "" {
			message = "unable to obtain exclusive access to this record or 1 records"
		}
		return fail(code, []string{}, "%s", message)
	}
}

func parseCall(method, escapedPath, rawQuery string, header http.Header, raw []byte) (call, *apiError) {
	rest, ok := strings.CutPrefix(escapedPath, "/services/data/")
	segments := strings.Split(strings.Trim(rest, "/"), "/")
	if !ok || !isVersion(segments[0]) {
		return call{}, notFound()
	}
	for i, seg := range segments {
		decoded, err := url.PathUnescape(seg)
		if err != nil {
			return call{}, notFound()
		}
		segments[i] = decoded
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return call{}, fail("MALFORMED_QUERY", nil, "the query string cannot be read")
	}
	return call{method: method, path: segments[1:], query: query, header: header, body: raw, base: "/services/data/" + segments[0]}, nil
}

func writeReply(w http.ResponseWriter, r reply) {
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	if r.body == nil {
		w.WriteHeader(r.status)
		_, _ = w.Write(r.raw) // see below
		return
	}
	raw, err := json.Marshal(r.body)
	if err != nil {
		http.Error(w, "encoding the reply failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(r.status)
	_, _ = w.Write(raw) // the change is committed; a caller who has gone asks again
}
