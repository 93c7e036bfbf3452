package bffclient_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// pair is a request and its answer in api/examples, which the server's tests
// read too: what the one end writes is what the other end reads.
type pair struct {
	Request struct {
		Method, Path string
		Headers      map[string]string
		Body         json.RawMessage
	}
	Response struct {
		Status int
		Type   string
		Body   json.RawMessage
	}
}

func readPair(t *testing.T, path string) pair {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var p pair
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// refused returns the code that an answer's problem has; empty for none.
func (p pair) refused() action.Code {
	var problem struct{ Code action.Code }
	if p.Response.Status >= http.StatusBadRequest {
		_ = json.Unmarshal(p.Response.Body, &problem) // an answer that is none has no code
	}
	return problem.Code
}

// serve answers as the example does and compares what is asked with it.
func (p pair) serve(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.RequestURI(); r.Method != p.Request.Method || got != p.Request.Path {
			t.Errorf("asked %s %s, not %s %s", r.Method, got, p.Request.Method, p.Request.Path)
		}
		if got, want := r.Header.Get("Idempotency-Key"), p.Request.Headers["Idempotency-Key"]; got != want {
			t.Errorf("asked under the key %q, not %q", got, want)
		}
		if got, want := decoded(t, plainBody(r)), decoded(t, p.Request.Body); !reflect.DeepEqual(got, want) {
			t.Errorf("sent %v\nwant %v", got, want)
		}
		w.Header().Set("FieldPay-Protocol", "1")
		if p.Response.Type != "" {
			w.Header().Set("Content-Type", p.Response.Type)
		}
		w.WriteHeader(p.Response.Status)
		_, _ = io.Writer(w).Write(p.Response.Body)
	}))
	t.Cleanup(s.Close)
	return s
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return v
}

// play makes the example's request by the method that is for it and returns
// what the caller sees of the answer; false says that the device never asks so.
func (p pair) play(t *testing.T, c *bffclient.Client) (got any, played bool, err error) {
	t.Helper()
	ctx := context.Background()
	u, err := url.Parse(p.Request.Path)
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Username, Password, RefreshToken, DeviceID string
		IDs                                        []string
		Head                                       bffclient.ChainPoint
	}
	if len(p.Request.Body) > 0 && json.Unmarshal(p.Request.Body, &body) != nil {
		return nil, false, nil // a body that no client of ours would send
	}
	switch {
	case u.Path == "/auth/login" && body.Username != "" && body.Password != "":
		s, err := c.SignIn(ctx, body.Username, body.Password)
		return map[string]any{"user": s.Person}, true, err
	case u.Path == "/auth/logout":
		return nil, true, c.SignOut(ctx)
	case u.Path == "/auth/refresh" && body.RefreshToken != "":
		return nil, true, c.Refresh(ctx)
	case p.Request.Method == http.MethodGet && u.Path == "/salesforce/accounts":
		got, err = c.Accounts(ctx, bffclient.AccountQuery{Search: u.Query().Get("search")})
	case p.Request.Method == http.MethodGet && strings.HasSuffix(u.Path, "/contacts"):
		got, err = c.Contacts(ctx, strings.Split(u.Path, "/")[3])
	case p.Request.Method == http.MethodGet && u.Path == "/salesforce/invoices":
		got, err = c.Invoices(ctx, u.Query().Get("accountId"))
	case u.Path == "/salesforce/prices":
		got, err = c.Prices(ctx)
	case strings.HasPrefix(u.Path, "/attachments/") && p.Request.Method == http.MethodGet:
		_, err = c.HasAttachment(ctx, strings.TrimPrefix(u.Path, "/attachments/"))
		return nil, false, err
	case strings.HasPrefix(u.Path, "/stripe/"):
		return paid(p, c, strings.Split(u.Path, "/"))
	case u.Path == "/sync/check":
		return checked(t, p, c)
	case u.Path == "/sync/journal":
		fence, err := c.Adopt(ctx, body.DeviceID, body.Head)
		return map[string]any{"fence": fence}, true, err
	case u.Path == "/sync/outcomes":
		found, unknown, err := c.Outcomes(ctx, body.IDs)
		return map[string]any{"results": found, "unknown": unknown}, true, err
	default:
		return nil, false, nil
	}
	return got, true, err
}

// checked asks what would become of the batch.
func checked(t *testing.T, p pair, c *bffclient.Client) (any, bool, error) {
	t.Helper()
	var batch bffclient.SyncBatch
	if err := json.Unmarshal(p.Request.Body, &batch); err != nil {
		t.Fatal(err)
	}
	results, err := c.Check(context.Background(), batch.Actions)
	got := make([]any, len(results))
	for i, r := range results {
		got[i] = map[string]any{"id": r.ID, "ok": r.OK}
	}
	return map[string]any{"results": got}, true, err
}

