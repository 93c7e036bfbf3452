package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

// Something in between may answer 200 with JSON of its own. It must neither
// look like a success nor like a record that does not exist.
func TestClient_foreign_answers(t *testing.T) {
	for _, tt := range []struct {
		name, route string
		payload     action.Payload
		object      string
	}{
		{"a visit without an id is not logged", "/sobjects/Visit__c", &action.LogVisit{AccountID: "acc-001", Note: "spoke with the buyer", Outcome: action.Met}, "Visit__c"},
		{"a list without records is not an invoice that is gone", "/query", cash("inv-002", 1000), "Payment__c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOrg(t)
			before := o.count(tt.object)
			e := effect(t, tt.payload)
			o.fail(control.Rule{Match: control.Match{PathRegex: tt.route, Times: 1}, Effect: control.Effect{Status: 200, Body: `{"results":[]}`}})
			_, err := o.Client.Apply(t.Context(), e)
			wantCode(t, err, action.SalesforceDown)
			if o.apply(e); o.count(tt.object) != before+1 {
				t.Errorf("%d rows, had %d", o.count(tt.object), before)
			}
		})
	}
}
