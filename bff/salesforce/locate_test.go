package salesforce_test

import (
	"maps"
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func TestClient_Locate(t *testing.T) {
	t.Run("many records are placed in two calls, by the names that were asked for", func(t *testing.T) {
		o := newOrg(t)
		serverID, _ := o.find("Account", "External_Id__c", "acc-002")["Id"].(string)
		one, err := o.Client.Account(t.Context(), "acc-001")
		if err != nil {
			t.Fatal(err)
		}
		two, err := o.Client.Account(t.Context(), "acc-002")
		if err != nil {
			t.Fatal(err)
		}
		before := o.Client.Calls()
		got, err := o.Client.Locate(t.Context(), []string{"ACC-001", serverID, "acc-404"}, []string{"inv-002", "INV-001", "inv-404"})
		if err != nil || o.Client.Calls() != before+2 {
			t.Fatalf("%d calls, %v", o.Client.Calls()-before, err)
		}
		if want := map[string]string{"inv-002": "acc-002", "INV-001": "acc-001"}; !maps.Equal(got.Accounts, want) {
			t.Errorf("accounts %v", got.Accounts)
		}
		want := map[string]string{"ACC-001": one.Territory, serverID: two.Territory, "acc-001": one.Territory, "acc-002": two.Territory}
		if !maps.Equal(got.Territories, want) || one.Territory == "" {
			t.Errorf("territories %v, want %v", got.Territories, want)
		}
	})
	t.Run("trouble of the org is no answer", func(t *testing.T) {
		o := newOrg(t)
		o.fail(control.Rule{Match: control.Match{PathRegex: "/query"}, Effect: control.Effect{Status: 503}})
		_, err := o.Client.Locate(t.Context(), nil, []string{"inv-002"})
		wantCode(t, err, action.SalesforceDown)
		_, err = o.Client.Locate(t.Context(), []string{"acc-001"}, nil)
		wantCode(t, err, action.SalesforceDown)
	})
}
