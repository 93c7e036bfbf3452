package salesforce_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"fieldpay/sandbox/salesforce"
)

// sub is a subrequest of a composite.
func sub(method, url, ref string, body any) map[string]any {
	return map[string]any{"method": method, "url": root + url, "referenceId": ref, "body": body}
}

type subAnswer struct {
	HTTPStatusCode int
	ReferenceID    string
	Body           json.RawMessage
}

func (a subAnswer) code(t *testing.T) string {
	t.Helper()
	code, _, _ := failure(t, a.Body)
	return code
}

func (o *org) composite(allOrNone bool, subs ...map[string]any) []subAnswer {
	o.t.Helper()
	status, raw := o.do("POST", root+"/composite", map[string]any{"allOrNone": allOrNone, "compositeRequest": subs})
	if status != 200 {
		o.t.Fatalf("composite: %d %s", status, raw)
	}
	var out struct{ CompositeResponse []subAnswer }
	if err := json.Unmarshal(raw, &out); err != nil {
		o.t.Fatal(err)
	}
	return out.CompositeResponse
}

func TestServer_Composite(t *testing.T) {
	t.Run("a replayed ledger row takes the guarded patch back with it", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		ledger := sub("POST", "/sobjects/Sync_Action__c", "ledger", map[string]any{"Action_Id__c": "a-1"})
		patch := sub("PATCH", "/sobjects/Invoice__c/Client_Invoice_Id__c/inv-002", "patch", map[string]any{"Notes__c": "once"})
		if got := o.composite(true, ledger, patch); got[0].HTTPStatusCode != 201 || got[1].HTTPStatusCode != 200 {
			t.Fatalf("first: %v", got)
		}
		patch["body"] = map[string]any{"Notes__c": "twice"}
		got := o.composite(true, patch, ledger)
		if got[1].code(t) != "DUPLICATE_VALUE" || got[0].code(t) != "PROCESSING_HALTED" || got[0].HTTPStatusCode != 400 {
			t.Errorf("second: %s %s", got[0].Body, got[1].Body)
		}
		if n := o.count("Invoice__c WHERE Client_Invoice_Id__c = 'inv-002' AND Version__c = 2"); n != 1 {
			t.Error("the rolled-back patch is still there")
		}
	})
	t.Run("references carry ids forward, in urls and bodies", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		got := o.composite(true,
			sub("GET", "/query?q=SELECT+Id+FROM+Account+WHERE+External_Id__c='acc-002'", "acc", nil),
			sub("POST", "/sobjects/Invoice__c", "inv", map[string]any{"Account__c": "@{acc.records[0].Id}", "Amount__c": 5, "Currency__c": "usd"}),
			sub("POST", "/sobjects/Invoice_Line__c", "line", map[string]any{"Invoice__c": "@{inv.id}", "Line_Key__c": "k:1"}),
			sub("GET", "/sobjects/Invoice__c/@{inv.id}?fields=Version__c", "read", nil))
		for _, a := range got {
			if a.HTTPStatusCode >= 300 {
				t.Errorf("%s: %d %s", a.ReferenceID, a.HTTPStatusCode, a.Body)
			}
		}
		if n := o.count("Invoice_Line__c WHERE Invoice__r.Account__r.External_Id__c = 'acc-002'"); n != 1 {
			t.Errorf("%d lines", n)
		}
	})
	t.Run("without allOrNone the good ones stay, and what leaned on a bad one is told so", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		got := o.composite(false,
			sub("POST", "/sobjects/Sync_Action__c", "good", map[string]any{"Action_Id__c": "g"}),
			sub("POST", "/sobjects/Invoice__c", "bad", map[string]any{"Amount__c": 5}),
			sub("POST", "/sobjects/Invoice_Line__c", "leaning", map[string]any{"Invoice__c": "@{bad.id}"}))
		if got[0].HTTPStatusCode != 201 || got[1].code(t) != "REQUIRED_FIELD_MISSING" || got[2].code(t) != "PROCESSING_HALTED" {
			t.Errorf("got %v", got)
		}
		if o.count("Sync_Action__c") != 1 {
			t.Error("the good one is gone")
		}
	})
}

func TestServer_CompositeShape(t *testing.T) {
	t.Run("a collection may stand inside", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		got := o.composite(true, sub("POST", "/composite/sobjects", "many", map[string]any{"allOrNone": true,
			"records": []any{record("Sync_Action__c", map[string]any{"Action_Id__c": "m"})}}))
		if got[0].HTTPStatusCode != 200 || o.count("Sync_Action__c") != 1 {
			t.Errorf("got %s", got[0].Body)
		}
	})
	t.Run("more than 25 subrequests are refused", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		var subs []map[string]any
		for i := range 26 {
			subs = append(subs, sub("GET", "/limits", fmt.Sprintf("r%d", i), nil))
		}
		if status, raw := o.do("POST", root+"/composite", map[string]any{"compositeRequest": subs}); status != 400 {
			t.Errorf("got %d %s", status, raw)
		}
	})
}

