package salesforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/salesforce"
)

const root = "/services/data/v63.0"

// org is a Salesforce under test with a signed-in caller.
type org struct {
	t       *testing.T
	handler http.Handler
	server  *salesforce.Server
	token   string
}

func newOrg(t *testing.T, opts salesforce.Options) *org {
	t.Helper()
	if opts.Plane == nil {
		opts.Plane = control.New()
	}
	s, err := salesforce.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o := &org{t: t, handler: opts.Plane.Wrap(s), server: s}
	o.signIn()
	return o
}

func (o *org) signIn() {
	o.t.Helper()
	status, _, raw := o.form("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {"fieldpay-sandbox"}, "client_secret": {"sandbox-secret"}})
	if status != 200 {
		o.t.Fatalf("token: %d %s", status, raw)
	}
	o.token = object(o.t, raw)["access_token"].(string)
}

func (o *org) form(path string, form url.Values) (int, http.Header, []byte) {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.Bytes()
}

// do makes a call; body is a string of JSON or anything that marshals to it.
func (o *org) do(method, path string, body any) (int, []byte) {
	o.t.Helper()
	status, _, raw := o.doHeader(method, path, body, nil)
	return status, raw
}

func (o *org) doHeader(method, path string, body any, header map[string]string) (int, http.Header, []byte) {
	o.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			o.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, path, in)
	r.Header.Set("Authorization", "Bearer "+o.token)
	r.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.Bytes()
}

func (o *org) soql(q string) map[string]any {
	o.t.Helper()
	status, raw := o.do("GET", root+"/query?q="+url.QueryEscape(q), nil)
	if status != 200 {
		o.t.Fatalf("%s: %d %s", q, status, raw)
	}
	return object(o.t, raw)
}

func (o *org) count(q string) int {
	o.t.Helper()
	return int(o.soql("SELECT COUNT() FROM " + q)["totalSize"].(float64))
}

// account is the Salesforce id of a seeded account.
func (o *org) account(key string) string {
	o.t.Helper()
	_, raw := o.do("GET", root+"/sobjects/Account/External_Id__c/"+key, nil)
	return object(o.t, raw)["Id"].(string)
}

// create inserts a record that must be good.
func (o *org) create(name string, fields map[string]any) string {
	o.t.Helper()
	status, raw := o.do("POST", root+"/sobjects/"+name, fields)
	if status != 201 {
		o.t.Fatalf("creating %s: %d %s", name, status, raw)
	}
	return object(o.t, raw)["id"].(string)
}

func (o *org) invoice(id string) map[string]any {
	return map[string]any{"Client_Invoice_Id__c": id, "Account__r": map[string]any{"External_Id__c": "acc-001"},
		"Amount__c": 12345, "Currency__c": "usd"}
}

func (o *org) get(name, id string) map[string]any {
	o.t.Helper()
	status, raw := o.do("GET", root+"/sobjects/"+name+"/"+id, nil)
	if status != 200 {
		o.t.Fatalf("reading %s: %d %s", name, status, raw)
	}
	return object(o.t, raw)
}

func object(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return m
}

// failure reads the one entry of an error array.
func failure(t *testing.T, raw []byte) (code, message string, fields []any) {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 1 {
		t.Fatalf("not an error array of one: %s", raw)
	}
	code, _ = list[0]["errorCode"].(string)
	message, _ = list[0]["message"].(string)
	fields, _ = list[0]["fields"].([]any)
	return code, message, fields
}

func TestServer_Seeds(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("the demo data is there, with its links", func(t *testing.T) {
		got := o.soql("SELECT Client_Invoice_Id__c, Amount__c, Paid__c, Version__c, CreatedDate, Account__r.External_Id__c, Contact__r.Email FROM Invoice__c ORDER BY Client_Invoice_Id__c")
		rows := got["records"].([]any)
		if len(rows) != 3 {
			t.Fatalf("got %d invoices", len(rows))
		}
		first, last := rows[0].(map[string]any), rows[2].(map[string]any)
		if first["Paid__c"] != 250000.0 || first["Version__c"] != 1.0 || first["CreatedDate"] != "2024-10-15T10:30:00.000+0000" {
			t.Errorf("inv-001 is %v", first)
		}
		if first["Account__r"].(map[string]any)["External_Id__c"] != "acc-001" || last["Contact__r"] != nil {
			t.Errorf("links are %v and %v", first["Account__r"], last["Contact__r"])
		}
	})
	t.Run("the seeded payment is on its invoice", func(t *testing.T) {
		if n := o.count("Payment__c WHERE Invoice__r.Client_Invoice_Id__c = 'inv-001' AND Stripe_Payment_Intent_Id__c = 'pi_mock_001'"); n != 1 {
			t.Errorf("got %d payments", n)
		}
	})
}

func ExampleNew() {
	s, err := salesforce.New(salesforce.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"fieldpay-sandbox"}, "client_secret": {"sandbox-secret"}}
	r := httptest.NewRequest("POST", "/services/oauth2/token", strings.NewReader(form.Encode()))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	fmt.Println(w.Code, s.Close())
	// Output: 200 <nil>
}
