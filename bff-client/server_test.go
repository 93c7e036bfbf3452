package bffclient_test

import (
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// server is a small BFF that keeps to the contract, until a test overrides one
// of its routes.
type server struct {
	*httptest.Server
	key ed25519.PrivateKey

	mu       sync.Mutex
	routes   map[string]http.HandlerFunc
	access   string
	refresh  string
	life     time.Duration
	received []received

	refreshes atomic.Int64
}

// received is one batch as it arrived.
type received struct {
	Encoding string
	Body     []byte
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := unstartedServer(t)
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func unstartedServer(t *testing.T) *server {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{key: key, access: "access-1", refresh: "refresh-1", life: time.Hour}
	s.routes = map[string]http.HandlerFunc{
		"/health":        s.health,
		"/auth/login":    s.login,
		"/auth/refresh":  s.renew,
		"/auth/logout":   func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusNoContent, nil) },
		"/sync/actions":  s.actions,
		"/sync/outcomes": s.outcomes,
	}
	return s
}

// ServeHTTP serves the route of the request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	route := s.routes[r.URL.Path]
	s.mu.Unlock()
	if route == nil {
		refuse(w, http.StatusNotFound, action.NotFound, nil)
		return
	}
	route(w, r)
}

func (s *server) on(path string, route http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes[path] = route
}

// signedIn reports whether a request carries the current access token, and
// refuses it otherwise.
func (s *server) signedIn(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") == "Bearer "+s.access {
		return true
	}
	refuse(w, http.StatusUnauthorized, action.SignInNeeded, nil)
	return false
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	s.signHealth(w, r.URL.Query().Get("nonce"), time.Now().UTC(), map[string]any{"startDelayMs": 1500,
		"upstreams": map[string]string{"stripe": "down", "salesforce": "ok"}})
}

func (s *server) signHealth(w http.ResponseWriter, nonce string, at time.Time, more map[string]any) {
	stamp := at.Format(time.RFC3339Nano)
	body := map[string]any{
		"status": "ok", "environment": "test", "salesforceMode": "sandbox", "stripeMode": "sandbox", "version": "1.2.3",
		"timestamp": stamp, "nonce": nonce,
		"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, []byte("fieldpay-probe:"+nonce+":"+stamp))),
		"keyId":     base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey)),
	}
	for name, value := range more {
		body[name] = value
	}
	answer(w, http.StatusOK, body)
}

func (s *server) tokens() map[string]any {
	return map[string]any{"accessToken": s.access, "refreshToken": s.refresh, "instanceUrl": "https://example.com",
		"expiresAt": time.Now().Add(s.life).UnixMilli()}
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	var body struct{ Username, Password, DeviceID string }
	if json.NewDecoder(r.Body).Decode(&body) != nil || body.Password != "right" {
		refuse(w, http.StatusUnauthorized, action.BadCredentials, nil)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"tokens": s.tokens(),
		"user": map[string]string{"id": "user-001", "name": "Jordan Rivera", "email": "jordan@example.com"}})
}

// renew rotates the pair, and refuses a spent refresh token.
func (s *server) renew(w http.ResponseWriter, r *http.Request) {
	n := s.refreshes.Add(1)
	var body struct{ RefreshToken string }
	err := json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || body.RefreshToken != s.refresh {
		refuse(w, http.StatusUnauthorized, action.SignInNeeded, nil)
		return
	}
	s.access, s.refresh = fmt.Sprintf("access-%d", n+1), fmt.Sprintf("refresh-%d", n+1)
	answer(w, http.StatusOK, s.tokens())
}

func (s *server) actions(w http.ResponseWriter, r *http.Request) {
	if !s.signedIn(w, r) {
		return
	}
	body := plainBody(r)
	s.mu.Lock()
	s.received = append(s.received, received{Encoding: r.Header.Get("Content-Encoding"), Body: body})
	s.mu.Unlock()
	var batch struct{ Actions []action.Action }
	if err := json.Unmarshal(body, &batch); err != nil {
		refuse(w, http.StatusBadRequest, action.BadRequest, nil)
		return
	}
	results := []action.Outcome{}
	for _, a := range batch.Actions {
		results = append(results, action.AppliedOutcome(a.ID, "a0X1", 1, time.Now()))
	}
	answer(w, http.StatusOK, map[string]any{"succeeded": []string{}, "failed": []string{}, "results": results,
		"acknowledged": map[string]any{"position": 7, "mac": "ab"}})
}

