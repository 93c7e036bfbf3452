package salesforce_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/salesforce"
	"fieldpay/sandbox/control"
	sandboxorg "fieldpay/sandbox/salesforce"
)

// org is a Salesforce that behaves, a client of it, and what went over the wire.
type org struct {
	t      *testing.T
	Client *salesforce.Client
	server *sandboxorg.Server
	plane  *control.Plane
	url    string
	wire   *recorder
	logs   *lockedBuffer
}

func newOrg(t *testing.T) *org {
	t.Helper()
	return newOrgWith(t, sandboxorg.Options{})
}

func newOrgWith(t *testing.T, o sandboxorg.Options) *org {
	t.Helper()
	o.Plane = control.New()
	server, err := sandboxorg.New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(o.Plane.Wrap(server))
	t.Cleanup(func() {
		web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	made := &org{t: t, server: server, plane: o.Plane, url: web.URL, wire: &recorder{next: http.DefaultTransport}, logs: &lockedBuffer{}}
	made.Client = made.client("sandbox-secret")
	return made
}

func (o *org) client(secret string) *salesforce.Client {
	o.t.Helper()
	c, err := salesforce.New(salesforce.Options{
		BaseURL: o.url, ClientID: "fieldpay-sandbox", ClientSecret: secret,
		HTTP: &http.Client{Transport: o.wire, Timeout: 10 * time.Second}, Logger: zerolog.New(o.logs).Level(zerolog.DebugLevel),
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// fail makes the org fail as the rules say.
func (o *org) fail(rules ...control.Rule) {
	o.t.Helper()
	if err := o.plane.SetRules(rules); err != nil {
		o.t.Fatal(err)
	}
}

// rows are the records of an object, as JSON gives them.
func (o *org) rows(object string) []map[string]any {
	o.t.Helper()
	raw, err := json.Marshal(o.server.State()["objects"])
	if err != nil {
		o.t.Fatal(err)
	}
	var objects map[string][]map[string]any
	if err := json.Unmarshal(raw, &objects); err != nil {
		o.t.Fatal(err)
	}
	return objects[object]
}

func (o *org) count(object string) int { return len(o.rows(object)) }

// find returns the one record of an object whose field has the value.
func (o *org) find(object, field string, value any) map[string]any {
	o.t.Helper()
	for _, r := range o.rows(object) {
		if r[field] == value {
			return r
		}
	}
	o.t.Fatalf("no %s with %s = %v", object, field, value)
	return nil
}

// office edits a record as a person in Salesforce does.
func (o *org) office(object, id string, change map[string]any) {
	o.t.Helper()
	o.officeCall(http.MethodPatch, "/sobjects/"+object+"/"+id, change)
}

func (o *org) officeCall(method, path string, body any) {
	o.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	req := httptest.NewRequest(method, "/services/data/v63.0"+path, bytes.NewReader(raw))
	req.Header.Set("Authorization", "Bearer "+o.officeToken())
	answer := httptest.NewRecorder()
	o.server.ServeHTTP(answer, req)
	if answer.Code > 299 {
		o.t.Fatalf("the office's %s: %d %s", method, answer.Code, answer.Body)
	}
}

func (o *org) officeToken() string {
	form := "grant_type=client_credentials&client_id=fieldpay-sandbox&client_secret=sandbox-secret"
	req := httptest.NewRequest(http.MethodPost, "/services/oauth2/token", strings.NewReader(form))
	answer := httptest.NewRecorder()
	o.server.ServeHTTP(answer, req)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &token); err != nil {
		o.t.Fatal(err)
	}
	return token.AccessToken
}

// effect is an action that is to take effect, as the processor hands it over.
func effect(t *testing.T, p action.Payload) bff.Effect {
	t.Helper()
	raw, err := action.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	a := action.Action{ID: action.NewID(), Type: p.Type(), Version: 1, Actor: "user-1", Payload: raw}
	if _, err := action.Parse(a); err != nil {
		t.Fatal(err)
	}
	return bff.Effect{Action: a, Payload: p, At: time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC), Hash: a.ContentHash()}
}

func (o *org) apply(e bff.Effect) bff.Applied {
	o.t.Helper()
	done, err := o.Client.Apply(o.t.Context(), e)
	if err != nil {
		o.t.Fatal(err)
	}
	return done
}

func (o *org) applyPayload(p action.Payload) bff.Applied {
	o.t.Helper()
	return o.apply(effect(o.t, p))
}

func wantCode(t *testing.T, err error, want action.Code) {
	t.Helper()
	if got := action.CodeOf(err); got != want {
		t.Errorf("code %q, want %q (%v)", got, want, err)
	}
}

// together runs n calls at the same time.
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

// recorder keeps the requests that go out.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []wireRequest
	path string
	hook func()
	// token is that of the last API call.
	token string
}

// afterFirst calls f once, when the first request whose path contains part has
// been answered.
func (r *recorder) afterFirst(part string, f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.path, r.hook = part, f
}

func (r *recorder) takeHook(path string) func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hook == nil || !strings.Contains(path, r.path) {
		return func() {}
	}
	f := r.hook
	r.hook = nil
	return f
}

type wireRequest struct {
	Method, Path string
	Body         []byte
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
	r.mu.Lock()
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
		r.token = token
	}
	r.sent = append(r.sent, wireRequest{Method: req.Method, Path: req.URL.RequestURI(), Body: body})
	r.mu.Unlock()
	resp, err := r.next.RoundTrip(req)
	r.takeHook(req.URL.Path)()
	return resp, err
}

func (r *recorder) requests(path string) []wireRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.sent), func(w wireRequest) bool { return !strings.HasPrefix(w.Path, path) })
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
