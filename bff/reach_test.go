package bff_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/bff/memory"
)

// wideCRM makes visits in calls of many, and says where records are.
type wideCRM struct {
	*bfftest.CRM
	down error

	mu      sync.Mutex
	located [][]string
	calls   []int
}

// Locate implements bff.Locator.
func (c *wideCRM) Locate(ctx context.Context, accounts, invoices []string) (bff.Places, error) {
	c.mu.Lock()
	c.located = append(c.located, slices.Concat(accounts, invoices))
	c.mu.Unlock()
	p := bff.Places{Territories: map[string]string{}, Accounts: map[string]string{}}
	for _, id := range invoices {
		if inv, err := c.Invoice(ctx, id); err == nil {
			p.Accounts[id], accounts = inv.AccountID, append(accounts, inv.AccountID)
		}
	}
	for _, id := range accounts {
		if a, err := c.Account(ctx, id); err == nil {
			p.Territories[id] = a.Territory
		}
	}
	return p, c.down
}

// Batch implements bff.Batcher.
func (c *wideCRM) Batch(e bff.Effect) (string, int) {
	if e.Action.Type == action.LogVisitType {
		return "visits", 50
	}
	return "", 1
}

// ApplyAll implements bff.Batcher.
func (c *wideCRM) ApplyAll(ctx context.Context, effects []bff.Effect) []bff.Done {
	c.mu.Lock()
	c.calls = append(c.calls, len(effects))
	c.mu.Unlock()
	done := make([]bff.Done, len(effects))
	for i, e := range effects {
		done[i].Applied, done[i].Err = c.Apply(ctx, e)
	}
	return done
}

// rights are those of one person in a territory.
func (c *wideCRM) rights(t *testing.T, territories ...string) *bff.Rights {
	t.Helper()
	users := memory.New().Stores().Users
	if _, err := users.AddUser(t.Context(), bff.User{ID: "user-001", Login: demoLogin, Territories: territories}); err != nil {
		t.Fatal(err)
	}
	rights, err := bff.NewRights(bff.RightsOptions{Users: users, CRM: c})
	if err != nil {
		t.Fatal(err)
	}
	return rights
}

func about(t *testing.T, p action.Payload) action.Action {
	t.Helper()
	raw, err := action.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return action.Action{ID: action.NewID(), Type: p.Type(), Version: 1, Actor: "user-001", Payload: raw}
}

func TestRights_CheckAll(t *testing.T) {
	batch := func(t *testing.T) []action.Action {
		return []action.Action{
			about(t, &action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met}),
			about(t, &action.LogVisit{AccountID: "acc-002", Note: "n", Outcome: action.Met}),
			about(t, &action.RecordPayment{InvoiceID: "inv-001", Amount: 1, Currency: "usd", Method: action.Cash}),
			about(t, &action.RecordPayment{InvoiceID: "inv-002", Amount: 1, Currency: "usd", Method: action.Cash}),
			about(t, &action.LogVisit{AccountID: "acc-404", Note: "n", Outcome: action.Met}),
			about(t, &action.RecordPayment{InvoiceID: "inv-404", Amount: 1, Currency: "usd", Method: action.Cash}),
		}
	}
	want := []action.Code{"", action.NotAllowed, "", action.NotAllowed, action.UnknownAccount, action.UnknownInvoice}
	t.Run("the CRM is asked once where the records of a batch are, and then it is remembered", func(t *testing.T) {
		crm := &wideCRM{CRM: bfftest.NewCRM()}
		rights := crm.rights(t, "North")
		actions := batch(t)
		if known := rights.Known(t.Context(), actions); slices.Contains(known, true) {
			t.Errorf("known before anybody asked: %v", known)
		}
		for range 2 {
			for i, err := range rights.CheckAll(t.Context(), actions) {
				if got := action.CodeOf(err); got != want[i] {
					t.Errorf("action %d: %q, want %q", i, got, want[i])
				}
			}
		}
		if got := fmt.Sprint(crm.located); got != "[[acc-001 acc-002 acc-404 inv-001 inv-002 inv-404] [acc-404 inv-404]]" {
			t.Errorf("asked %s", got)
		}
		if got := rights.Known(t.Context(), actions); !slices.Equal(got, []bool{true, false, true, false, false, false}) {
			t.Errorf("known %v", got)
		}
	})
	t.Run("while the CRM is down nobody is refused for good", func(t *testing.T) {
		crm := &wideCRM{CRM: bfftest.NewCRM(), down: &action.Error{Code: action.SalesforceDown}}
		for i, err := range crm.rights(t, "north").CheckAll(t.Context(), batch(t)) {
			if action.CodeOf(err) != action.SalesforceDown {
				t.Errorf("action %d: %v", i, err)
			}
		}
	})
	t.Run("who reaches everything asks nothing, and who may not work here nothing either", func(t *testing.T) {
		crm := &wideCRM{CRM: bfftest.NewCRM()}
		everywhere, actions := crm.rights(t, bff.EveryTerritory), batch(t)
		for i, err := range everywhere.CheckAll(t.Context(), actions) {
			if err != nil || !everywhere.Known(t.Context(), actions)[i] {
				t.Errorf("action %d: %v", i, err)
			}
			actions[i].Actor = "user-404"
		}
		for i, err := range everywhere.CheckAll(t.Context(), actions) {
			if action.CodeOf(err) != action.NotAllowed || everywhere.Known(t.Context(), actions)[i] {
				t.Errorf("a stranger's action %d: %v", i, err)
			}
		}
		if len(crm.located) != 0 {
			t.Errorf("asked %v", crm.located)
		}
	})
}

func TestProcessor_PermittedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &wideCRM{CRM: bfftest.NewCRM()}
		b := newBench(t)
		p, err := bff.NewProcessor(bff.ProcessorOptions{
			Ledger: b.ledger, Requests: b.requests, Payments: b.payments, CRM: crm, Rights: crm.rights(t, "north"),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() {
			if err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		defer run.Wait()
		defer stop()
		for range 2 { // the first time the account has to be asked for, then it is remembered
			items := make([]json.RawMessage, 50)
			for i := range items {
				raw, err := json.Marshal(about(t, &action.LogVisit{AccountID: "acc-001", Note: "n", Outcome: action.Met}))
				if err != nil {
					t.Fatal(err)
				}
				items[i] = raw
			}
			outcomes, err := p.Submit(ctx, bff.Batch{Actor: "user-001", Items: items})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range outcomes {
				if o.Status != action.StatusApplied {
					t.Errorf("outcome %+v", o)
				}
			}
		}
		if len(crm.located) != 1 || !slices.Equal(crm.calls, []int{50, 50}) {
			t.Errorf("located %v, calls of %v", crm.located, crm.calls)
		}
	})
}
