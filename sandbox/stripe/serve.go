package stripe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fieldpay/sandbox/control"
)

// request is one authorized call inside its transaction.
type request struct {
	*tx
	params
	id     string // of the object that the URL names
	reqID  string
	key    string // idempotency key, if any
	now    time.Time
	origin string // scheme and host that the caller used
}

// handler does the work of one route and returns the object to answer.
type handler func(*request) (any, *apiError)

// storedReply is what an idempotency key remembers.
type storedReply struct {
	Fingerprint string          `json:"fingerprint"`
	Endpoint    string          `json:"endpoint"`
	RequestID   string          `json:"request_id"`
	Status      int             `json:"status"`
	Body        json.RawMessage `json:"body"`
	Created     time.Time       `json:"created"`
}

const (
	keyLife    = 24 * time.Hour
	pruneEvery = time.Hour
	maxKeyLen  = 255
)

func (s *Server) serve(w http.ResponseWriter, r *http.Request, h handler) {
	reqID := newID("req_")
	w.Header().Set("Request-Id", reqID)
	w.Header().Set("Stripe-Version", Version)
	if failed := s.authorize(r); failed != nil {
		writeJSON(w, failed.status, failed.body())
		return
	}
	p, failed := readParams(w, r)
	if failed != nil {
		writeJSON(w, failed.status, failed.body())
		return
	}
	req := &request{params: p, id: r.PathValue("id"), reqID: reqID, now: time.Now(), origin: originOf(r)}
	if r.Method == http.MethodPost {
		req.key = r.Header.Get("Idempotency-Key")
	}
	if req.key == "" {
		status, body := s.execute(r.Context(), req, h, nil)
		writeRaw(w, status, body)
		return
	}
	w.Header().Set("Idempotency-Key", req.key)
	s.serveKeyed(w, r, req, h)
}

// serveKeyed runs a call at most once per idempotency key.
func (s *Server) serveKeyed(w http.ResponseWriter, r *http.Request, req *request, h handler) {
	mine := storedReply{Fingerprint: fingerprint(r, req.values), Endpoint: r.URL.Path, RequestID: req.reqID, Created: req.now}
	kept, failed := s.reserve(req.key, mine)
	switch {
	case failed != nil:
		writeJSON(w, failed.status, failed.body())
		return
	case kept != nil:
		w.Header().Set("Idempotent-Replayed", "true")
		w.Header().Set("Original-Request", kept.RequestID)
		writeRaw(w, kept.Status, kept.Body)
		return
	}
	w.Header().Set("Original-Request", req.reqID)
	status, body := s.execute(r.Context(), req, h, &mine)
	writeRaw(w, status, body)
}

// reserve takes an idempotency key, or answers what is kept under it.
func (s *Server) reserve(key string, mine storedReply) (*storedReply, *apiError) {
	if len(key) > maxKeyLen {
		return nil, invalid("", "", "Idempotency keys may have at most %d characters", maxKeyLen)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if running, ok := s.inFlight[key]; ok {
		if running != mine.Fingerprint {
			return nil, otherParameters(key)
		}
		return nil, keyInUse()
	}
	kept, ok := s.store.replies.get(key)
	switch {
	case !ok || mine.Created.Sub(kept.Created) >= keyLife:
		s.inFlight[key] = mine.Fingerprint
		return nil, nil
	case kept.Endpoint != mine.Endpoint:
		return nil, idempotencyError("Keys for idempotent requests can only be used for the same endpoint they were first used for ('%s' vs '%s'). Try using a key other than '%s' if you meant to execute a different request.", mine.Endpoint, kept.Endpoint, key)
	case kept.Fingerprint != mine.Fingerprint:
		return nil, otherParameters(key)
	}
	return &kept, nil
}

func otherParameters(key string) *apiError {
	return idempotencyError("Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", key)
}

// execute does the work and, when kept is given, files the reply under the key in the same commit.
func (s *Server) execute(ctx context.Context, req *request, h handler, kept *storedReply) (int, json.RawMessage) {
	effect, during := control.During(ctx)
	if during {
		// A caller who goes away does not stop what has begun, so the result of the pause does not matter.
		control.Pause(ctx, time.Duration(effect.DelayMs)*time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, req.key)
	x := s.store.begin()
	req.tx = x
	var result any
	var failed *apiError
	if during && effect.Status > 0 {
		failed = injected(effect.Status, effect.ErrorCode, effect.Message)
		failed.executed = true
	} else {
		result, failed = h(req)
	}
	if failed != nil && !failed.kept {
		x.rollback()
	}
	status, body, failedEncoding := encode(req, result, failed)
	if failedEncoding != nil {
		x.rollback()
		return encodeError(internal())
	}
	if kept != nil && (failed == nil || failed.executed) {
		kept.Status, kept.Body = status, body
		put(x, x.replies, req.key, *kept)
		s.prune(x, req.now)
	}
	if failed := s.commit(x); failed != nil {
		return encodeError(failed)
	}
	return status, body
}

// prune forgets the keys whose time is over, looking for them now and then.
func (s *Server) prune(x *tx, now time.Time) {
	if now.Sub(s.pruned) < pruneEvery {
		return
	}
	s.pruned = now
	for key, r := range x.replies.rows {
		if now.Sub(r.Value.Created) >= keyLife {
			drop(x, x.replies, key)
		}
	}
}

func encode(req *request, result any, failed *apiError) (int, json.RawMessage, error) {
	if failed != nil {
		status, body := encodeError(failed)
		return status, body, nil
	}
	raw, err := req.expanded(result)
	return http.StatusOK, raw, err
}

func encodeError(e *apiError) (int, json.RawMessage) {
	raw, err := json.Marshal(e.body())
	if err != nil {
		return http.StatusInternalServerError, json.RawMessage(`{"error":{"type":"api_error"}}`)
	}
	return e.status, raw
}

func (s *Server) authorize(r *http.Request) *apiError {
	key, _, basic := r.BasicAuth()
	if !basic {
		key, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if key != s.opts.Key {
		return unauthorized(key)
	}
	return nil
}

func readParams(w http.ResponseWriter, r *http.Request) (params, *apiError) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, control.MaxBody))
	if err != nil {
		return params{}, invalid("", "", "The request body could not be read")
	}
	text := r.URL.RawQuery
	if r.Method == http.MethodPost {
		text = string(raw)
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return params{}, invalid("", "", "Invalid request: the parameters are not form-encoded")
	}
	return params{values}, nil
}

func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func fingerprint(r *http.Request, v url.Values) string {
	sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "?" + v.Encode()))
	return hex.EncodeToString(sum[:])
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "encoding the reply failed", http.StatusInternalServerError)
		return
	}
	writeRaw(w, status, raw)
}

func writeRaw(w http.ResponseWriter, status int, raw []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the work is committed; a caller who has gone asks again with its key
}
