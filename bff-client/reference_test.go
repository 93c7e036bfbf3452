package bffclient_test

import (
	"net/http"
	"testing"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

func TestClient_ReferenceData(t *testing.T) {
	s := newServer(t)
	asked := ""
	list := func(body any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if s.signedIn(w, r) {
				asked = r.URL.RequestURI()
				answer(w, http.StatusOK, body)
			}
		}
	}
	s.on("/salesforce/accounts", list([]map[string]any{{"id": "acc-001", "name": "Acme Corporation", "industry": "Technology", "phone": "1", "website": "w"}}))
	s.on("/salesforce/accounts/acc-001/contacts", list([]map[string]any{{"id": "con-001", "accountId": "acc-001",
		"firstName": "Ada", "lastName": "Byron", "email": "a@example.com", "phone": "", "title": ""}}))
	s.on("/salesforce/invoices", list([]map[string]any{{"id": "inv-001", "accountId": "acc-001", "amount": 250000, "currency": "usd", "status": "pending",
		"createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z", "number": "INV-00001", "paid": 100, "balance": 249900, "version": 4,
		"dueDate": "2026-02-01", "aFieldOfALaterServer": true}}))
	c := newClient(t, s.URL, newWallet())

	t.Run("customers are searched by the server", func(t *testing.T) {
		got, err := c.Accounts(t.Context(), bffclient.AccountQuery{Search: "a&b", Limit: 10, Offset: 20})
		if err != nil || len(got) != 1 || got[0].Name != "Acme Corporation" {
			t.Errorf("got %+v, %v", got, err)
		}
		if asked != "/salesforce/accounts?limit=10&offset=20&search=a%26b" {
			t.Errorf("asked %s", asked)
		}
	})
	t.Run("contacts belong to a customer", func(t *testing.T) {
		got, err := c.Contacts(t.Context(), "acc-001")
		if err != nil || len(got) != 1 || got[0].LastName != "Byron" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("invoices carry balance and version", func(t *testing.T) {
		got, err := c.Invoices(t.Context(), "acc-001")
		if err != nil || len(got) != 1 {
			t.Fatalf("got %+v, %v", got, err)
		}
		if i := got[0]; i.Balance != 249900 || i.Version != 4 || i.DueDate != "2026-02-01" || i.ContactID != "" {
			t.Errorf("got %+v", i)
		}
		if asked != "/salesforce/invoices?accountId=acc-001" {
			t.Errorf("asked %s", asked)
		}
	})
	t.Run("a lost answer is no more than being offline", func(t *testing.T) {
		s.on("/salesforce/invoices", writeRaw("HTTP/1.1 200 OK\r\n"))
		_, err := c.Invoices(t.Context(), "")
		wantCode(t, err, action.Offline)
	})
}
