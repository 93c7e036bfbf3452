package salesforce_test

import (
	"net/http"
	"testing"

	"fieldpay/action"
	"fieldpay/bff/salesforce"
)

// A mapping from anywhere is refused or can be worked with: whatever the org
// then answers under its own names breaks nothing.
func FuzzParseMapping(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"namespace":"fp"}`, `{"objects":{"Invoice__c":{"name":"Bill__c","fields":{"Amount__c":"Sum__c","Client_Invoice_Id__c":"Key__c"}}},"currency":"eur"}`,
		`{"objects":{"Nothing__c":{}}}`, `{"namespace":"'"}`, `{"priceBook":"' OR Name != '"} x`, `null`,
	} {
		f.Add([]byte(s), []byte(`{"records":[{"Id":"a","Sum__c":1,"attributes":{"type":"Bill__c"}}],"done":true}`))
		f.Add([]byte(s), []byte(faultBody("DUPLICATE_VALUE", "duplicate value found: Key__c in entity Bill__c", "Key__c")))
	}
	f.Fuzz(func(t *testing.T, mapping, body []byte) {
		m, err := salesforce.ParseMapping(mapping)
		if err != nil {
			return
		}
		for _, status := range []int{200, 400} {
			c, err := salesforce.New(salesforce.Options{
				BaseURL: "https://org.example", ClientID: "id", ClientSecret: "secret", Mapping: m,
				HTTP: &http.Client{Transport: scripted{status: status, body: string(body)}},
			})
			if err != nil {
				t.Fatalf("a mapping that was read is refused: %v", err)
			}
			_, invoicesErr := c.Invoices(t.Context(), "")
			_, applyErr := c.Apply(t.Context(), effect(t, &action.CreateInvoice{AccountID: "acc-001", Amount: 1, Currency: "usd"}))
			for _, err := range []error{invoicesErr, applyErr} {
				if err != nil && action.CodeOf(err) == action.Internal {
					t.Errorf("a foreign error: %v", err)
				}
			}
		}
	})
}