// paid makes the example's call about money.
func paid(p pair, c *bffclient.Client, path []string) (got any, played bool, err error) {
	ctx := context.Background()
	var body struct {
		InvoiceID, Currency string
		Amount              int64
	}
	_ = json.Unmarshal(p.Request.Body, &body) // a question has none
	key, currency := p.Request.Headers["Idempotency-Key"], action.Currency(body.Currency)
	asked := bffclient.PaymentAsked{ID: key, InvoiceID: body.InvoiceID, Amount: body.Amount, Currency: currency}
	switch {
	case path[len(path)-1] == "cards":
		got, err = c.Cards(ctx, path[3])
	case path[2] == "checkout" && key != "":
		o, failure := c.BeginCheckout(ctx, asked, false)
		got, err = checkoutMap(o), failure
	case path[2] == "checkout" && p.Request.Method == http.MethodGet:
		o, failure := c.Checkout(ctx, path[3])
		got, err = checkoutMap(o), failure
	case path[2] == "payment-link":
		l, failure := c.CreatePaymentLink(ctx, asked)
		got, err = map[string]any{"id": l.ID, "url": l.URL, "result": l.Result}, failure
	case path[2] == "refund":
		r, failure := c.Refund(ctx, bffclient.RefundAsked{ID: key, InvoiceID: body.InvoiceID, Amount: body.Amount, Currency: currency})
		got, err = map[string]any{"id": r.ID, "amount": r.Amount, "currency": r.Currency, "status": r.Status}, failure
	default:
		return nil, false, nil
	}
	return got, true, err
}

func checkoutMap(o bffclient.Checkout) map[string]any {
	return map[string]any{"id": o.ID, "url": o.URL, "status": o.Status, "booked": o.Booked}
}

func TestClient_GoldenPairs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "api", "examples", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	played := 0
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			p := readPair(t, path)
			if code := p.refused(); code != "" {
				err, ours := bffclient.DecodeProblem(p.Response.Body, p.Response.Status)
				if got := action.CodeOf(err); !ours || got != code && !(code == action.NotFound && got == action.UnknownType) {
					t.Errorf("%q is read as %q", code, got)
				}
			}
			var sent struct{ RefreshToken string }
			_ = json.Unmarshal(p.Request.Body, &sent) // only a renewal has one
			tokens := newWallet()
			tokens.tokens.Refresh = sent.RefreshToken
			got, ok, err := p.play(t, newClient(t, p.serve(t).URL, tokens, func(o *bffclient.Options) { o.DeviceID = "" }))
			if !ok {
				return
			}
			played++
			if want := p.refused(); want != action.SignInNeeded && action.CodeOf(err) != want {
				t.Fatalf("got %v, want %q", err, want)
			}
			if err == nil {
				within(t, "answer", got, decoded(t, p.Response.Body))
			}
		})
	}
	if played < 8 {
		t.Errorf("only %d examples are about the device", played)
	}
}

// within checks that everything the caller got stands so in the example.
func within(t *testing.T, at string, got, want any) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, at, decoded(t, text), want)
}

func compare(t *testing.T, at string, got, want any) {
	t.Helper()
	switch g := got.(type) {
	case map[string]any:
		w, _ := want.(map[string]any)
		for name, value := range g {
			compare(t, at+"."+name, value, w[name])
		}
	case []any:
		w, _ := want.([]any)
		if len(g) != len(w) {
			t.Errorf("%s has %d entries, not %d", at, len(g), len(w))
			return
		}
		for i, value := range g {
			compare(t, at, value, w[i])
		}
	default:
		if !reflect.DeepEqual(got, want) && got != nil {
			t.Errorf("%s is %v, not %v", at, got, want)
		}
	}
}

func TestClient_GoldenBatches(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "api", "examples", "sync-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	sent := 0
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			p := readPair(t, path)
			var b bffclient.SyncBatch
			var answer struct{ Results []action.Outcome }
			if json.Unmarshal(p.Request.Body, &b) != nil || len(b.Actions) == 0 || twice(b.Actions) || p.foreign(t, b) {
				return // our device sends no such batch
			}
			sent++
			if err := json.Unmarshal(p.Response.Body, &answer); err != nil {
				t.Fatal(err)
			}
			reply, err := newClient(t, p.serve(t).URL, newWallet()).Send(t.Context(), b)
			if got, want := action.CodeOf(err), p.refused(); got != want {
				t.Fatalf("got %v, want %q", err, want)
			}
			if err == nil && !reflect.DeepEqual(reply.Outcomes, answer.Results) {
				t.Errorf("outcomes %+v\nwant %+v", reply.Outcomes, answer.Results)
			}
		})
	}
	if sent < 5 {
		t.Errorf("only %d examples are batches of the device", sent)
	}
}

func twice(actions []action.Action) bool {
	seen := map[string]bool{}
	for _, a := range actions {
		seen[a.ID] = true
	}
	return len(seen) != len(actions)
}

// foreign reports whether a batch has more than our actions can say: it is
// another client's.
func (p pair) foreign(t *testing.T, b bffclient.SyncBatch) bool {
	t.Helper()
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return !reflect.DeepEqual(decoded(t, text), decoded(t, p.Request.Body))
}
