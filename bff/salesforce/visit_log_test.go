package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func TestClient_Apply_log_visit(t *testing.T) {
	visit := &action.LogVisit{AccountID: "acc-002", ContactID: "con-003", InvoiceID: "inv-002", Note: "wants @{more} \"quotes\" and ' too", Outcome: action.FollowUp}
	t.Run("notes it in one call, to the letter", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, visit)
		done := o.apply(e)
		row := o.find("Visit__c", "Action_Id__c", e.Action.ID)
		if o.Client.Calls() != 1 || row["Id"] != done.ServerID || row["Note__c"] != visit.Note || row["Outcome__c"] != "follow_up" ||
			row["Invoice__c"] == nil || row["Visited_At__c"] != "2026-11-20T08:30:00.000+0000" {
			t.Errorf("%d calls, row %v", o.Client.Calls(), row)
		}
	})
	t.Run("notes it once, whatever is lost or sent at once", func(t *testing.T) {
		o := newOrg(t)
		e := effect(t, visit)
		o.fail(control.Rule{Match: control.Match{Object: "Visit__c", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.SalesforceDown)
		together(10, func(int) {
			if done, err := o.Client.Apply(t.Context(), e); err != nil || done.ServerID == "" {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if o.count("Visit__c") != 1 {
			t.Errorf("%d visits", o.count("Visit__c"))
		}
	})
	for want, p := range map[action.Code]*action.LogVisit{
		action.UnknownAccount: {AccountID: "acc-999", Note: "n", Outcome: action.Met},
		action.UnknownContact: {AccountID: "acc-001", ContactID: "con-999", Note: "n", Outcome: action.Met},
		action.UnknownInvoice: {AccountID: "acc-001", InvoiceID: "inv-999", Note: "n", Outcome: action.Met},
	} {
		t.Run("tells "+string(want), func(t *testing.T) {
			o := newOrg(t)
			_, err := o.Client.Apply(t.Context(), effect(t, p))
			wantCode(t, err, want)
		})
	}
}

func TestClient_Apply_leaves_online_payments_to_BookCard(t *testing.T) {
	_, err := newOrg(t).Client.Apply(t.Context(), effect(t, &action.SyncPayment{InvoiceID: "inv-002", PaymentIntentID: "pi_1"}))
	if err == nil || action.CodeOf(err).Class().Settles() {
		t.Errorf("error %v", err)
	}
}
