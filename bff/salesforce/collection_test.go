package salesforce_test

import (
	"fmt"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

// many are first attempts at n effects.
func many(t *testing.T, n int, payload func(int) action.Payload) []bff.Effect {
	t.Helper()
	effects := make([]bff.Effect, n)
	for i := range effects {
		effects[i] = effect(t, payload(i))
		effects[i].Attempt = 1
	}
	return effects
}

func visits(t *testing.T, n int) []bff.Effect {
	return many(t, n, func(i int) action.Payload {
		return &action.LogVisit{AccountID: "acc-002", Note: fmt.Sprintf("visit %d of @{many}", i), Outcome: action.Met}
	})
}

func contacts(t *testing.T, n int) []bff.Effect {
	return many(t, n, func(i int) action.Payload {
		return &action.CreateContact{AccountID: "acc-002", LastName: fmt.Sprintf("Byron %d", i)}
	})
}

// wantAll checks that all effects were made, each with an id of its own.
func wantAll(t *testing.T, done []bff.Done) {
	t.Helper()
	ids := map[string]bool{}
	for i, d := range done {
		if d.Err != nil || d.Applied.ServerID == "" || ids[d.Applied.ServerID] {
			t.Errorf("%d: %+v", i, d)
		}
		ids[d.Applied.ServerID] = true
	}
}

func TestClient_ApplyAll_flat_records(t *testing.T) {
	for object, make := range map[string]func(*testing.T, int) []bff.Effect{"Visit__c": visits, "Contact": contacts} {
		t.Run("200 share one call, and repeats of them three: "+object, func(t *testing.T) {
			o := newOrg(t)
			before := o.count(object)
			effects := make(t, 200)
			if kind, most := o.Client.Batch(effects[0]); kind == "" || most != 200 {
				t.Errorf("kind %q, most %d", kind, most)
			}
			first := o.Client.ApplyAll(t.Context(), effects)
			wantAll(t, first)
			if calls := o.Client.Calls(); calls != 1 {
				t.Errorf("%d calls", calls)
			}
			again := o.Client.ApplyAll(t.Context(), effects)
			for i := range first {
				if first[i] != again[i] {
					t.Errorf("%d: %+v, then %+v", i, first[i], again[i])
				}
			}
			if calls := o.Client.Calls(); calls != 4 || o.count(object) != before+200 {
				t.Errorf("%d calls, %d records", calls, o.count(object)-before)
			}
		})
		t.Run("after an answer that was lost each is there once: "+object, func(t *testing.T) {
			o := newOrg(t)
			before := o.count(object)
			effects := make(t, 5)
			o.fail(control.Rule{Match: control.Match{PathRegex: "/composite/sobjects", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
			for _, d := range o.Client.ApplyAll(t.Context(), effects) {
				wantCode(t, d.Err, action.SalesforceDown)
			}
			wantAll(t, o.Client.ApplyAll(t.Context(), effects))
			if o.count(object) != before+5 {
				t.Errorf("%d records", o.count(object)-before)
			}
		})
		t.Run("a record that is refused leaves the others alone: "+object, func(t *testing.T) {
			o := newOrg(t)
			before := o.count(object)
			o.fail(control.Rule{Match: control.Match{Object: object, After: 1, Times: 2}, Effect: control.Effect{RecordError: "UNABLE_TO_LOCK_ROW"}})
			effects := make(t, 5)
			for i, d := range o.Client.ApplyAll(t.Context(), effects) {
				if locked := i == 1 || i == 2; locked != (action.CodeOf(d.Err) == action.RecordLocked) || locked == (d.Err == nil) {
					t.Errorf("%d: %+v", i, d)
				}
			}
			wantAll(t, o.Client.ApplyAll(t.Context(), effects))
			if o.count(object) != before+5 {
				t.Errorf("%d records", o.count(object)-before)
			}
		})
	}
	t.Run("the words of a visit arrive to the letter", func(t *testing.T) {
		o := newOrg(t)
		effects := visits(t, 2)
		wantAll(t, o.Client.ApplyAll(t.Context(), effects))
		if row := o.find("Visit__c", "Action_Id__c", effects[1].Action.ID); row["Note__c"] != "visit 1 of @{many}" {
			t.Errorf("row %v", row)
		}
	})
	t.Run("what another action made under the same id is told, in the midst of others", func(t *testing.T) {
		o := newOrg(t)
		const id = "0198c0de-0000-7000-8000-0000000000cc"
		taken := &action.CreateContact{ID: id, AccountID: "acc-002", LastName: "Byron"}
		o.applyPayload(taken)
		effects := append(contacts(t, 2), effect(t, taken))
		done := o.Client.ApplyAll(t.Context(), effects)
		wantAll(t, done[:2])
		wantCode(t, done[2].Err, action.DuplicateRecord)
	})
	t.Run("the same action with another record is told", func(t *testing.T) {
		o := newOrg(t)
		effects := contacts(t, 2)
		wantAll(t, o.Client.ApplyAll(t.Context(), effects))
		effects[1].Payload = &action.CreateContact{ID: action.NewID(), AccountID: "acc-002", LastName: "Lovelace"}
		done := o.Client.ApplyAll(t.Context(), effects)
		wantAll(t, done[:1])
		wantCode(t, done[1].Err, action.ContentChanged)
	})
	t.Run("an unknown customer fails alone", func(t *testing.T) {
		o := newOrg(t)
		effects := visits(t, 3)
		effects[1] = effect(t, &action.LogVisit{AccountID: "acc-999", Note: "n", Outcome: action.Met})
		done := o.Client.ApplyAll(t.Context(), effects)
		wantAll(t, []bff.Done{done[0], done[2]})
		wantCode(t, done[1].Err, action.UnknownAccount)
	})
	t.Run("a call that is refused as a whole is made again one by one", func(t *testing.T) {
		o := newOrg(t)
		o.fail(control.Rule{Match: control.Match{PathRegex: "/composite/sobjects"}, Effect: control.Effect{Status: 400, ErrorCode: "JSON_PARSER_ERROR"}})
		wantAll(t, o.Client.ApplyAll(t.Context(), visits(t, 3)))
	})
	t.Run("trouble of the org is everybody's", func(t *testing.T) {
		o := newOrg(t)
		o.fail(control.Rule{Match: control.Match{PathRegex: "/composite/sobjects"}, Effect: control.Effect{Status: 503}})
		for _, d := range o.Client.ApplyAll(t.Context(), visits(t, 3)) {
			wantCode(t, d.Err, action.SalesforceDown)
		}
		if calls := o.Client.Calls(); calls != 1 {
			t.Errorf("%d calls", calls)
		}
	})
	t.Run("an answer that misses a record says nothing of any", func(t *testing.T) {
		c := clientOver(t, scripted{status: 201, body: `[{"id":"a01","success":true,"errors":[]}]`})
		for _, d := range c.ApplyAll(t.Context(), visits(t, 2)) {
			wantCode(t, d.Err, action.SalesforceDown)
		}
	})
}
