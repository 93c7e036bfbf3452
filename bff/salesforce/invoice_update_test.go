package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func ptr(s string) *string { return &s }

func TestClient_Apply_update_invoice(t *testing.T) {
	t.Run("changes the named fields and no others, in one call", func(t *testing.T) {
		o := newOrg(t)
		before := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")
		done := o.applyPayload(&action.UpdateInvoice{InvoiceID: "inv-002", BaseVersion: 1, Notes: ptr("gate B"), DueDate: ptr("2026-12-01"), ContactID: ptr("con-004")})
		if o.Client.Calls() != 1 || done.Version != 2 || done.ServerID != before["Id"] {
			t.Errorf("%d calls, %+v", o.Client.Calls(), done)
		}
		after := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")
		if after["Notes__c"] != "gate B" || after["Due_Date__c"] != "2026-12-01" || after["Contact__c"] == before["Contact__c"] || after["Description__c"] != before["Description__c"] {
			t.Errorf("after %v", after)
		}
	})
	t.Run("empties a field that is given as empty", func(t *testing.T) {
		o := newOrg(t)
		o.applyPayload(&action.UpdateInvoice{InvoiceID: "inv-002", Description: ptr(""), ContactID: ptr("")})
		if after := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002"); after["Description__c"] != nil || after["Contact__c"] != nil {
			t.Errorf("after %v", after)
		}
	})
	t.Run("does not overwrite what the office changed since", func(t *testing.T) {
		o := newOrg(t)
		row := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")
		id, _ := row["Id"].(string)
		o.office("Invoice__c", id, map[string]any{"Notes__c": "the office's"})
		_, err := o.Client.Apply(t.Context(), effect(t, &action.UpdateInvoice{InvoiceID: "inv-002", BaseVersion: 1, Notes: ptr("mine")}))
		wantCode(t, err, action.VersionConflict)
		if o.find("Invoice__c", "Id", id)["Notes__c"] != "the office's" || o.count("Sync_Action__c") != 0 {
			t.Error("the change or its ledger row was left behind")
		}
	})
	t.Run("without a base it builds on whatever is there", func(t *testing.T) {
		o := newOrg(t)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Id"].(string)
		o.office("Invoice__c", id, map[string]any{"Notes__c": "the office's"})
		if done := o.applyPayload(&action.UpdateInvoice{InvoiceID: "inv-002", Notes: ptr("mine")}); done.Version != 3 {
			t.Errorf("%+v", done)
		}
	})
	refusals := map[string]struct {
		payload *action.UpdateInvoice
		want    action.Code
	}{
		"an unknown invoice":                   {&action.UpdateInvoice{InvoiceID: "inv-999", Notes: ptr("x")}, action.UnknownInvoice},
		"the status of an unknown invoice":     {&action.UpdateInvoice{InvoiceID: "inv-999", Status: ptr("pending")}, action.UnknownInvoice},
		"an unknown contact":                   {&action.UpdateInvoice{InvoiceID: "inv-002", ContactID: ptr("con-999")}, action.UnknownContact},
		"a base that the invoice never was at": {&action.UpdateInvoice{InvoiceID: "inv-002", BaseVersion: 7, Status: ptr("pending")}, action.VersionConflict},
	}
	for name, tt := range refusals {
		t.Run("refuses "+name+" and leaves nothing", func(t *testing.T) {
			o := newOrg(t)
			_, err := o.Client.Apply(t.Context(), effect(t, tt.payload))
			wantCode(t, err, tt.want)
			if o.count("Sync_Action__c") != 0 || o.count("Invoice__c") != 3 {
				t.Error("something was left behind")
			}
		})
	}
}

func TestClient_Apply_update_invoice_once(t *testing.T) {
	payloads := map[string]*action.UpdateInvoice{
		"fields":   {InvoiceID: "inv-002", BaseVersion: 1, Notes: ptr("mine")},
		"a status": {InvoiceID: "inv-002", Status: ptr("failed")},
	}
	for name, p := range payloads {
		t.Run("changes "+name+" once when the answer is lost, and keeps later edits", func(t *testing.T) {
			o := newOrg(t)
			e := effect(t, p)
			after := 0
			if p.Status != nil {
				after = 1 // the read before it
			}
			o.fail(control.Rule{Match: control.Match{PathRegex: "/composite$", After: after, Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
			_, err := o.Client.Apply(t.Context(), e)
			wantCode(t, err, action.SalesforceDown)
			id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Id"].(string)
			o.office("Invoice__c", id, map[string]any{"Notes__c": "later", "Status__c": "void"})
			if done := o.apply(e); done.ServerID != id || done.Version != 3 {
				t.Errorf("%+v", done)
			}
			if row := o.find("Invoice__c", "Id", id); row["Notes__c"] != "later" || row["Status__c"] != "void" || o.count("Sync_Action__c") != 1 {
				t.Errorf("row %v", row)
			}
		})
		t.Run("changes "+name+" once when many send it at once", func(t *testing.T) {
			o := newOrg(t)
			e := effect(t, p)
			together(12, func(int) {
				if _, err := o.Client.Apply(t.Context(), e); err != nil {
					t.Error(err)
				}
			})
			if v := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Version__c"]; v != float64(2) || o.count("Sync_Action__c") != 1 {
				t.Errorf("version %v, %d ledger rows", v, o.count("Sync_Action__c"))
			}
		})
		t.Run("sees another change to "+name+" under the same id", func(t *testing.T) {
			o := newOrg(t)
			e := effect(t, p)
			o.apply(e)
			e.Hash = "another"
			_, err := o.Client.Apply(t.Context(), e)
			wantCode(t, err, action.ContentChanged)
		})
	}
	t.Run("a locked invoice leaves no ledger row, so the next try counts", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, payloads["fields"])
		o.fail(control.Rule{Match: control.Match{Object: "Invoice__c", Times: 1}, Effect: control.Effect{RecordError: "UNABLE_TO_LOCK_ROW"}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.RecordLocked)
		if done := o.apply(e); done.Version != 2 {
			t.Errorf("%+v", done)
		}
	})
}

func TestClient_Apply_update_invoice_never_unvoids(t *testing.T) {
	t.Run("a status for a voided invoice goes to a person", func(t *testing.T) {
		o := newOrg(t)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Id"].(string)
		o.office("Invoice__c", id, map[string]any{"Status__c": "void"})
		_, err := o.Client.Apply(t.Context(), effect(t, &action.UpdateInvoice{InvoiceID: "inv-002", Status: ptr("pending")}))
		wantCode(t, err, action.InvoiceVoided)
	})
	t.Run("also when the void comes between the look and the change", func(t *testing.T) {
		o := newOrg(t)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-002")["Id"].(string)
		o.wire.afterFirst("/composite", func() { o.office("Invoice__c", id, map[string]any{"Status__c": "void"}) })
		_, err := o.Client.Apply(t.Context(), effect(t, &action.UpdateInvoice{InvoiceID: "inv-002", Status: ptr("pending")}))
		wantCode(t, err, action.InvoiceVoided)
		if o.find("Invoice__c", "Id", id)["Status__c"] != "void" {
			t.Error("the invoice came back to life")
		}
	})
}
