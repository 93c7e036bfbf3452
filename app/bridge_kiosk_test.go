package app_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/policy"
)

func TestBridge_LeaveKiosk(t *testing.T) {
	r, jordan, alex := shared(t)
	r.close()
	r.config.Kiosk = app.Setting{Value: "true", Source: app.FromPolicy}
	r.app = app.New(app.Options{Host: "wails", Device: r.options()})
	r.changes, r.Bridge = r.app.Subscribe(), r.app.Bridge()
	if err := r.app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := r.door(); !d.Kiosk || !d.Leaves || !d.Locked || d.IdleChoice != 120 {
		t.Errorf("a kiosk starts as %+v", d)
	}
	gone := func() bool {
		select {
		case <-r.app.Gone():
			return true
		default:
			return false
		}
	}
	for name, c := range map[string]struct {
		form app.UnlockForm
		want action.Code
	}{
		"a rep's PIN":              {app.UnlockForm{PersonID: jordan.ID, PIN: jordansPIN}, action.ManagerNeeded},
		"a manager with a rep's":   {app.UnlockForm{PersonID: alex.ID, PIN: jordansPIN}, action.PINWrong},
		"somebody who is not here": {app.UnlockForm{PersonID: "user-404", PIN: alexesPIN}, action.ManagerNeeded},
	} {
		t.Run(name+" ends nothing", func(t *testing.T) {
			if err := r.LeaveKiosk(c.form); action.CodeOf(err) != c.want || gone() {
				t.Errorf("got %v, gone %v", err, gone())
			}
		})
	}
	t.Run("a manager ends it, also at the locked screen and without a network", func(t *testing.T) {
		if err := r.LeaveKiosk(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); err != nil || !gone() {
			t.Errorf("got %v, gone %v", err, gone())
		}
	})
	t.Run("what stands around it is told to whoever came in", func(t *testing.T) {
		if _, err := r.Unlock(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.BeginCheckout(app.CheckoutForm{ID: action.NewID(), InvoiceID: "inv-002", Amount: "1", Locale: "en-US"}); action.CodeOf(err) != action.NotPossible {
			t.Errorf("a checkout leads out of it: %v", err)
		}
		if k, err := r.Kiosk(); err != nil || !k.On || len(k.Findings) == 0 {
			t.Errorf("got %+v, %v", k, err)
		}
	})
}

func TestBridge_LeaveWhatIsNoKiosk(t *testing.T) {
	r, _, alex := shared(t)
	if err := r.LeaveKiosk(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); action.CodeOf(err) != action.NotPossible {
		t.Errorf("got %v", err)
	}
}

func TestBridge_Approve(t *testing.T) {
	o := newOffice(t)
	o.hire()
	r := newRep(t, o.host.URL())
	cap := []action.Money{{Minor: 20000, Currency: "usd"}}
	r.config.Company = policy.Found{Policy: policy.Policy{Caps: policy.Caps{Payment: cap}}}
	r.start()
	alex := r.signIn("alex@fieldpay.com", "correct horse battery")
	r.setPIN(alexesPIN)
	r.signIn("demo@fieldpay.com", "demo123")
	if err := r.RefreshReference(); err != nil {
		t.Fatal(err)
	}
	r.offline(true)
	form := app.PaymentForm{InvoiceID: "inv-002", Amount: "500", Method: "cash", Locale: "en-US"}
	refused := func() string {
		t.Helper()
		_, err := r.SavePayment(form)
		return action.FieldsOf(err)["amount"]
	}
	t.Run("a rep alone stays under the cap, and cannot approve", func(t *testing.T) {
		if err := r.Approve(app.UnlockForm{PersonID: alex.ID, PIN: "111222"}); action.CodeOf(err) != action.PINWrong {
			t.Errorf("approving: %v", err)
		}
		if refused() == "" {
			t.Error("the payment was taken")
		}
	})
	t.Run("a manager's word is good for one payment", func(t *testing.T) {
		if err := r.Approve(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); err != nil {
			t.Fatal(err)
		}
		r.visit() // is no payment
		if p, err := r.PreviewPayment(form); err != nil || p.Fields["amount"] != "" {
			t.Errorf("the preview: %+v, %v", p.Fields, err)
		}
		if why := refused(); why != "" {
			t.Errorf("refused: %s", why)
		}
		if refused() == "" {
			t.Error("a second payment was taken")
		}
	})
	t.Run("it does not pass to the next person", func(t *testing.T) {
		if err := r.Approve(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Unlock(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); err != nil {
			t.Fatal(err)
		}
		if refused() == "" {
			t.Error("the payment was taken")
		}
	})
}

func TestBridge_Scan(t *testing.T) {
	r := signedIn(t, newOffice(t))
	r.offline(true)
	saved, err := r.SaveInvoice(app.InvoiceForm{AccountID: "acc-001", Currency: "usd", Locale: "en-US",
		Lines: []app.LineForm{{Description: "a", Quantity: "1", UnitPrice: "5"}}})
	if err != nil {
		t.Fatal(err)
	}
	number := r.invoice("inv-002").Number
	for code, want := range map[string]app.ScanDTO{
		number: {Kind: "invoice", ID: "inv-002"}, " INV-002 ": {Kind: "invoice", ID: "inv-002"},
		saved.RecordID: {Kind: "invoice", ID: saved.RecordID}, "ACC-003": {Kind: "customer", ID: "acc-003"}, "4006381333931": {},
	} {
		if got, err := r.Scan(code); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", code, got, err)
		}
	}
	if _, err := r.Scan(" "); action.CodeOf(err) != action.BadRequest {
		t.Errorf("no code: got %v", err)
	}
}