func (s *server) outcomes(w http.ResponseWriter, r *http.Request) {
	if !s.signedIn(w, r) {
		return
	}
	var body struct{ IDs []string }
	if err := json.Unmarshal(plainBody(r), &body); err != nil {
		refuse(w, http.StatusBadRequest, action.BadRequest, nil)
		return
	}
	results, unknown := []action.Outcome{}, []string{}
	for i, id := range body.IDs {
		if i%2 == 0 {
			results = append(results, action.AppliedOutcome(id, "a0X1", 1, time.Now()))
		} else {
			unknown = append(unknown, id)
		}
	}
	answer(w, http.StatusOK, map[string]any{"results": results, "unknown": unknown})
}

func plainBody(r *http.Request) []byte {
	from := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		packed, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil
		}
		from = packed
	}
	body, err := io.ReadAll(from)
	if err != nil {
		return nil
	}
	return body
}

// answer writes what the BFF writes.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("FieldPay-Protocol", "1")
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// refuse writes a problem as the BFF does.
func refuse(w http.ResponseWriter, status int, code action.Code, more map[string]any) {
	body := map[string]any{"type": "urn:fieldpay:" + string(code), "title": http.StatusText(status), "status": status,
		"code": code, "error": "the server's sentence"}
	for name, value := range more {
		body[name] = value
	}
	w.Header().Set("FieldPay-Protocol", "1")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// wallet is a TokenSource in memory. It notes the order of what happens.
type wallet struct {
	mu      sync.Mutex
	tokens  bffclient.Tokens
	person  bffclient.Person
	history []string
}

func newWallet() *wallet {
	person := bffclient.Person{ID: "user-001", Name: "Jordan Rivera"}
	return &wallet{person: person, tokens: bffclient.Tokens{
		Access: "access-1", Refresh: "refresh-1", ExpiresAt: time.Now().Add(time.Hour), Person: person}}
}

// Tokens returns the current tokens.
func (w *wallet) Tokens(context.Context) (bffclient.Tokens, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens, nil
}

// Store replaces the tokens.
func (w *wallet) Store(_ context.Context, t bffclient.Tokens) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens, w.person = t, t.Person
	w.history = append(w.history, "stored "+t.Access)
	return nil
}

// Drop forgets the tokens.
func (w *wallet) Drop(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens = bffclient.Tokens{}
	w.history = append(w.history, "dropped")
	return nil
}

func newClient(t *testing.T, url string, tokens bffclient.TokenSource, change ...func(*bffclient.Options)) *bffclient.Client {
	t.Helper()
	o := bffclient.Options{BaseURL: url, Tokens: tokens, DeviceID: "device-1", Version: "1.0.0"}
	for _, c := range change {
		c(&o)
	}
	c, err := bffclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// batch makes a batch of n actions whose payloads have about size bytes.
func batch(n, size int) bffclient.SyncBatch {
	b := bffclient.SyncBatch{DeviceID: "device-1", Fence: 3, Head: bffclient.ChainPoint{Position: 9, MAC: "cd"}}
	for range n {
		payload, _ := json.Marshal(map[string]string{"note": strings.Repeat("n", size)})
		b.Actions = append(b.Actions, action.Action{ID: action.NewID(), Type: action.LogVisitType, Version: 1, Payload: payload})
	}
	return b
}

func wantCode(t *testing.T, err error, want action.Code) *action.Error {
	t.Helper()
	if got := action.CodeOf(err); got != want {
		t.Fatalf("got code %q (%v), want %q", got, err, want)
	}
	e, ok := err.(*action.Error)
	if err != nil && !ok {
		t.Fatalf("%T is not an *action.Error", err)
	}
	return e
}
