package app_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/bff"
	"fieldpay/bff/cmd/host"
)

const (
	jordansPIN = "284736"
	alexesPIN  = "905172"
)

// hire adds Alex, who is a manager, at the office.
func (o *office) hire() {
	o.t.Helper()
	o.close()
	admin, err := host.OpenAdmin(o.t.Context(), o.config, io.Discard)
	if err != nil {
		o.t.Fatal(err)
	}
	err = admin.AddUser(o.t.Context(), host.NewUser{Login: "alex@fieldpay.com", Name: "Alex Kim", Role: bff.RoleOffice}, strings.NewReader("correct horse battery"))
	if err != nil {
		o.t.Fatal(err)
	}
	if err := admin.Close(); err != nil {
		o.t.Fatal(err)
	}
	o.open()
}

func (r *rep) signIn(user, password string) app.PersonDTO {
	r.t.Helper()
	p, err := r.SignIn(app.Credentials{Username: user, Password: password})
	if err != nil {
		r.t.Fatalf("signing %s in: %v", user, err)
	}
	return p
}

func (r *rep) setPIN(pin string) {
	r.t.Helper()
	if err := r.SetPIN(app.PINForm{PIN: pin}); err != nil {
		r.t.Fatalf("setting a PIN: %v", err)
	}
}

func (r *rep) lock() {
	r.t.Helper()
	if err := r.Lock(); err != nil {
		r.t.Fatalf("locking: %v", err)
	}
}

func (r *rep) door() app.DoorDTO {
	r.t.Helper()
	d, err := r.Door()
	if err != nil {
		r.t.Fatalf("asking at the door: %v", err)
	}
	return d
}

// shared is a device on which Jordan and then Alex signed in and set a PIN, with
// no office left to ask. Alex is there.
func shared(t *testing.T) (r *rep, jordan, alex app.PersonDTO) {
	t.Helper()
	o := newOffice(t)
	o.hire()
	r = newRep(t, o.host.URL()).start()
	jordan = r.signIn("demo@fieldpay.com", "demo123")
	r.setPIN(jordansPIN)
	alex = r.signIn("alex@fieldpay.com", "correct horse battery")
	r.setPIN(alexesPIN)
	o.close()
	return r, jordan, alex
}

func (r *rep) visit() app.Saved {
	r.t.Helper()
	saved, err := r.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: "n", Outcome: "met"})
	if err != nil {
		r.t.Fatalf("saving a visit: %v", err)
	}
	return saved
}

