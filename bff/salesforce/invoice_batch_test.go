package salesforce_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

// invoices are effects of three lines each.
func invoices(t *testing.T, n int) []bff.Effect {
	t.Helper()
	effects := make([]bff.Effect, n)
	for i := range effects {
		effects[i] = effect(t, threeLines("usd"))
		effects[i].Attempt = 1
	}
	return effects
}

func TestClient_ApplyAll(t *testing.T) {
	t.Run("makes 75 three-line invoices in one call, and repeats of them in another", func(t *testing.T) {
		o := newOrg(t)
		effects := invoices(t, 75)
		first := o.Client.ApplyAll(t.Context(), effects)
		if calls := o.Client.Calls(); calls != 1 {
			t.Errorf("%d calls", calls)
		}
		for i := range effects {
			effects[i].Attempt = 2
		}
		again := o.Client.ApplyAll(t.Context(), effects)
		if calls := o.Client.Calls(); calls != 2 {
			t.Errorf("%d calls after the repeat", calls)
		}
		for i := range effects {
			if first[i].Err != nil || again[i].Err != nil || first[i].Applied.ServerID == "" || first[i] != again[i] {
				t.Errorf("invoice %d: %+v, then %+v", i, first[i], again[i])
			}
		}
		if n := len(o.rows("Invoice_Line__c")); n != 225 {
			t.Errorf("%d lines", n)
		}
	})
	t.Run("answers each by itself, also when many fail", func(t *testing.T) {
		o := newOrg(t)
		effects := invoices(t, 60)
		for i := range 20 {
			p := threeLines("usd")
			p.AccountID = "acc-404"
			effects[3*i] = effect(t, p)
		}
		made := o.Client.ApplyAll(t.Context(), effects[1:2])
		done := o.Client.ApplyAll(t.Context(), effects)
		for i, d := range done {
			if bad := i%3 == 0; bad != (d.Err != nil) || bad && action.CodeOf(d.Err).Class() == action.Transient {
				t.Errorf("invoice %d: %+v", i, d)
			}
		}
		if done[1] != made[0] {
			t.Errorf("what was there already: %+v, then %+v", made[0], done[1])
		}
		if n := len(o.rows("Invoice_Line__c")); n != 120 {
			t.Errorf("%d lines", n)
		}
	})
	t.Run("splits what is more than a call takes", func(t *testing.T) {
		o := newOrg(t)
		effects := make([]bff.Effect, 4)
		for i := range effects {
			p := threeLines("usd")
			for len(p.Lines) < 200 {
				p.Lines = append(p.Lines, p.Lines[2])
			}
			effects[i] = effect(t, p)
		}
		for i, d := range o.Client.ApplyAll(t.Context(), effects) {
			if d.Err != nil {
				t.Errorf("invoice %d: %v", i, d.Err)
			}
		}
		if calls := o.Client.Calls(); calls != 2 {
			t.Errorf("%d calls", calls)
		}
	})
}
