package bff_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/api"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/internal/signed"
)

// pair is a request and its answer, in api/examples: what the contract means,
// read by the tests of both ends.
type pair struct {
	About string `json:"about"`
	// Given is what must be so before the request is sent.
	Given   string `json:"given,omitempty"`
	Request struct {
		Method   string            `json:"method"`
		Path     string            `json:"path"`
		SignedIn bool              `json:"signedIn,omitempty"`
		Headers  map[string]string `json:"headers,omitempty"`
		Body     json.RawMessage   `json:"body,omitempty"`
	} `json:"request"`
	Response struct {
		Status int             `json:"status"`
		Type   string          `json:"type,omitempty"`
		Body   json.RawMessage `json:"body,omitempty"`
	} `json:"response"`
	// Any lists values of the answer that differ each time, by path.
	Any []string `json:"any,omitempty"`
}

// rewriteExamples, set in the environment, takes over what the server answers.
const rewriteExamples = "FIELDPAY_REWRITE_EXAMPLES"

// Time in a bubble begins at the start of the year 2000, so even times are
// equal.
func TestServer_Examples(t *testing.T) {
	files, err := filepath.Glob("../api/examples/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkExample(t, file) })
		})
	}
}

func checkExample(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var p pair
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		t.Fatalf("reading the example: %v", err)
	}
	r := newRig(t, nil)
	body := string(p.Request.Body)
	if p.Request.SignedIn {
		body = strings.ReplaceAll(body, "{{refreshToken}}", r.signIn().Tokens.RefreshToken)
	}
	synctest.Wait() // until the upstreams were asked
	given(t, r, p, body)
	var headers []string
	for name, value := range p.Request.Headers {
		headers = append(headers, name, value)
	}
	if strings.Contains(body, "{{code}}") {
		body, headers = enrolling(t, r, p, body)
	}
	got := r.call(p.Request.Method, p.Request.Path, body, headers...)
	if os.Getenv(rewriteExamples) != "" {
		rewrite(t, file, p, got)
		return
	}
	if got.status != p.Response.Status || got.header.Get("Content-Type") != p.Response.Type {
		t.Errorf("answer %d %q, want %d %q", got.status, got.header.Get("Content-Type"), p.Response.Status, p.Response.Type)
	}
	if got.header.Get("FieldPay-Protocol") != "1" || got.header.Get("X-Request-Id") == "" {
		t.Errorf("headers %v", got.header)
	}
	gotBody, wantBody := parsed(t, got.text), parsed(t, string(p.Response.Body))
	for _, path := range p.Any {
		blank(gotBody, strings.Split(path, "."))
		blank(wantBody, strings.Split(path, "."))
	}
	if !reflect.DeepEqual(gotBody, wantBody) {
		t.Errorf("answer %s\nwant   %s", got.text, p.Response.Body)
	}
}

// enrolling fills in a fresh code, and what a device signs with it.
func enrolling(t *testing.T, r *rig, p pair, body string) (string, []string) {
	t.Helper()
	code, _, err := r.registry.NewCode(t.Context(), "", "", time.Hour, "command")
	if err != nil {
		t.Fatal(err)
	}
	body = strings.ReplaceAll(body, "{{code}}", code)
	d := newDevice("device-1")
	return body, append(d.sign(p.Request.Method, p.Request.Path, body, ""), signed.KeyHeader, d.public())
}

// given makes what the example presumes.
func given(t *testing.T, r *rig, p pair, body string) {
	t.Helper()
	switch p.Given {
	case "", "the office gave a code": // see enrolling
	case "the request was sent before":
		r.call(p.Request.Method, p.Request.Path, body)
	case "Salesforce is down":
		r.crm.Plan(bfftest.Fault{Err: down()})
	case "an open payment intent on inv-002":
		r.signIn()
		if _, err := r.client().CreatePaymentIntent(t.Context(), &api.PaymentIntentRequest{InvoiceId: "inv-002", Amount: 175000, Currency: "usd"}); err != nil {
			t.Fatal(err)
		}
		r.token = ""
	case "a checkout for inv-002":
		r.call("POST", "/stripe/checkout", `{"invoiceId":"inv-002","amount":175000,"currency":"usd"}`, "Idempotency-Key", "0197f3a0-0000-7000-8000-0000000000c1")
	case "inv-002 was paid by card, and the office is signed in":
		r.payByCard("pi_9")
		r.promote(bff.RoleOffice)
	case "device-1 was seen with fence 3":
		r.call("POST", "/sync/actions", `{"deviceId":"device-1","fence":3,"actions":[]}`)
	case "the visit 0197f3a0-0000-7000-8000-000000000006 was applied":
		r.call("POST", "/sync/actions", `{"actions":[`+visit("0197f3a0-0000-7000-8000-000000000006", "")+`]}`)
	case "the pump was sent before":
		r.call("PUT", p.Request.Path, `"the pump"`, "Content-Type", "application/octet-stream", "File-Name", "pump.jpg", "File-Type", "image/jpeg")
	default:
		t.Fatalf("nobody knows how to make %q", p.Given)
	}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	if text == "" {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// blank replaces the value at a path by one that stands for any of its type.
func blank(v any, path []string) {
	switch v := v.(type) {
	case map[string]any:
		value, there := v[path[0]]
		switch {
		case there && len(path) == 1:
			v[path[0]] = anyOf(value)
		case there:
			blank(value, path[1:])
		}
	case []any:
		for _, element := range v {
			blank(element, path[1:])
		}
	}
}

func anyOf(value any) any {
	if _, text := value.(string); text {
		return "*"
	}
	return float64(1)
}

func rewrite(t *testing.T, file string, p pair, got answer) {
	t.Helper()
	p.Response.Status, p.Response.Type, p.Response.Body = got.status, got.header.Get("Content-Type"), nil
	body := parsed(t, got.text)
	for _, path := range p.Any {
		blank(body, strings.Split(path, "."))
	}
	if body != nil {
		var err error
		if p.Response.Body, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
