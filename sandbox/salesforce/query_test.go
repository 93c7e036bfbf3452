package salesforce_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"fieldpay/sandbox/salesforce"
)

func TestServer_Query(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	tests := []struct {
		where string
		want  int
	}{
		{"Account", 6},
		{"Account WHERE Name LIKE '%corp%'", 1},
		{"Account WHERE Name LIKE 'a_me%'", 1},
		{`Account WHERE Name LIKE 'a\%%'`, 0},
		{"Account WHERE Name = 'ACME corporation'", 1},
		{"Account WHERE Name != 'Acme Corporation'", 5},
		{"Account WHERE External_Id__c IN ('acc-001', 'acc-002', 'acc-009')", 2},
		{"Account WHERE External_Id__c NOT IN ('acc-001', 'acc-002')", 4},
		{"Account WHERE NOT External_Id__c = 'acc-001'", 5},
		{"Invoice__c WHERE Amount__c > 50000", 2},
		{"Invoice__c WHERE Amount__c >= 50000 AND Amount__c < 250000", 2},
		{"Invoice__c WHERE (Status__c = 'paid' OR Status__c = 'draft') AND Amount__c <= 50000.0", 1},
		{"Invoice__c WHERE Contact__c = null", 1},
		{"Invoice__c WHERE Contact__c != null AND Account__r.Name LIKE 'Glob%'", 1},
		{"Invoice__c WHERE CreatedDate >= 2024-11-01T09:00:00Z", 2},
		{"Invoice__c WHERE CreatedDate < 2024-11-01T10:00:00+01:00", 1},
		{"Payment__c WHERE Allocated__c = TRUE AND Invoice__r.Status__c = 'paid'", 1},
		{"Payment__c WHERE Allocated__c = false", 0},
		{"Contact WHERE Account.External_Id__c = 'acc-001'", 2},
		{`Account WHERE Name = 'O\'Neill'`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.where, func(t *testing.T) {
			if got := o.count(tt.where); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestServer_QueryErrors(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	for query, want := range map[string]string{
		"":                                       "MALFORMED_QUERY",
		"SELECT Id":                              "MALFORMED_QUERY",
		"SELECT Id FROM Account WHERE":           "MALFORMED_QUERY",
		"SELECT Id FROM Account WHERE Name = 'x": "MALFORMED_QUERY",
		"SELECT Id FROM Account WHERE Name = 'x' OR Name = 'y' AND Name = 'z'": "MALFORMED_QUERY",
		"SELECT Nope FROM Account":                               "INVALID_FIELD",
		"SELECT Nope__r.Name FROM Account":                       "INVALID_FIELD",
		"SELECT Id FROM Nothing":                                 "INVALID_TYPE",
		"SELECT Id FROM Invoice__c WHERE Amount__c = 'x'":        "INVALID_FIELD",
		"SELECT Id FROM Invoice__c WHERE Notes__c = 'x'":         "INVALID_FIELD",
		"SELECT Id FROM Invoice__c WHERE Account__c = 'acc-001'": "INVALID_QUERY_FILTER_OPERATOR",
		"SELECT Name, SUM(Amount__c) FROM Invoice__c":            "MALFORMED_QUERY",
		"SELECT SUM(Name) FROM Account":                          "MALFORMED_QUERY",
		"SELECT Id, (SELECT Id FROM Nothing__r) FROM Account":    "INVALID_TYPE",
	} {
		t.Run(query, func(t *testing.T) {
			status, raw := o.do("GET", root+"/query?q="+url.QueryEscape(query), nil)
			if code, _, _ := failure(t, raw); status != 400 || code != want {
				t.Errorf("got %d %s", status, raw)
			}
		})
	}
}

func TestServer_QueryShape(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("order, limit and offset", func(t *testing.T) {
		got := o.soql("SELECT External_Id__c FROM Account ORDER BY Name DESC LIMIT 2 OFFSET 1")["records"].([]any)
		if len(got) != 2 || got[0].(map[string]any)["External_Id__c"] != "acc-004" || got[1].(map[string]any)["External_Id__c"] != "acc-005" {
			t.Errorf("got %v", got)
		}
	})
	t.Run("nulls come first unless told otherwise", func(t *testing.T) {
		first := func(order string) any {
			rows := o.soql("SELECT Contact__r.Name FROM Invoice__c ORDER BY Contact__r.Name " + order)["records"].([]any)
			return rows[0].(map[string]any)["Contact__r"]
		}
		if first("ASC") != nil || first("ASC NULLS LAST") == nil {
			t.Error("the order of nulls is wrong")
		}
	})
	t.Run("children are nested", func(t *testing.T) {
		rows := o.soql("SELECT Id, (SELECT Amount__c FROM Payments__r), (SELECT Id FROM Lines__r) FROM Invoice__c WHERE Client_Invoice_Id__c = 'inv-001'")["records"].([]any)
		row := rows[0].(map[string]any)
		if row["Payments__r"].(map[string]any)["totalSize"] != 1.0 || row["Lines__r"] != nil {
			t.Errorf("got %v", row)
		}
	})
	t.Run("aggregates are grouped", func(t *testing.T) {
		rows := o.soql("SELECT Currency__c, SUM(Amount__c) total, COUNT(Id), MAX(Amount__c), AVG(Amount__c) FROM Invoice__c GROUP BY Currency__c ORDER BY SUM(Amount__c) DESC")["records"].([]any)
		row := rows[0].(map[string]any)
		if len(rows) != 1 || row["total"] != 475000.0 || row["expr0"] != 3.0 || row["expr1"] != 250000.0 || row["Currency__c"] != "usd" {
			t.Errorf("got %v", row)
		}
		none := o.soql("SELECT SUM(Amount__c) FROM Invoice__c WHERE Amount__c > 1000000")["records"].([]any)
		if len(none) != 1 || none[0].(map[string]any)["expr0"] != nil {
			t.Errorf("got %v", none)
		}
	})
}

func TestServer_QueryPages(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("a long answer comes in pages that stay as they were", func(t *testing.T) {
		for i := range 5 {
			records := make([]any, 100)
			for j := range records {
				records[j] = record("Sync_Action__c", map[string]any{"Action_Id__c": fmt.Sprintf("p-%d-%d", i, j)})
			}
			o.do("POST", root+"/composite/sobjects", map[string]any{"records": records})
		}
		_, _, raw := o.doHeader("GET", root+"/query?q=SELECT+Action_Id__c+FROM+Sync_Action__c", nil, map[string]string{"Sforce-Query-Options": "batchSize=200"})
		page := object(t, raw)
		seen := map[any]bool{}
		for {
			for _, r := range page["records"].([]any) {
				seen[r.(map[string]any)["Action_Id__c"]] = true
			}
			if page["done"] == true {
				break
			}
			_, raw := o.do("GET", page["nextRecordsUrl"].(string), nil)
			page = object(t, raw)
		}
		if len(seen) != 500 {
			t.Errorf("saw %d records", len(seen))
		}
		_, raw = o.do("GET", root+"/query/01gNONE-200", nil)
		if code, _, _ := failure(t, raw); code != "INVALID_QUERY_LOCATOR" {
			t.Errorf("got %s", raw)
		}
	})
	t.Run("describe tells fields and children", func(t *testing.T) {
		_, raw := o.do("GET", root+"/sobjects/Invoice__c/describe", nil)
		if text := string(raw); !strings.Contains(text, `"relationshipName":"Payments__r"`) || !strings.Contains(text, `"name":"Base_Version__c"`) {
			t.Errorf("got %s", text)
		}
	})
}
