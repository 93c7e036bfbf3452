package salesforce_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

const (
	duplicateFault = `[{"errorCode":"DUPLICATE_VALUE","message":"duplicate value found","fields":[]}]`
	missingFault   = `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
	conflictFault  = `[{"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"VERSION_CONFLICT: later","fields":["Base_Version__c"]}]`
	openInvoice    = `{"Id":"a00FP0000000002YAA","Client_Invoice_Id__c":"inv-002","Amount__c":1000.0,"Paid__c":0.0,"Currency__c":"usd","Version__c":1.0}`
)

// stubborn is an org in which every save fails in one way, an invoice is there,
// and nothing that an action made can be read back.
type stubborn struct{ fault string }

func (s stubborn) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	answer := scripted{status: 200, body: `{"records":[],"done":true}`}
	path := req.URL.Path
	switch {
	case strings.HasSuffix(path, "/composite/graph"):
		answer.body = fmt.Sprintf(`{"graphs":[{"graphId":"invoice","isSuccessful":false,"graphResponse":{"compositeResponse":[%s]}}]}`, step("invoice", 400, s.fault))
	case strings.HasSuffix(path, "/composite") && strings.Contains(string(sent), `"allOrNone":true`):
		steps := []string{step("first", 400, s.fault)}
		for range strings.Count(string(sent), "referenceId") - 1 {
			steps = append(steps, step("other", 400, `[{"errorCode":"PROCESSING_HALTED"}]`))
		}
		answer.body = `{"compositeResponse":[` + strings.Join(steps, ",") + `]}`
	case strings.HasSuffix(path, "/composite"):
		answer.body = `{"compositeResponse":[` + step("ledger", 404, missingFault) + `,` + step("invoice", 200, openInvoice) + `]}`
	case strings.HasSuffix(path, "/Visit__c"):
		answer = scripted{status: 400, body: s.fault}
	case strings.Contains(req.URL.RawQuery, "inv-002%27+LIMIT+1"):
		answer.body = `{"records":[` + openInvoice + `],"done":true}`
	}
	return answer.RoundTrip(req)
}

func step(reference string, status int, body string) string {
	return fmt.Sprintf(`{"referenceId":%q,"httpStatusCode":%d,"body":%s}`, reference, status, body)
}

func TestClient_Apply_in_flight(t *testing.T) {
	// The org refuses a key that it cannot show: another call holds it and has
	// not committed.
	for _, p := range []action.Payload{
		&action.CreateInvoice{AccountID: "acc-001", Amount: 1, Currency: "usd"},
		&action.UpdateInvoice{InvoiceID: "inv-002", Notes: ptr("x")},
		&action.RecordPayment{InvoiceID: "inv-002", Amount: 1, Currency: "usd", Method: action.OtherMethod},
		&action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met},
	} {
		t.Run("is tried again: "+string(p.Type()), func(t *testing.T) {
			_, err := clientOver(t, stubborn{duplicateFault}).Apply(t.Context(), effect(t, p))
			wantCode(t, err, action.RecordLocked)
		})
	}
	t.Run("is tried again: a card payment", func(t *testing.T) {
		_, err := clientOver(t, stubborn{duplicateFault}).BookCard(t.Context(),
			bff.CardPayment{ActionID: action.NewID(), InvoiceID: "inv-002", IntentID: "pi_1", Amount: 1, Currency: "usd"})
		wantCode(t, err, action.RecordLocked)
	})
}

func TestClient_Apply_update_invoice_gives_way(t *testing.T) {
	c := clientOver(t, stubborn{conflictFault})
	_, err := c.Apply(t.Context(), effect(t, &action.UpdateInvoice{InvoiceID: "inv-002", Status: ptr("pending")}))
	wantCode(t, err, action.RecordLocked)
	if c.Calls() != 8 {
		t.Errorf("%d calls", c.Calls())
	}
}

func TestClient_says_what_is_wrong_with_a_field(t *testing.T) {
	for code, want := range map[string]string{
		"REQUIRED_FIELD_MISSING":                  "is required by Salesforce",
		"STRING_TOO_LONG":                         "is too long for Salesforce",
		"NUMBER_OUTSIDE_VALID_RANGE":              "is outside the range that Salesforce takes",
		"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "is not one of Salesforce's choices",
		"FIELD_INTEGRITY_EXCEPTION":               "is not accepted by Salesforce",
	} {
		t.Run(code, func(t *testing.T) {
			_, err := clientOver(t, scripted{status: 400, body: faultBody(code, canary, "Note__c")}).
				Apply(t.Context(), effect(t, &action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met}))
			if got := action.FieldsOf(err)["note"]; got != want {
				t.Errorf("field %q", got)
			}
		})
	}
}
