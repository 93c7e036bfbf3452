package salesforce_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

func names(accounts []bff.Account) string {
	var all []string
	for _, a := range accounts {
		all = append(all, a.Name)
	}
	return strings.Join(all, ", ")
}

func TestClient_Accounts(t *testing.T) {
	o := newOrg(t)
	tests := []struct {
		name  string
		query bff.AccountQuery
		want  string
	}{
		{"all, by name", bff.AccountQuery{}, "Acme Corporation, Globex Industries, Initech Solutions, Stark Energy, Umbrella Health, Wayne Financial"},
		{"by a part of the name in any case", bff.AccountQuery{Search: "ACME"}, "Acme Corporation"},
		{"by a part of the industry", bff.AccountQuery{Search: "financ"}, "Wayne Financial"},
		{"a page", bff.AccountQuery{Limit: 2, Offset: 1}, "Globex Industries, Initech Solutions"},
		{"of some territories", bff.AccountQuery{Territories: []string{"south", "west"}}, "Stark Energy, Umbrella Health, Wayne Financial"},
		{"of a territory and by a part", bff.AccountQuery{Territories: []string{"NORTH"}, Search: "in"}, "Globex Industries, Initech Solutions"},
		{"a territory is no condition", bff.AccountQuery{Territories: []string{"') OR Name != ('"}}, ""},
		{"a page beyond what SOQL can skip", bff.AccountQuery{Limit: 2, Offset: 2001}, ""},
		{"a percent sign is no wildcard", bff.AccountQuery{Search: "%"}, ""},
		{"an underscore is no wildcard", bff.AccountQuery{Search: "_"}, ""},
		{"a quote does not end the condition", bff.AccountQuery{Search: "' OR Name LIKE '"}, ""},
		{"a backslash does not, either", bff.AccountQuery{Search: `\' OR Name LIKE \'`}, ""},
		{"a backslash at the end", bff.AccountQuery{Search: `\`}, "Acme Corporation, Globex Industries, Initech Solutions, Stark Energy, Umbrella Health, Wayne Financial"},
		{"a line break", bff.AccountQuery{Search: "a\nb"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := o.Client.Accounts(t.Context(), tt.query)
			if err != nil || names(got) != tt.want {
				t.Errorf("%s, %v", names(got), err)
			}
		})
	}
	t.Run("reads every page of a long list", func(t *testing.T) {
		for i := range 2100 {
			o.officeCall(http.MethodPost, "/sobjects/Account", map[string]any{"Name": fmt.Sprintf("Zz %04d", i)})
		}
		got, err := o.Client.Accounts(t.Context(), bff.AccountQuery{})
		if err != nil || len(got) != 2106 {
			t.Fatalf("%d accounts, %v", len(got), err)
		}
		page, err := o.Client.Accounts(t.Context(), bff.AccountQuery{Limit: 2, Offset: 2104})
		if err != nil || names(page) != "Zz 2098, Zz 2099" {
			t.Errorf("%s, %v", names(page), err)
		}
	})
}

func TestClient_Account(t *testing.T) {
	o := newOrg(t)
	a, err := o.Client.Account(t.Context(), "acc-004")
	want := bff.Account{ID: "acc-004", Name: "Umbrella Health", Industry: "Healthcare", Phone: "+1 (617) 555-0400", Website: "https://umbrella-health.example.com", Territory: "south"}
	if err != nil || a != want {
		t.Errorf("%+v, %v", a, err)
	}
	_, err = o.Client.Account(t.Context(), "acc-999")
	wantCode(t, err, action.UnknownAccount)
	_, err = o.Client.Account(t.Context(), "' OR Name != '")
	wantCode(t, err, action.UnknownAccount)
}

func TestClient_Contacts(t *testing.T) {
	o := newOrg(t)
	got, err := o.Client.Contacts(t.Context(), "acc-001")
	if err != nil || len(got) != 2 || got[0].ID != "con-001" || got[0].AccountID != "acc-001" || got[1].Email != "bob.martinez@acme.example.com" {
		t.Errorf("%+v, %v", got, err)
	}
	if none, err := o.Client.Contacts(t.Context(), "acc-999"); err != nil || none == nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

func TestClient_Invoices(t *testing.T) {
	o := newOrg(t)
	t.Run("reads the reference's invoices newest first, with derived status and balance", func(t *testing.T) {
		all, err := o.Client.Invoices(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range all {
			got = append(got, fmt.Sprintf("%s %s %s %d/%d %s v%d", i.ID, i.AccountID, i.WireStatus(), i.Paid, i.Amount, i.CreatedAt.Format("2006-01-02"), i.Version))
		}
		want := "inv-003 acc-003 draft 0/50000 2024-11-10 v1; inv-002 acc-002 pending 0/175000 2024-11-01 v1; inv-001 acc-001 paid 250000/250000 2024-10-15 v1"
		if strings.Join(got, "; ") != want {
			t.Errorf("got %s", strings.Join(got, "; "))
		}
	})
	t.Run("reads those of one account", func(t *testing.T) {
		got, err := o.Client.Invoices(t.Context(), "acc-001")
		if err != nil || len(got) != 1 || got[0].IntentID != "pi_mock_001" || got[0].ChargeID != "ch_mock_001" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("an unknown invoice", func(t *testing.T) {
		_, err := o.Client.Invoice(t.Context(), "inv-999")
		wantCode(t, err, action.UnknownInvoice)
	})
}

func TestClient_takes_records_that_the_office_made(t *testing.T) {
	o := newOrg(t)
	o.officeCall(http.MethodPost, "/sobjects/Account", map[string]any{"Name": "Walk-in"})
	account, _ := o.find("Account", "Name", "Walk-in")["Id"].(string)
	done := o.applyPayload(&action.CreateInvoice{AccountID: account, Amount: 500, Currency: "usd"})
	o.officeCall(http.MethodPost, "/sobjects/Invoice__c", map[string]any{"Account__c": account, "Amount__c": 900, "Currency__c": "usd"})
	all, err := o.Client.Invoices(t.Context(), account)
	if err != nil || len(all) != 2 || all[0].AccountID != account {
		t.Fatalf("%+v, %v", all, err)
	}
	office := all[0]
	if office.ServerID == done.ServerID {
		office = all[1]
	}
	if office.ID != office.ServerID {
		t.Errorf("id %s, server id %s", office.ID, office.ServerID)
	}
	o.applyPayload(cash(office.ID, 900))
	o.applyPayload(&action.UpdateInvoice{InvoiceID: office.ID, Notes: ptr("by its own id"), Status: ptr("pending")})
	if paid, status := o.paid(office.ID); paid != 900 || status != "paid" {
		t.Errorf("paid %d, %s", paid, status)
	}
}
