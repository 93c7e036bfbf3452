package salesforce_test

import (
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func threeLines(currency action.Currency) *action.CreateInvoice {
	return &action.CreateInvoice{
		ID: action.NewID(), AccountID: "acc-001", ContactID: "con-002", Currency: currency, Description: "Spring service",
		Notes: "Call first", DueDate: "2026-12-24",
		Lines: []action.Line{
			{Description: "Pump", Quantity: "2.5", UnitPrice: 1001, TaxRate: "19"},
			{Description: "Hose", Quantity: "1", UnitPrice: 500, Discount: 50, TaxRate: "7"},
			{Description: "Visit", Quantity: "3", UnitPrice: 333},
		},
	}
}

func TestClient_Apply_create_invoice(t *testing.T) {
	for _, currency := range []action.Currency{"jpy", "usd", "kwd"} {
		t.Run("writes a three-line invoice in "+string(currency)+" to the unit, in one call", func(t *testing.T) {
			o := newOrg(t)
			p := threeLines(currency)
			done := o.applyPayload(p)
			if got := o.Client.Calls(); got != 1 {
				t.Errorf("%d API calls", got)
			}
			invoice := o.find("Invoice__c", "Client_Invoice_Id__c", p.ID)
			if invoice["Id"] != done.ServerID || done.Version != 1 {
				t.Errorf("applied %+v, record %v", done, invoice["Id"])
			}
			if invoice["Amount__c"] != float64(p.Total()) || invoice["Currency__c"] != string(currency) {
				t.Errorf("amount %v %v, want %d", invoice["Amount__c"], invoice["Currency__c"], p.Total())
			}
			lines := o.rows("Invoice_Line__c")
			if len(lines) != 3 || lines[1]["Line_Key__c"] != p.ID+":2" || lines[1]["Net__c"] != float64(450) || lines[0]["Quantity__c"] != "2.5" {
				t.Errorf("lines %v", lines)
			}
			read, err := o.Client.Invoice(t.Context(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			if read.Amount != p.Total() || read.AccountID != "acc-001" || read.ContactID != "con-002" || read.DueDate != "2026-12-24" || read.WireStatus() != "draft" {
				t.Errorf("read %+v", read)
			}
			if want := time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC); !read.CreatedAt.Equal(want) {
				t.Errorf("created at %s, want when it was written: %s", read.CreatedAt, want)
			}
		})
	}
	t.Run("writes the reference's bare invoice under the action's id", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, &action.CreateInvoice{AccountID: "acc-003", Amount: 125000, Currency: "USD"})
		e.Action.ID = strings.ToUpper(e.Action.ID)
		o.apply(e)
		row := o.find("Invoice__c", "Client_Invoice_Id__c", strings.ToLower(e.Action.ID))
		if row["Effective_At__c"] != "2026-11-20T08:30:00.000+0000" || row["Actor__c"] != "user-1" {
			t.Errorf("row %v", row)
		}
	})
	t.Run("keeps a text that looks like a reference to another step", func(t *testing.T) {
		o := newOrg(t)
		p := threeLines("usd")
		p.Description, p.Lines[0].Description = "@{invoice.id}", "a @{nobody.knows} b"
		o.applyPayload(p)
		if got := o.find("Invoice_Line__c", "Line_Key__c", p.ID+":1")["Description__c"]; got != "a @ {nobody.knows} b" {
			t.Errorf("description %q", got)
		}
	})
}

func TestClient_Apply_create_invoice_once(t *testing.T) {
	t.Run("answers a repeat with what stands there, later edits untouched", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, threeLines("usd"))
		first := o.apply(e)
		o.office("Invoice__c", first.ServerID, map[string]any{"Description__c": "The office's text"})
		again := o.apply(e)
		if again.ServerID != first.ServerID || again.Version != 2 {
			t.Errorf("again %+v, first %+v", again, first)
		}
		if o.count("Invoice__c") != 4 || o.count("Invoice_Line__c") != 3 || o.find("Invoice__c", "Id", first.ServerID)["Description__c"] != "The office's text" {
			t.Error("the repeat changed something")
		}
	})
	for name, f := range map[string]control.Effect{
		"lost after the effect":      {DropAfterCommit: true},
		"cut in half":                {Truncate: true},
		"replaced by a proxy's page": {Status: 502, AfterCommit: true, Body: "<html>", ContentType: "text/html"},
	} {
		t.Run("makes one invoice when the answer is "+name, func(t *testing.T) {
			o := newOrg(t)
			e := effect(t, threeLines("usd"))
			o.fail(control.Rule{Match: control.Match{PathRegex: "/composite", Times: 1}, Effect: f})
			_, err := o.Client.Apply(t.Context(), e)
			wantCode(t, err, action.SalesforceDown)
			done := o.apply(e)
			if o.count("Invoice__c") != 4 || o.count("Invoice_Line__c") != 3 || done.ServerID == "" {
				t.Errorf("%d invoices, %d lines", o.count("Invoice__c"), o.count("Invoice_Line__c"))
			}
		})
	}
	t.Run("makes one invoice of twenty equal sends at once", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, threeLines("usd"))
		ids := make([]string, 20)
		together(20, func(i int) {
			done, err := o.Client.Apply(t.Context(), e)
			if err != nil {
				t.Error(err)
			}
			ids[i] = done.ServerID
		})
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("answers differ: %v", ids)
			}
		}
		if o.count("Invoice__c") != 4 || o.count("Invoice_Line__c") != 3 {
			t.Errorf("%d invoices", o.count("Invoice__c"))
		}
	})
}

func TestClient_Apply_create_invoice_told_apart(t *testing.T) {
	t.Run("does not take another action's invoice for its own", func(t *testing.T) {
		o := newOrg(t)
		p := threeLines("usd")
		o.applyPayload(p)
		_, err := o.Client.Apply(t.Context(), effect(t, p))
		wantCode(t, err, action.DuplicateRecord)
	})
	t.Run("sees one action that names two invoices", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, threeLines("usd"))
		o.apply(e)
		e.Payload = threeLines("usd")
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.ContentChanged)
	})
}

func TestClient_Apply_create_invoice_refused(t *testing.T) {
	tests := []struct {
		name   string
		change func(*action.CreateInvoice)
		want   action.Code
	}{
		{"an unknown account", func(p *action.CreateInvoice) { p.AccountID = "acc-999" }, action.UnknownAccount},
		{"an unknown contact", func(p *action.CreateInvoice) { p.ContactID = "con-999" }, action.UnknownContact},
		{"an account by an id of Salesforce's that is not there", func(p *action.CreateInvoice) { p.AccountID = "0010000000000zZAAQ" }, action.RecordDeleted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOrg(t)
			p := threeLines("usd")
			tt.change(p)
			_, err := o.Client.Apply(t.Context(), effect(t, p))
			wantCode(t, err, tt.want)
			if o.count("Invoice__c") != 3 || o.count("Invoice_Line__c") != 0 {
				t.Error("something was left behind")
			}
		})
	}
	t.Run("a line that cannot be saved takes the invoice back, and the next try goes through", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, threeLines("usd"))
		o.fail(control.Rule{Match: control.Match{Object: "Invoice_Line__c", After: 1, Times: 1}, Effect: control.Effect{RecordError: "UNABLE_TO_LOCK_ROW"}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.RecordLocked)
		if o.count("Invoice__c") != 3 || o.count("Invoice_Line__c") != 0 {
			t.Fatal("half an invoice was left behind")
		}
		o.apply(e)
		if o.count("Invoice__c") != 4 || o.count("Invoice_Line__c") != 3 {
			t.Error("the next try did not go through")
		}
	})
}
