package stripepay_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/stripepay"
	"fieldpay/sandbox/control"
	sandboxstripe "fieldpay/sandbox/stripe"
)

const testKey = "sk_test_sandbox"

// account is a Stripe that behaves, a client of it, and what went over the wire.
type account struct {
	t      *testing.T
	Client *stripepay.Client
	server *sandboxstripe.Server
	plane  *control.Plane
	url    string
	wire   *recorder
	logs   *bytes.Buffer
}

func newAccount(t *testing.T) *account {
	t.Helper()
	plane := control.New()
	server, err := sandboxstripe.New(sandboxstripe.Options{Plane: plane})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(plane.Wrap(server))
	t.Cleanup(func() {
		web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	a := &account{t: t, server: server, plane: plane, url: web.URL, wire: &recorder{t: t}, logs: &bytes.Buffer{}}
	a.Client = a.client(testKey)
	return a
}

func (a *account) client(key string) *stripepay.Client {
	a.t.Helper()
	return newClient(a.t, stripepay.Options{
		Key: key, BaseURL: a.url, HTTP: &http.Client{Transport: a.wire, Timeout: 10 * time.Second},
		Logger: zerolog.New(zerolog.SyncWriter(a.logs)).Level(zerolog.DebugLevel),
	})
}

func newClient(t *testing.T, o stripepay.Options) *stripepay.Client {
	t.Helper()
	c, err := stripepay.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (a *account) fail(rules ...control.Rule) {
	a.t.Helper()
	if err := a.plane.SetRules(rules); err != nil {
		a.t.Fatal(err)
	}
}

// count is how many objects of a kind there are, or charges that succeeded.
func (a *account) count(kind string) int {
	a.t.Helper()
	raw, err := json.Marshal(a.server.State())
	if err != nil {
		a.t.Fatal(err)
	}
	var state struct {
		Counts  map[string]int
		Effects struct{ ChargesSucceeded int }
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		a.t.Fatal(err)
	}
	if kind == "succeeded" {
		return state.Effects.ChargesSucceeded
	}
	return state.Counts[kind]
}

func (a *account) intent(amount int64, c action.Currency) bff.Intent {
	a.t.Helper()
	i, err := a.Client.CreateIntent(a.t.Context(), bff.IntentRequest{Key: action.NewID() + ":pi", InvoiceID: "inv-002", Amount: amount, Currency: c})
	if err != nil {
		a.t.Fatal(err)
	}
	return i
}

func wantCode(t *testing.T, err error, want action.Code) {
	t.Helper()
	if got := action.CodeOf(err); got != want {
		t.Errorf("code %q, want %q (%v)", got, want, err)
	}
}

func together(n int, call func(int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	all.Wait()
}

// recorder keeps the requests that go out, and has each checked for its words.
type recorder struct {
	t    *testing.T
	mu   sync.Mutex
	sent []wireRequest
}

type wireRequest struct {
	Method, Path, Form string
	Header             http.Header
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	sent := wireRequest{Method: req.Method, Path: req.URL.RequestURI(), Form: string(body), Header: req.Header.Clone()}
	r.mu.Lock()
	r.sent = append(r.sent, sent)
	r.mu.Unlock()
	if err := checked(sent); err != nil {
		r.t.Errorf("Stripe would not take it: %v", err)
	}
	return http.DefaultTransport.RoundTrip(req)
}

func (r *recorder) all() []wireRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]wireRequest(nil), r.sent...)
}
