package salesforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// TestClient_sends pins the requests of each action, byte for byte, in
// testdata: what a change of them costs an org is then seen in its review.
func TestClient_sends(t *testing.T) {
	const actionID = "0198c0de-0000-7000-8000-000000000001"
	at := time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)
	tests := map[string]action.Payload{
		"invoice-create": &action.CreateInvoice{
			ID: "0198c0de-0000-7000-8000-0000000000aa", AccountID: "acc-001", ContactID: "con-002", Currency: "USD",
			Description: "Spring service", Notes: "Call first", DueDate: "2026-12-24",
			Lines: []action.Line{
				{Description: "Pump", Quantity: "2.5", UnitPrice: 1001, TaxRate: "19"},
				{Description: "Hose", Quantity: "1", UnitPrice: 500, Discount: 50, TaxRate: "7"},
				{Description: "Visit", Quantity: "3", UnitPrice: 333},
			},
		},
		"invoice-update": &action.UpdateInvoice{InvoiceID: "inv-002", BaseVersion: 1, Notes: ptr("gate B"), DueDate: ptr(""), ContactID: ptr("con-004")},
		"invoice-status": &action.UpdateInvoice{InvoiceID: "inv-002", Status: ptr("pending")},
		"payment-record": &action.RecordPayment{InvoiceID: "inv-002", Amount: 900, Currency: "usd", Method: action.Cash, Tendered: 1000, Change: 100},
		"invoice-void":   &action.VoidInvoice{InvoiceID: "inv-003", BaseVersion: 1, Reason: "ordered twice"},
		"contact-create": &action.CreateContact{AccountID: "acc-001", FirstName: "Ada", LastName: "Byron", Email: "ada@acme.example.com", Phone: "+1 415 555 0199", Title: "Buyer"},
		"visit-log":      &action.LogVisit{AccountID: "acc-001", ContactID: "con-001", InvoiceID: "inv-002", Note: "Nobody there", Outcome: action.NotIn},
	}
	for name, payload := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t)
			o.apply(bff.Effect{
				Action:  action.Action{ID: actionID, Type: payload.Type(), Version: 1, Actor: "user-1"},
				Payload: payload, At: at, Hash: "00ff",
			})
			o.compare(name)
		})
	}
	t.Run("payment-card", func(t *testing.T) {
		o := newOrg(t)
		_, err := o.Client.BookCard(t.Context(), bff.CardPayment{ActionID: actionID, InvoiceID: "inv-002", IntentID: "pi_1", ChargeID: "ch_1", Amount: 175000, Currency: "usd", At: at})
		if err != nil {
			t.Fatal(err)
		}
		o.compare("payment-card")
	})
}

func (o *org) compare(name string) {
	o.t.Helper()
	var got bytes.Buffer
	for _, r := range o.wire.requests("/services/data") {
		fmt.Fprintf(&got, "%s %s\n", r.Method, r.Path)
		if len(r.Body) > 0 {
			if err := json.Indent(&got, r.Body, "", "  "); err != nil {
				o.t.Fatal(err)
			}
			got.WriteByte('\n')
		}
	}
	file := filepath.Join("testdata", name+".golden")
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, got.Bytes()) {
		fresh := filepath.Join(o.t.ArtifactDir(), name+".golden")
		if err := os.WriteFile(fresh, got.Bytes(), 0o600); err != nil {
			o.t.Error(err)
		}
		o.t.Errorf("the requests are not those of %s (%v); they are in %s:\n%s", file, err, fresh, got.String())
	}
}

func TestClient_costs(t *testing.T) {
	tests := []struct {
		name    string
		payload action.Payload
		calls   int64
	}{
		{"an invoice of three lines", threeLines("usd"), 1},
		{"an invoice of two hundred lines", longInvoice(), 1},
		{"a payment", cash("inv-002", 900), 2},
		{"a void", &action.VoidInvoice{InvoiceID: "inv-003"}, 2},
		{"a contact", &action.CreateContact{AccountID: "acc-001", LastName: "Byron"}, 1},
		{"a visit", &action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met}, 1},
		{"a change of fields", &action.UpdateInvoice{InvoiceID: "inv-002", Notes: ptr("x")}, 1},
		{"a change of status", &action.UpdateInvoice{InvoiceID: "inv-002", Status: ptr("pending")}, 2},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s: %d calls", tt.name, tt.calls), func(t *testing.T) {
			o := newOrg(t)
			o.applyPayload(tt.payload)
			if got := o.Client.Calls(); got != tt.calls {
				t.Errorf("%d calls", got)
			}
		})
	}
}

func longInvoice() *action.CreateInvoice {
	p := threeLines("usd")
	for len(p.Lines) < action.MaxLines {
		p.Lines = append(p.Lines, action.Line{Description: "Part", Quantity: "1", UnitPrice: 100})
	}
	return p
}

func TestClient_logs_and_errors_have_nothing_of_the_customer(t *testing.T) {
	o := newOrg(t)
	p := threeLines("usd")
	p.Description, p.Notes, p.Lines[0].Description = canary, canary, canary
	e := effect(t, p)
	o.apply(e)
	o.apply(e)
	if _, err := o.Client.Accounts(t.Context(), bff.AccountQuery{Search: canary}); err != nil {
		t.Fatal(err)
	}
	visit := effect(t, &action.LogVisit{AccountID: "acc-999", Note: canary, Outcome: action.Met})
	_, err := o.Client.Apply(t.Context(), visit)
	o.wire.mu.Lock()
	token := o.wire.token
	o.wire.mu.Unlock()
	for _, secret := range []string{"canary", "Jane", "sandbox-secret", token} {
		if strings.Contains(o.logs.String()+err.Error(), secret) {
			t.Errorf("%q got out", secret[:4])
		}
	}
}
