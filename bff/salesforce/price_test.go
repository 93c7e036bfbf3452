package salesforce_test

import (
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

func TestClient_Prices(t *testing.T) {
	o := newOrg(t)
	prices, err := o.Client.Prices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := map[action.Currency]bff.Price{}
	for i, p := range prices {
		if p.ProductID == "prod-005" {
			in[p.Currency] = p
		}
		if p.ProductID == "prod-006" {
			t.Error("a discontinued product is offered")
		}
		if i > 0 && strings.ToLower(prices[i-1].Name) > strings.ToLower(p.Name) {
			t.Errorf("%s comes before %s", prices[i-1].Name, p.Name)
		}
	}
	t.Run("has every currency in its own minor units", func(t *testing.T) {
		for c, want := range map[action.Currency]int64{"usd": 25000, "eur": 23500, "jpy": 36000, "kwd": 76500} {
			if in[c].UnitPrice != want || in[c].Name != "Annual inspection" || in[c].TaxRate != "7" || in[c].Code != "INS-ANN" {
				t.Errorf("%s: %+v", c, in[c])
			}
		}
	})
	t.Run("leaves out a price that is no whole number of minor units", func(t *testing.T) {
		entry := o.find("PricebookEntry", "CurrencyIsoCode", "JPY")
		id, _ := entry["Id"].(string)
		o.office("PricebookEntry", id, map[string]any{"UnitPrice": 2800.5})
		fewer, err := o.Client.Prices(t.Context())
		if err != nil || len(fewer) != len(prices)-1 {
			t.Errorf("%d of %d prices, %v", len(fewer), len(prices), err)
		}
	})
	t.Run("leaves out what is not active", func(t *testing.T) {
		id, _ := o.find("Product2", "External_Id__c", "prod-005")["Id"].(string)
		o.office("Product2", id, map[string]any{"IsActive": false})
		fewer, err := o.Client.Prices(t.Context())
		if err != nil || len(fewer) != len(prices)-5 {
			t.Errorf("%d of %d prices, %v", len(fewer), len(prices), err)
		}
	})
}
