package salesforce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff/salesforce"
)

// canary stands for what must never get out of an answer.
const canary = "canary Jane Doe"

// scripted answers every API call in memory with one answer.
type scripted struct {
	status int
	body   string
	header http.Header
}

func (s scripted) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(req.URL.Path, "/oauth2/token") {
		_, _ = io.WriteString(answer, `{"access_token":"token","token_type":"Bearer"}`)
		return answer.Result(), nil
	}
	for name := range s.header {
		answer.Header().Set(name, s.header.Get(name))
	}
	answer.WriteHeader(s.status)
	_, _ = io.WriteString(answer, s.body)
	return answer.Result(), nil
}

func clientOver(t testing.TB, next http.RoundTripper) *salesforce.Client {
	t.Helper()
	c, err := salesforce.New(salesforce.Options{BaseURL: "https://org.example", ClientID: "id", ClientSecret: "secret", HTTP: &http.Client{Transport: next}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func faultBody(code, message string, fields ...string) string {
	raw, _ := json.Marshal([]map[string]any{{"errorCode": code, "message": message, "fields": fields}}) // strings always encode
	return string(raw)
}

type errorRow struct {
	salesforce string
	status     int
	message    string
	fields     []string
	want       action.Code
}

func errorRows() []errorRow {
	rows := []errorRow{
		{"INVALID_SESSION_ID", 401, canary, nil, action.UpstreamLogin},
		{"INVALID_AUTH_HEADER", 401, canary, nil, action.UpstreamLogin},
		{"API_DISABLED_FOR_ORG", 403, canary, nil, action.UpstreamLogin},
		{"UNABLE_TO_LOCK_ROW", 400, canary, nil, action.RecordLocked},
		{"REQUEST_LIMIT_EXCEEDED", 403, "TotalRequests Limit exceeded.", nil, action.RateLimited},
		{"REQUEST_LIMIT_EXCEEDED", 403, "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", nil, action.RateLimited},
		{"INSUFFICIENT_ACCESS", 403, canary, nil, action.UpstreamRefused},
		{"INSUFFICIENT_ACCESS_OR_READONLY", 400, canary, nil, action.UpstreamRefused},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", 400, "canary: execution of AfterInsert caused by: System.DmlException: UNABLE_TO_LOCK_ROW, " + canary, nil, action.RecordLocked},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", 400, canary, nil, action.UpstreamRefused},
		{"FIELD_CUSTOM_VALIDATION_EXCEPTION", 400, "VERSION_CONFLICT: the invoice is at version 3", []string{"Base_Version__c"}, action.VersionConflict},
		{"INVALID_FIELD", 400, "Foreign key external ID: canary not found for field External_Id__c in entity Account", nil, action.UnknownAccount},
		{"INVALID_FIELD", 400, "Foreign key external ID: canary not found for field External_Id__c in entity Contact", nil, action.UnknownContact},
		{"INVALID_FIELD", 400, "Foreign key external ID: canary not found for field Client_Invoice_Id__c in entity Invoice__c", nil, action.UnknownInvoice},
		{"INVALID_FIELD", 400, "Foreign key external ID: canary not found for field X__c in entity Other__c", nil, action.UpstreamInvalid},
		{"INVALID_FIELD", 400, "No such column 'Paid__c' on sobject of type Invoice__c", nil, action.UpstreamLogin},
		{"INVALID_CROSS_REFERENCE_KEY", 400, canary, []string{"Account__c"}, action.UnknownAccount},
		{"INVALID_CROSS_REFERENCE_KEY", 400, canary, []string{"AccountId"}, action.UnknownAccount},
		{"MALFORMED_ID", 400, canary, []string{"Contact__c"}, action.UnknownContact},
		{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", 400, canary, []string{"Invoice__c"}, action.UnknownInvoice},
		{"SOMETHING_NEW", 400, canary, nil, action.UpstreamRefused},
		{"SOMETHING_NEW", 409, canary, nil, action.UpstreamRefused},
		{"SOMETHING_NEW", 412, canary, nil, action.VersionConflict},
		{"SOMETHING_NEW", 500, canary, nil, action.SalesforceDown},
		{"SOMETHING_NEW", 503, canary, nil, action.SalesforceDown},
	}
	for want, codes := range map[action.Code][]string{
		action.SalesforceDown: {"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG",
			"API_CURRENTLY_DISABLED", "INVALID_QUERY_LOCATOR", "PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"},
		action.RecordDeleted: {"NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID",
			"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"},
		action.DuplicateRecord: {"DUPLICATE_VALUE", "DUPLICATES_DETECTED", "MULTIPLE_CHOICES"},
		action.UpstreamInvalid: {"FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION",
			"REQUIRED_FIELD_MISSING", "STRING_TOO_LONG", "NUMBER_OUTSIDE_VALID_RANGE", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
			"INVALID_EMAIL_ADDRESS", "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE_ON_FIELD_IN_RECORD", "JSON_PARSER_ERROR"},
	} {
		for _, code := range codes {
			rows = append(rows, errorRow{code, 400, canary, nil, want})
		}
	}
	return rows
}

func TestClient_has_one_treatment_for_each_refusal(t *testing.T) {
	reached := map[action.Code]bool{}
	for _, tt := range errorRows() {
		reached[tt.want] = true
		t.Run(fmt.Sprintf("%s %d %s %v", tt.salesforce, tt.status, tt.want, tt.fields), func(t *testing.T) {
			_, err := clientOver(t, scripted{status: tt.status, body: faultBody(tt.salesforce, tt.message, tt.fields...)}).Invoice(t.Context(), "inv-002")
			wantCode(t, err, tt.want)
			if strings.Contains(err.Error()+action.MessageOf(err), "canary") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
		t.Run("the same inside a transaction: "+tt.salesforce+" "+string(tt.want), func(t *testing.T) {
			if tt.status == 401 || tt.salesforce == "DUPLICATE_VALUE" || tt.salesforce == "NOT_FOUND" {
				return // these have a meaning of their own there, tested with the action
			}
			_, err := clientOver(t, scripted{status: 200, body: inTransaction(t, tt)}).
				Apply(t.Context(), effect(t, &action.UpdateInvoice{InvoiceID: "inv-002", Notes: ptr("x")}))
			wantCode(t, err, tt.want)
		})
		t.Run("the same for one record of many: "+tt.salesforce+" "+string(tt.want), func(t *testing.T) {
			if tt.status == 401 || tt.status == 412 || tt.status >= 500 || tt.salesforce == "DUPLICATE_VALUE" || tt.salesforce == "NOT_FOUND" {
				return // these are not of one record, or have a meaning of their own
			}
			done := clientOver(t, scripted{status: 200, body: inCollection(t, tt)}).ApplyAll(t.Context(), visits(t, 2))
			wantCode(t, done[0].Err, "")
			wantCode(t, done[1].Err, tt.want)
		})
	}
	t.Run("every code that has a treatment is named here", func(t *testing.T) {
		for _, code := range salesforce.TreatedCodes() {
			if !slices.ContainsFunc(errorRows(), func(r errorRow) bool { return r.salesforce == code }) {
				t.Errorf("nobody tries %s", code)
			}
		}
	})
	t.Run("every code that the port promises is reached", func(t *testing.T) {
		for _, code := range []action.Code{
			action.UnknownAccount, action.UnknownContact, action.UnknownInvoice, action.RecordDeleted, action.SalesforceDown,
			action.RecordLocked, action.UpstreamLogin, action.UpstreamInvalid, action.UpstreamRefused, action.DuplicateRecord,
			action.VersionConflict, action.RateLimited,
		} {
			if !reached[code] {
				t.Errorf("nothing leads to %s", code)
			}
		}
	})
	t.Run("nothing that passes is settled, and nothing that is settled passes", func(t *testing.T) {
		passing := []action.Code{action.SalesforceDown, action.RecordLocked, action.UpstreamLogin, action.RateLimited}
		for code := range reached {
			if code.Class().Settles() == slices.Contains(passing, code) {
				t.Errorf("%s is of class %s", code, code.Class())
			}
		}
	})
}

// inTransaction is a rolled-back transaction of three steps of which the middle
// one failed, with the code spelled as collections spell it.
func inTransaction(t *testing.T, r errorRow) string {
	t.Helper()
	halted := []map[string]any{{"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back"}}
	step := func(ref string, status int, body any) map[string]any {
		return map[string]any{"referenceId": ref, "httpStatusCode": status, "httpHeaders": map[string]any{}, "body": body}
	}
	raw, err := json.Marshal(map[string]any{"compositeResponse": []any{
		step("ledger", 400, halted),
		step("change", r.status, []map[string]any{{"statusCode": r.salesforce, "message": r.message, "fields": r.fields}}),
		step("invoice", 400, halted),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// inCollection is an answer about two records of which the second one failed.
func inCollection(t *testing.T, r errorRow) string {
	t.Helper()
	raw, err := json.Marshal([]any{
		map[string]any{"id": "a00FP0000000009YAA", "success": true, "errors": []any{}},
		map[string]any{"success": false, "errors": []any{map[string]any{"statusCode": r.salesforce, "message": r.message, "fields": r.fields}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestClient_without_a_word_of_Salesforce(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   action.Code
	}{
		{"a proxy's page", 502, "<html>canary</html>", action.SalesforceDown},
		{"a portal's page", 200, "<html>canary</html>", action.SalesforceDown},
		{"a redirect", 302, "", action.SalesforceDown},
		{"a proxy's 404", 404, "canary", action.SalesforceDown},
		{"a proxy's 403", 403, `{"canary":1}`, action.SalesforceDown},
		{"an empty list of errors", 400, `[]`, action.SalesforceDown},
		{"errors without a code", 400, `[{"message":"canary"}]`, action.SalesforceDown},
		{"no access", 401, "", action.UpstreamLogin},
		{"too much", 429, "", action.RateLimited},
		{"several records", 300, `["/services/data/v63.0/sobjects/Invoice__c/a001"]`, action.DuplicateRecord},
		{"JSON of another shape", 200, `{"records":7}`, action.SalesforceDown},
		{"half a record", 200, `{"records":[{"Amount__c":1.5}],"done":true}`, action.SalesforceDown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := clientOver(t, scripted{status: tt.status, body: tt.body}).Invoice(t.Context(), "inv-002")
			wantCode(t, err, tt.want)
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	t.Run("no answer, and no query in the error", func(t *testing.T) {
		c := clientOver(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			if strings.Contains(req.URL.Path, "/query") {
				return nil, io.ErrUnexpectedEOF
			}
			return scripted{}.RoundTrip(req)
		}))
		_, err := c.Account(t.Context(), "acc-canary")
		wantCode(t, err, action.SalesforceDown)
		if strings.Contains(err.Error(), "canary") || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a caller who has gone", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		_, err := newOrg(t).Client.Invoice(ctx, "inv-002")
		wantCode(t, err, action.SalesforceDown)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("how long to be left alone", func(t *testing.T) {
		_, err := clientOver(t, scripted{status: 503, header: http.Header{"Retry-After": {"9"}}}).Invoice(t.Context(), "inv-002")
		if e, ok := errors.AsType[*action.Error](err); !ok || e.RetryAfter != 9*time.Second {
			t.Errorf("error %v", err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestClient_names_the_fields_that_are_wrong(t *testing.T) {
	_, err := clientOver(t, scripted{status: 400, body: faultBody("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Due dates are Fridays", "Due_Date__c", "Odd__c")}).
		Apply(t.Context(), effect(t, &action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met}))
	wantCode(t, err, action.UpstreamInvalid)
	if f := action.FieldsOf(err); len(f) != 1 || f["dueDate"] != "is refused by a rule in Salesforce" {
		t.Errorf("fields %v", f)
	}
	if e, ok := errors.AsType[*action.Error](err); !ok || e.Hint != "Due dates are Fridays" || strings.Contains(err.Error(), "Fridays") {
		t.Errorf("the rule's own sentence is for the person and not for the log: %v", err)
	}
}

func TestClient_waits_when_the_org_lacks_an_object(t *testing.T) {
	missing := scripted{status: 404, body: faultBody("NOT_FOUND", "The requested resource does not exist")}
	_, err := clientOver(t, missing).Apply(t.Context(), effect(t, &action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met}))
	wantCode(t, err, action.UpstreamLogin)
}

func FuzzClient_answers(f *testing.F) {
	f.Add(400, []byte(faultBody("DUPLICATE_VALUE", "x", "Action_Id__c")))
	f.Add(200, []byte(`{"compositeResponse":[{"body":null,"httpStatusCode":204,"referenceId":"ledger"}]}`))
	f.Add(200, []byte(`{"records":[{"Id":"a","Amount__c":1.0E7,"CreatedDate":"2024-10-15T10:30:00.000+0000"}],"done":true}`))
	f.Add(200, []byte(`{"records":[],"done":false,"nextRecordsUrl":"/services/data/v63.0/query/1"}`))
	f.Add(200, []byte(`{"graphs":[{"graphId":"invoice","isSuccessful":true,"graphResponse":{"compositeResponse":[]}}]}`))
	f.Add(500, []byte(`[{"errorCode":"`+strings.Repeat("X", 500)+`"}]`))
	f.Add(200, []byte(`{"records":[{"Amount__c":1e-999999999}]}`))
	effects := []action.Payload{
		&action.CreateInvoice{AccountID: "acc-001", Amount: 1, Currency: "usd"},
		&action.UpdateInvoice{InvoiceID: "inv-002", Status: ptr("pending")},
		&action.RecordPayment{InvoiceID: "inv-002", Amount: 1, Currency: "usd", Method: action.OtherMethod},
		&action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met},
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 || status == 204 || status == 304 {
			return
		}
		c := clientOver(t, scripted{status: status, body: string(body)})
		for _, p := range effects {
			_, err := c.Apply(t.Context(), effect(t, p))
			if err != nil && action.CodeOf(err) == action.Internal {
				t.Errorf("%s: a foreign error: %v", p.Type(), err)
			}
		}
		if _, err := c.Invoices(t.Context(), ""); err != nil && action.CodeOf(err) == action.Internal {
			t.Errorf("a foreign error: %v", err)
		}
	})
}