func TestBridge_Unlock(t *testing.T) {
	r, jordan, alex := shared(t)
	t.Run("a person who signed in once comes in without a network, and a restart locks", func(t *testing.T) {
		r.close()
		r.start()
		if !r.door().Locked {
			t.Fatal("the restart left it open")
		}
		if _, err := r.Accounts(app.AccountQuery{}); action.CodeOf(err) != action.Locked {
			t.Errorf("behind the door: %v", err)
		}
		p, err := r.Unlock(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN})
		if err != nil || p != alex {
			t.Fatalf("got %+v, %v", p, err)
		}
		if _, err := r.Accounts(app.AccountQuery{}); err != nil {
			t.Errorf("inside: %v", err)
		}
	})
	t.Run("each action keeps its author over a change of people", func(t *testing.T) {
		alexes := r.visit()
		r.lock()
		if _, err := r.Unlock(app.UnlockForm{PersonID: jordan.ID, PIN: jordansPIN}); err != nil {
			t.Fatal(err)
		}
		jordans := r.visit()
		for id, want := range map[string]string{alexes.ActionID: alex.ID, jordans.ActionID: jordan.ID} {
			if detail, err := r.ActionDetail(id); err != nil || detail.Row.Actor != want {
				t.Errorf("author %q, want %q, %v", detail.Row.Actor, want, err)
			}
		}
	})
	t.Run("wrong PINs are slowed down, and lose no work", func(t *testing.T) {
		r.lock()
		for _, want := range []action.Code{action.PINWrong, action.PINWrong, action.PINWrong, action.PINWait} {
			if _, err := r.Unlock(app.UnlockForm{PersonID: alex.ID, PIN: "111222"}); action.CodeOf(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		for _, p := range r.door().People {
			if waits := p.WaitSeconds > 0; waits != (p.ID == alex.ID) {
				t.Errorf("%s waits %d s", p.Name, p.WaitSeconds)
			}
		}
		if _, err := r.Unlock(app.UnlockForm{PersonID: jordan.ID, PIN: jordansPIN}); err != nil {
			t.Fatal(err)
		}
		if s, err := r.Status(); err != nil || s.Unsent.Count != 2 {
			t.Errorf("unsent %d, %v", s.Unsent.Count, err)
		}
	})
	t.Run("a badge lets its person in", func(t *testing.T) {
		if err := r.SetBadge(app.BadgeForm{Code: "FP-BADGE-0017", PIN: "000000"}); action.CodeOf(err) != action.PINWrong {
			t.Errorf("without the PIN: %v", err)
		}
		if err := r.SetBadge(app.BadgeForm{Code: "FP-BADGE-0017", PIN: jordansPIN}); err != nil {
			t.Fatal(err)
		}
		r.lock()
		if p, err := r.UnlockByBadge(app.BadgeForm{Code: "FP-BADGE-0017"}); err != nil || p != jordan {
			t.Errorf("got %+v, %v", p, err)
		}
	})
}

// Whatever a locked screen can ask, it learns nothing about anybody's customers
// or money.
func TestBridge_LockedShowsNothing(t *testing.T) {
	r, _, _ := shared(t)
	if _, err := r.SaveInvoice(app.InvoiceForm{AccountID: "acc-001", Currency: "usd", Locale: "en-US", Description: "canary",
		Lines: []app.LineForm{{Description: "canary", Quantity: "1", UnitPrice: "5"}}}); err != nil {
		t.Fatal(err)
	}
	r.lock()
	told := map[string]func() (any, error){
		"Bootstrap": func() (any, error) { return r.Bootstrap() },
		"Status":    func() (any, error) { return r.Status() },
		"Door":      func() (any, error) { return r.Door() },
	}
	for name, ask := range told {
		answer, err := ask()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		for _, personal := range []string{"canary", "Rivera", "Kim\"", "@fieldpay", "\"amount\""} {
			if strings.Contains(string(text), personal) {
				t.Errorf("%s tells %q: %s", name, personal, text)
			}
		}
	}
	refused := map[string]func() error{
		"Accounts":     func() error { _, err := r.Accounts(app.AccountQuery{}); return err },
		"Account":      func() error { _, err := r.Account("acc-001"); return err },
		"Invoices":     func() error { _, err := r.Invoices(app.InvoiceQuery{}); return err },
		"Invoice":      func() error { _, err := r.Invoice("inv-001"); return err },
		"Outbox":       func() error { _, err := r.Outbox(app.OutboxQuery{}); return err },
		"Diagnostics":  func() error { _, err := r.Diagnostics(); return err },
		"SavePayment":  func() error { _, err := r.SavePayment(app.PaymentForm{}); return err },
		"SignOut":      func() error { return r.SignOut(app.SignOutOptions{Force: true}) },
		"SetPIN":       func() error { return r.SetPIN(app.PINForm{Before: alexesPIN, PIN: "739104"}) },
		"SetBadge":     func() error { return r.SetBadge(app.BadgeForm{Code: "FP-BADGE-0017", PIN: alexesPIN}) },
		"ForceOffline": func() error { return r.ForceOffline(app.OfflineOptions{On: true}) },
	}
	for name, ask := range refused {
		if err := ask(); action.CodeOf(err) != action.Locked {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestBridge_SetPIN(t *testing.T) {
	r, _, alex := shared(t)
	t.Run("the PIN before is asked for, unless the password was just given", func(t *testing.T) {
		r.setPIN("739104") // Alex has just signed in
		r.lock()
		if _, err := r.Unlock(app.UnlockForm{PersonID: alex.ID, PIN: "739104"}); err != nil {
			t.Fatal(err)
		}
		if err := r.SetPIN(app.PINForm{Before: "111222", PIN: alexesPIN}); action.CodeOf(err) != action.PINWrong {
			t.Errorf("with a wrong one: %v", err)
		}
		if err := r.SetPIN(app.PINForm{Before: "739104", PIN: alexesPIN}); err != nil {
			t.Errorf("with the right one: %v", err)
		}
	})
	t.Run("a PIN that everybody tries first is refused", func(t *testing.T) {
		if err := r.SetPIN(app.PINForm{Before: alexesPIN, PIN: "123456"}); action.FieldsOf(err)["pin"] == "" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("losing the register of PINs opens nothing", func(t *testing.T) {
		r.close()
		if err := os.Remove(filepath.Join(r.config.DataDir.Value, "people.sealed")); err != nil {
			t.Fatal(err)
		}
		r.start()
		if d := r.door(); !d.Locked || len(d.People) != 0 {
			t.Errorf("got %+v", d)
		}
	})
}

func TestBridge_LockWithoutAPIN(t *testing.T) {
	o := newOffice(t)
	t.Run("is refused on a laptop: nobody could come back without a network", func(t *testing.T) {
		r := signedIn(t, o)
		if err := r.Lock(); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
		if d := r.door(); d.Locked || d.PINNeeded || d.IdleSeconds != 0 || d.IdleChoice != 900 {
			t.Errorf("got %+v", d)
		}
	})
	t.Run("where one is required, nobody works without", func(t *testing.T) {
		r := newRep(t, o.host.URL())
		r.config.PIN = app.Setting{Value: "required", Source: app.FromPolicy}
		r.start()
		r.signIn("demo@fieldpay.com", "demo123")
		if d := r.door(); !d.PINNeeded || !d.Proved {
			t.Errorf("got %+v", d)
		}
		if _, err := r.Accounts(app.AccountQuery{}); action.CodeOf(err) != action.Locked {
			t.Errorf("before there is a PIN: %v", err)
		}
		r.setPIN(jordansPIN)
		if _, err := r.Accounts(app.AccountQuery{}); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}

func TestBridge_SignOutOfASharedDevice(t *testing.T) {
	r, jordan, alex := shared(t)
	r.visit()
	if err := r.SignOut(app.SignOutOptions{}); action.CodeOf(err) != action.NotPossible {
		t.Errorf("with unsent work: %v", err)
	}
	if err := r.SignOut(app.SignOutOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	t.Run("the door locks behind one, and the colleague comes in", func(t *testing.T) {
		d := r.door()
		if !d.Locked || len(d.People) != 1 || d.People[0].Name != "Jordan R." {
			t.Fatalf("got %+v", d)
		}
		if _, err := r.Unlock(app.UnlockForm{PersonID: alex.ID, PIN: alexesPIN}); action.CodeOf(err) != action.SignInNeeded {
			t.Errorf("the one who signed out: %v", err)
		}
		if _, err := r.Unlock(app.UnlockForm{PersonID: jordan.ID, PIN: jordansPIN}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("the work of who signed out is still there, and theirs", func(t *testing.T) {
		page, err := r.Outbox(app.OutboxQuery{Filter: "unsent"})
		if err != nil || len(page.Items) != 1 || page.Items[0].Actor != alex.ID {
			t.Errorf("got %+v, %v", page, err)
		}
	})
	t.Run("after the last one there is no PIN left to ask for", func(t *testing.T) {
		if err := r.SignOut(app.SignOutOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
		r.close()
		r.start()
		if d := r.door(); d.Locked || len(d.People) != 0 {
			t.Errorf("got %+v", d)
		}
	})
}

func TestBridge_SetIdleLock(t *testing.T) {
	r, _, _ := shared(t)
	t.Run("a choice survives a restart", func(t *testing.T) {
		if err := r.SetIdleLock(app.IdleForm{Seconds: 60}); err != nil {
			t.Fatal(err)
		}
		if d := r.door(); d.IdleSeconds != 60 || d.IdleManaged {
			t.Errorf("got %+v", d)
		}
		config, err := app.Configure(app.Flags{DataDir: r.config.DataDir.Value}, environment(nil))
		if err != nil || config.IdleLock != (app.Setting{Value: "60", Source: app.FromFile}) {
			t.Errorf("got %+v, %v", config.IdleLock, err)
		}
	})
	t.Run("a time that is none is refused", func(t *testing.T) {
		for _, seconds := range []int{-1, 0, 14, 1 << 40} {
			if err := r.SetIdleLock(app.IdleForm{Seconds: seconds}); action.CodeOf(err) != action.BadRequest {
				t.Errorf("%d: got %v", seconds, err)
			}
		}
	})
	t.Run("what the company has settled stays", func(t *testing.T) {
		managed := newRep(t, "http://127.0.0.1:1")
		managed.config.IdleLock = app.Setting{Value: "30", Source: app.FromPolicy}
		managed.start()
		if err := managed.SetIdleLock(app.IdleForm{Seconds: 900}); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
}