func TestServer_Graph(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	graph := func(id, invoice, key string) map[string]any {
		return map[string]any{"graphId": id, "compositeRequest": []any{
			sub("POST", "/sobjects/Invoice__c", "inv", o.invoice(invoice)),
			sub("POST", "/sobjects/Invoice_Line__c", "l1", map[string]any{"Invoice__c": "@{inv.id}", "Line_Key__c": key})}}
	}
	status, raw := o.do("POST", root+"/composite/graph", map[string]any{"graphs": []any{graph("1", "g-1", "g:1"), graph("2", "g-2", "g:1"), graph("3", "g-3", "g:3")}})
	var out struct {
		Graphs []struct {
			GraphID       string
			IsSuccessful  bool
			GraphResponse struct{ CompositeResponse []subAnswer }
		}
	}
	if err := json.Unmarshal(raw, &out); err != nil || status != 200 {
		t.Fatalf("got %d %s", status, raw)
	}
	t.Run("one bad graph leaves the others alone", func(t *testing.T) {
		if !out.Graphs[0].IsSuccessful || out.Graphs[1].IsSuccessful || !out.Graphs[2].IsSuccessful {
			t.Errorf("got %s", raw)
		}
	})
	t.Run("and takes all of its own back", func(t *testing.T) {
		answers := out.Graphs[1].GraphResponse.CompositeResponse
		if answers[0].code(t) != "PROCESSING_HALTED" || answers[1].code(t) != "DUPLICATE_VALUE" {
			t.Errorf("got %s", raw)
		}
		if o.count("Invoice__c WHERE Client_Invoice_Id__c IN ('g-1','g-2','g-3')") != 2 || o.count("Invoice_Line__c") != 2 {
			t.Error("the sums are wrong")
		}
	})
	t.Run("limits are kept", func(t *testing.T) {
		graphs := []any{}
		for i := range 76 {
			graphs = append(graphs, graph(fmt.Sprint(i), "x", "x"))
		}
		if status, _ := o.do("POST", root+"/composite/graph", map[string]any{"graphs": graphs}); status != 400 {
			t.Errorf("got %d", status)
		}
	})
}

func TestServer_Records(t *testing.T) {
	type result struct {
		ID      string
		Success bool
		Created *bool
		Errors  []struct{ StatusCode string }
	}
	call := func(o *org, method, path string, body any) []result {
		o.t.Helper()
		status, raw := o.do(method, root+"/composite/sobjects"+path, body)
		var out []result
		if err := json.Unmarshal(raw, &out); err != nil || status != 200 {
			o.t.Fatalf("got %d %s", status, raw)
		}
		return out
	}
	ledger := func(action string) map[string]any {
		return record("Sync_Action__c", map[string]any{"Action_Id__c": action})
	}
	t.Run("with allOrNone one failure takes all back", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		got := call(o, "POST", "", map[string]any{"allOrNone": true, "records": []any{ledger("a"), ledger("a"), ledger("b")}})
		if got[0].Errors[0].StatusCode != "ALL_OR_NONE_OPERATION_ROLLED_BACK" || got[1].Errors[0].StatusCode != "DUPLICATE_VALUE" || o.count("Sync_Action__c") != 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("without it each stands for itself", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		got := call(o, "POST", "", map[string]any{"records": []any{ledger("a"), ledger("a"), map[string]any{}}})
		if !got[0].Success || got[1].Success || got[2].Errors[0].StatusCode != "INVALID_TYPE" || o.count("Sync_Action__c") != 1 {
			t.Errorf("got %v", got)
		}
		got = call(o, "PATCH", "", map[string]any{"records": []any{
			record("Sync_Action__c", map[string]any{"Id": got[0].ID, "Type__c": "t"}), record("Sync_Action__c", map[string]any{"Type__c": "t"})}})
		if !got[0].Success || got[1].Errors[0].StatusCode != "MISSING_ARGUMENT" {
			t.Errorf("got %v", got)
		}
		if got := call(o, "DELETE", "?ids="+got[0].ID, nil); !got[0].Success || o.count("Sync_Action__c") != 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("many can be upserted", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		got := call(o, "PATCH", "/Account/External_Id__c", map[string]any{"records": []any{
			map[string]any{"External_Id__c": "acc-001", "Name": "New"}, map[string]any{"External_Id__c": "acc-100", "Name": "Newer"}}})
		if *got[0].Created || !*got[1].Created || o.count("Account") != 7 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("more than 200 are refused", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		if status, _ := o.do("POST", root+"/composite/sobjects", map[string]any{"records": make([]map[string]any, 201)}); status != 400 {
			t.Errorf("got %d", status)
		}
	})
}
