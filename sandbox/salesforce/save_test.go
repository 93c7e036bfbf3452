package salesforce_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/salesforce"
)

func TestServer_SaveErrors(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	account := o.account("acc-001")
	with := func(name string, v any) map[string]any {
		m := o.invoice("x-1")
		if v == nil {
			delete(m, name)
		} else {
			m[name] = v
		}
		return m
	}
	tests := []struct {
		name, path  string
		body        any
		status      int
		code, field string
	}{
		{"an unknown object is not found", "Nothing__c", map[string]any{}, 404, "NOT_FOUND", ""},
		{"a body that is not JSON cannot be read", "Invoice__c", "{", 400, "JSON_PARSER_ERROR", ""},
		{"an unknown field is refused", "Invoice__c", with("Nope__c", 1), 400, "INVALID_FIELD", ""},
		{"a roll-up cannot be written", "Invoice__c", with("Paid__c", 1), 400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Paid__c"},
		{"an auto-number cannot be written", "Invoice__c", with("Name", "INV-1"), 400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Name"},
		{"a required field is missing", "Invoice__c", with("Amount__c", nil), 400, "REQUIRED_FIELD_MISSING", "Amount__c"},
		{"blank text counts as missing", "Invoice__c", with("Currency__c", "  "), 400, "REQUIRED_FIELD_MISSING", "Currency__c"},
		{"text is too long", "Invoice__c", with("Currency__c", "dollars"), 400, "STRING_TOO_LONG", "Currency__c"},
		{"a picklist is restricted", "Invoice__c", with("Status__c", "lost"), 400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Status__c"},
		{"a number has at most 18 digits", "Invoice__c", with("Amount__c", "1000000000000000000"), 400, "NUMBER_OUTSIDE_VALID_RANGE", "Amount__c"},
		{"a number is not a word", "Invoice__c", with("Amount__c", "much"), 400, "JSON_PARSER_ERROR", ""},
		{"text is not a number", "Invoice__c", with("Notes__c", 5), 400, "JSON_PARSER_ERROR", ""},
		{"a date is a date", "Invoice__c", with("Due_Date__c", "tomorrow"), 400, "JSON_PARSER_ERROR", ""},
		{"a link is malformed", "Visit__c", map[string]any{"Account__c": "acc-001"}, 400, "MALFORMED_ID", "Account__c"},
		{"a link is to another object", "Visit__c", map[string]any{"Account__c": account, "Contact__c": account}, 400, "MALFORMED_ID", "Contact__c"},
		{"a link leads nowhere", "Visit__c", map[string]any{"Account__c": account[:8] + "zzzzzzz"}, 400, "INVALID_CROSS_REFERENCE_KEY", ""},
		{"a foreign key is not known", "Visit__c", map[string]any{"Account__r": map[string]any{"External_Id__c": "acc-999"}}, 400, "INVALID_FIELD", ""},
		{"an address is not one", "Contact", map[string]any{"LastName": "A", "Email": "nobody"}, 400, "INVALID_EMAIL_ADDRESS", "Email"},
		{"a payment of nothing breaks a rule", "Payment__c", map[string]any{"Invoice__r": map[string]any{"Client_Invoice_Id__c": "inv-002"},
			"Amount__c": 0, "Currency__c": "usd"}, 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Amount__c"},
		{"a key is taken, whatever the case", "Invoice__c", o.invoice("INV-002"), 400, "DUPLICATE_VALUE", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, raw := o.do("POST", root+"/sobjects/"+tt.path, tt.body)
			code, _, fields := failure(t, raw)
			if status != tt.status || code != tt.code {
				t.Fatalf("got %d %s", status, raw)
			}
			if tt.field != "" && (len(fields) != 1 || fields[0] != tt.field) {
				t.Errorf("fields are %v", fields)
			}
		})
	}
	t.Run("none of them left a record behind", func(t *testing.T) {
		if n := o.count("Invoice__c"); n != 3 {
			t.Errorf("there are %d invoices", n)
		}
	})
}

func TestServer_Duplicate(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	t.Run("a duplicate names the record in the way", func(t *testing.T) {
		_, raw := o.do("GET", root+"/sobjects/Invoice__c/Client_Invoice_Id__c/inv-002?fields=Id", nil)
		id := object(t, raw)["Id"].(string)
		_, raw = o.do("POST", root+"/sobjects/Invoice__c", o.invoice("inv-002"))
		_, message, _ := failure(t, raw)
		if want := "duplicate value found: Client_Invoice_Id__c duplicates value on record with id: " + id[:15]; message != want {
			t.Errorf("got %q, want %q", message, want)
		}
	})
}

func TestServer_Row(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	id := o.create("Invoice__c", o.invoice("row-1"))
	t.Run("an id has 18 characters and is found by its first 15", func(t *testing.T) {
		if len(id) != 18 || o.get("Invoice__c", id[:15])["Id"] != id {
			t.Errorf("id %s", id)
		}
	})
	t.Run("numbers are doubles, times carry their zone, names count up", func(t *testing.T) {
		_, raw := o.do("GET", root+"/sobjects/Invoice__c/"+id+"?fields=Name,Amount__c,CreatedDate", nil)
		if text := string(raw); !strings.Contains(text, `"Amount__c":12345.0`) || !strings.Contains(text, `+0000"`) || !strings.Contains(text, `"INV-00004"`) {
			t.Errorf("got %s", text)
		}
		big := o.create("Invoice__c", map[string]any{"Account__r": map[string]any{"External_Id__c": "acc-002"}, "Amount__c": 10_000_000, "Currency__c": "jpy"})
		if _, raw := o.do("GET", root+"/sobjects/Invoice__c/"+big+"?fields=Amount__c", nil); !strings.Contains(string(raw), `"Amount__c":1.0E7`) {
			t.Errorf("got %s", raw)
		}
	})
	t.Run("an update answers 204 without a body", func(t *testing.T) {
		status, raw := o.do("PATCH", root+"/sobjects/Invoice__c/"+id, map[string]any{"Notes__c": " hello "})
		if status != 204 || len(raw) != 0 || o.get("Invoice__c", id)["Notes__c"] != "hello" {
			t.Errorf("got %d %q", status, raw)
		}
	})
	t.Run("the parent of a detail cannot change", func(t *testing.T) {
		line := o.create("Invoice_Line__c", map[string]any{"Invoice__c": id, "Line_Key__c": "row-1:1"})
		status, raw := o.do("PATCH", root+"/sobjects/Invoice_Line__c/"+line, map[string]any{"Invoice__c": id})
		if code, _, _ := failure(t, raw); status != 400 || code != "INVALID_FIELD_FOR_INSERT_UPDATE" {
			t.Errorf("got %d %s", status, raw)
		}
	})
	t.Run("a deleted record is gone, its details too, and its key is free", func(t *testing.T) {
		if status, raw := o.do("DELETE", root+"/sobjects/Invoice__c/"+id, nil); status != 204 {
			t.Fatalf("got %d %s", status, raw)
		}
		status, raw := o.do("PATCH", root+"/sobjects/Invoice__c/"+id, map[string]any{"Notes__c": "late"})
		if code, _, _ := failure(t, raw); status != 404 || code != "ENTITY_IS_DELETED" {
			t.Errorf("got %d %s", status, raw)
		}
		if n := o.count("Invoice_Line__c WHERE Line_Key__c = 'row-1:1'"); n != 0 {
			t.Errorf("%d lines are left", n)
		}
		o.create("Invoice__c", o.invoice("row-1"))
	})
	t.Run("a record that others need cannot be deleted", func(t *testing.T) {
		_, raw := o.do("DELETE", root+"/sobjects/Account/"+o.account("acc-001"), nil)
		if code, _, _ := failure(t, raw); code != "DELETE_FAILED" {
			t.Errorf("got %s", raw)
		}
	})
	t.Run("a wrong method is refused", func(t *testing.T) {
		if status, _ := o.do("PUT", root+"/sobjects/Account", "{}"); status != 405 {
			t.Errorf("got %d", status)
		}
	})
}

func TestServer_Upsert(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	path := root + "/sobjects/Account/External_Id__c/" + "a%2Fb%3Fc%20d"
	tests := []struct {
		name, path string
		body       map[string]any
		status     int
		want       string
	}{
		{"updateOnly does not create", path + "?updateOnly=true", map[string]any{"Name": "Odd"}, 404, "NOT_FOUND"},
		{"the first call creates", path, map[string]any{"Name": "Odd"}, 201, `"created":true`},
		{"the second one updates", path, map[string]any{"Name": "Odder"}, 200, `"created":false`},
		{"the key does not stand in the body", path, map[string]any{"External_Id__c": "x"}, 400, "INVALID_FIELD"},
		{"the field must be an external id", root + "/sobjects/Account/Name/Odd", map[string]any{}, 404, "NOT_FOUND"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if status, raw := o.do("PATCH", tt.path, tt.body); status != tt.status || !strings.Contains(string(raw), tt.want) {
				t.Errorf("got %d %s", status, raw)
			}
		})
	}
	if _, raw := o.do("GET", path, nil); object(t, raw)["Name"] != "Odder" || object(t, raw)["External_Id__c"] != "a/b?c d" {
		t.Errorf("it is %s", raw)
	}
}

func TestServer_Uniqueness(t *testing.T) {
	t.Run("of fifty parallel inserts one wins", func(t *testing.T) {
		o := newOrg(t, salesforce.Options{})
		raw, err := json.Marshal(map[string]any{"Action_Id__c": "the-one", "Type__c": "t"})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[int]int{}
		for range 50 {
			wg.Go(func() {
				r := httptest.NewRequest(http.MethodPost, root+"/sobjects/Sync_Action__c", strings.NewReader(string(raw)))
				r.Header.Set("Authorization", "Bearer "+o.token)
				w := httptest.NewRecorder()
				o.handler.ServeHTTP(w, r)
				mu.Lock()
				defer mu.Unlock()
				seen[w.Code]++
			})
		}
		wg.Wait()
		if seen[201] != 1 || seen[400] != 49 || o.count("Sync_Action__c") != 1 {
			t.Errorf("got %v", seen)
		}
	})
}

func TestServer_InvoiceAutomation(t *testing.T) {
	o := newOrg(t, salesforce.Options{})
	id := o.create("Invoice__c", o.invoice("auto-1"))
	path := root + "/sobjects/Invoice__c/" + id
	t.Run("each edit counts, and the guard lets a current one through", func(t *testing.T) {
		if status, raw := o.do("PATCH", path, map[string]any{"Notes__c": "a", "Base_Version__c": 1}); status != 204 {
			t.Fatalf("got %d %s", status, raw)
		}
		got := o.get("Invoice__c", id)
		if got["Version__c"] != 2.0 || got["Base_Version__c"] != nil {
			t.Errorf("got %v", got)
		}
	})
	t.Run("an edit based on an older version is refused", func(t *testing.T) {
		status, raw := o.do("PATCH", path, map[string]any{"Notes__c": "b", "Base_Version__c": 1})
		code, message, fields := failure(t, raw)
		if status != 400 || code != "FIELD_CUSTOM_VALIDATION_EXCEPTION" || !strings.HasPrefix(message, "VERSION_CONFLICT:") || fields[0] != "Base_Version__c" {
			t.Errorf("got %d %s", status, raw)
		}
		if o.get("Invoice__c", id)["Version__c"] != 2.0 {
			t.Error("the refused edit counted")
		}
	})
	t.Run("allocated payments add up, without counting as an edit", func(t *testing.T) {
		pay := func(action string, amount int, allocated bool) string {
			return o.create("Payment__c", map[string]any{"Action_Id__c": action, "Invoice__c": id, "Amount__c": amount,
				"Currency__c": "usd", "Method__c": "cash", "Allocated__c": allocated})
		}
		first := pay("p1", 100, true)
		pay("p2", 50, true)
		loose := pay("p3", 7, false)
		if got := o.get("Invoice__c", id); got["Paid__c"] != 150.0 || got["Version__c"] != 2.0 {
			t.Errorf("paid %v at version %v", got["Paid__c"], got["Version__c"])
		}
		o.do("PATCH", root+"/sobjects/Payment__c/"+loose, map[string]any{"Allocated__c": true})
		o.do("DELETE", root+"/sobjects/Payment__c/"+first, nil)
		if got := o.get("Invoice__c", id)["Paid__c"]; got != 57.0 {
			t.Errorf("paid %v", got)
		}
	})
}

func TestServer_RecordFault(t *testing.T) {
	plane := control.New()
	o := newOrg(t, salesforce.Options{Plane: plane})
	if err := plane.SetRules([]control.Rule{{Match: control.Match{Object: "Invoice__c", Times: 1}, Effect: control.Effect{RecordError: "UNABLE_TO_LOCK_ROW"}}}); err != nil {
		t.Fatal(err)
	}
	status, raw := o.do("POST", root+"/composite/sobjects", map[string]any{"records": []any{record("Invoice__c", o.invoice("lock-1"))}})
	if status != 200 || !strings.Contains(string(raw), `"statusCode":"UNABLE_TO_LOCK_ROW"`) {
		t.Errorf("got %d %s", status, raw)
	}
	o.create("Invoice__c", o.invoice("lock-1"))
}

// record is a member of a collection.
func record(kind string, fields map[string]any) map[string]any {
	fields["attributes"] = map[string]any{"type": kind}
	return fields
}
