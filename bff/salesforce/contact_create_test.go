package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/sandbox/control"
)

func TestClient_Apply_create_contact(t *testing.T) {
	const id = "0198c0de-0000-7000-8000-0000000000cc"
	contact := &action.CreateContact{ID: id, AccountID: "acc-002", FirstName: "Ada", LastName: "O'Byron @{x}", Email: "ada@globex.example.com", Title: "Buyer"}
	t.Run("makes it in one call, to the letter, for later actions to name", func(t *testing.T) {
		o := newOrg(t)
		done := o.applyPayload(contact)
		row := o.find("Contact", "External_Id__c", id)
		if o.Client.Calls() != 1 || row["Id"] != done.ServerID || row["LastName"] != contact.LastName || row["Email"] != contact.Email {
			t.Errorf("%d calls, %+v, row %v", o.Client.Calls(), done, row)
		}
		o.applyPayload(&action.CreateInvoice{AccountID: "acc-002", ContactID: id, Amount: 100, Currency: "usd"})
		o.find("Invoice__c", "Contact__c", done.ServerID)
	})
	t.Run("makes it once, whatever is lost or sent at once", func(t *testing.T) {
		o := newOrg(t)
		before := o.count("Contact")
		e := effect(t, contact)
		o.fail(control.Rule{Match: control.Match{Object: "Contact", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.SalesforceDown)
		together(10, func(int) {
			if done, err := o.Client.Apply(t.Context(), e); err != nil || done.ServerID == "" {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if o.count("Contact") != before+1 {
			t.Errorf("%d contacts more", o.count("Contact")-before)
		}
	})
	t.Run("tells a contact of another action under the same id", func(t *testing.T) {
		o := newOrg(t)
		o.applyPayload(contact)
		_, err := o.Client.Apply(t.Context(), effect(t, contact))
		wantCode(t, err, action.DuplicateRecord)
	})
	t.Run("a rule of the org against duplicates goes to a person", func(t *testing.T) {
		o := newOrg(t)
		o.fail(control.Rule{Match: control.Match{Object: "Contact"}, Effect: control.Effect{RecordError: "DUPLICATES_DETECTED"}})
		_, err := o.Client.Apply(t.Context(), effect(t, contact))
		wantCode(t, err, action.DuplicateRecord)
	})
	t.Run("tells an unknown customer", func(t *testing.T) {
		_, err := newOrg(t).Client.Apply(t.Context(), effect(t, &action.CreateContact{AccountID: "acc-999", LastName: "Byron"}))
		wantCode(t, err, action.UnknownAccount)
	})
}
