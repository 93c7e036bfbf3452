package app_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

func TestBridge_Drafts(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	id := action.NewID()
	form := app.DraftForm{Name: "visit-log:", ActionID: id, Address: "/visits/new", Values: `{"note":"half a sente"}`}
	if err := r.KeepDraft(form); err != nil {
		t.Fatal(err)
	}
	t.Run("what was typed is offered after a restart", func(t *testing.T) {
		r.close()
		r.start()
		got, err := r.Drafts()
		if err != nil || len(got) != 1 || got[0].Values != form.Values || got[0].ActionID != id || got[0].Address != "/visits/new" || got[0].At == "" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("a form that was saved just before the crash is not offered again", func(t *testing.T) {
		if _, err := r.SaveVisit(app.VisitForm{ActionID: id, AccountID: "acc-001", Note: "half a sentence", Outcome: "met"}); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Drafts(); err != nil || len(got) != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("a form that is given up is forgotten", func(t *testing.T) {
		form.ActionID = action.NewID()
		if err := r.KeepDraft(form); err != nil {
			t.Fatal(err)
		}
		if err := r.DropDraft(form.Name); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Drafts(); err != nil || len(got) != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("it belongs to who began it", func(t *testing.T) {
		if err := r.KeepDraft(form); err != nil {
			t.Fatal(err)
		}
		if err := r.SignOut(app.SignOutOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Drafts(); err != nil || len(got) != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
