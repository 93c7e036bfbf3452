package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func TestClient_Apply_void_invoice(t *testing.T) {
	void := &action.VoidInvoice{InvoiceID: "inv-003", BaseVersion: 1, Reason: "ordered twice"}
	t.Run("takes the invoice out of use and says why", func(t *testing.T) {
		o := newOrg(t)
		done := o.applyPayload(void)
		row := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-003")
		if row["Status__c"] != "void" || row["Void_Reason__c"] != "ordered twice" || done.ServerID != row["Id"] || done.Version != 2 || done.Note != "" {
			t.Errorf("%+v, row %v", done, row)
		}
	})
	t.Run("happens once when the answer is lost, and many ask at once", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, void)
		o.fail(control.Rule{Match: control.Match{PathRegex: "/composite$", After: 1, Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.SalesforceDown)
		together(10, func(int) {
			if done, err := o.Client.Apply(t.Context(), e); err != nil || done.Version != 2 {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if o.count("Sync_Action__c") != 1 {
			t.Errorf("%d ledger rows", o.count("Sync_Action__c"))
		}
	})
	t.Run("is done already when somebody else did it", func(t *testing.T) {
		o := newOrg(t)
		o.applyPayload(void)
		if done := o.applyPayload(&action.VoidInvoice{InvoiceID: "inv-003"}); done.Version != 2 {
			t.Errorf("%+v", done)
		}
	})
	t.Run("does not overwrite what the office changed since", func(t *testing.T) {
		o := newOrg(t)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-003")["Id"].(string)
		o.office("Invoice__c", id, map[string]any{"Notes__c": "keep it"})
		_, err := o.Client.Apply(t.Context(), effect(t, void))
		wantCode(t, err, action.VersionConflict)
	})
	t.Run("without a base it voids the invoice as it is, even while the office edits", func(t *testing.T) {
		o := newOrg(t)
		id, _ := o.find("Invoice__c", "Client_Invoice_Id__c", "inv-003")["Id"].(string)
		o.wire.afterFirst("/composite", func() { o.office("Invoice__c", id, map[string]any{"Notes__c": "now"}) })
		if done := o.applyPayload(&action.VoidInvoice{InvoiceID: "inv-003"}); done.Version != 3 {
			t.Errorf("%+v", done)
		}
	})
	t.Run("an invoice with money on it stays and goes to a person", func(t *testing.T) {
		o := newOrg(t)
		_, err := o.Client.Apply(t.Context(), effect(t, &action.VoidInvoice{InvoiceID: "inv-001"}))
		wantCode(t, err, action.MoneyReceived)
		if o.find("Invoice__c", "Client_Invoice_Id__c", "inv-001")["Status__c"] == "void" || o.count("Sync_Action__c") != 0 {
			t.Error("something was left behind")
		}
	})
	t.Run("money that comes between the look and the change is told", func(t *testing.T) {
		o := newOrg(t)
		o.wire.afterFirst("/composite", func() { o.applyPayload(cash("inv-002", 900)) })
		done := o.applyPayload(&action.VoidInvoice{InvoiceID: "inv-002"})
		if done.Note != action.MoneyReceived {
			t.Errorf("%+v", done)
		}
	})
	t.Run("an unknown invoice is told", func(t *testing.T) {
		_, err := newOrg(t).Client.Apply(t.Context(), effect(t, &action.VoidInvoice{InvoiceID: "inv-999"}))
		wantCode(t, err, action.UnknownInvoice)
	})
}
