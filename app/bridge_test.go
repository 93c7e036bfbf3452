package app_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

func TestBridge_SignIn(t *testing.T) {
	o := newOffice(t)
	r := newRep(t, o.host.URL()).start()
	t.Run("a wrong password and an empty form are told apart", func(t *testing.T) {
		if _, err := r.SignIn(app.Credentials{Username: "demo@fieldpay.com", Password: "nope"}); action.CodeOf(err) != action.BadCredentials {
			t.Errorf("got %v", err)
		}
		if _, err := r.SignIn(app.Credentials{}); len(action.FieldsOf(err)) != 2 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nobody can write without an author", func(t *testing.T) {
		_, err := r.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: "n", Outcome: "met"})
		if action.CodeOf(err) != action.SignInNeeded {
			t.Errorf("got %v", err)
		}
	})
	t.Run("who signed in is known from then on", func(t *testing.T) {
		p, err := r.SignIn(app.Credentials{Username: " demo@fieldpay.com ", Password: "demo123"})
		if err != nil || p.Name != "Jordan Rivera" {
			t.Fatalf("got %+v, %v", p, err)
		}
		boot, err := r.Bootstrap()
		if err != nil || boot.Person != p || !boot.SignedIn || boot.KeyProtection != "file" || boot.Host != "test" {
			t.Errorf("got %+v, %v", boot, err)
		}
	})
	t.Run("unsent work stands against a sign-out that is not forced", func(t *testing.T) {
		if err := r.ForceOffline(app.OfflineOptions{On: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: "n", Outcome: "met"}); err != nil {
			t.Fatal(err)
		}
		if err := r.SignOut(app.SignOutOptions{}); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
		if err := r.SignOut(app.SignOutOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
		if s, err := r.Status(); err != nil || s.SignedIn || s.Person.ID != "" || s.Unsent.Count != 1 {
			t.Errorf("got %+v, %v", s, err)
		}
	})
}

func TestBridge_PreviewInvoice(t *testing.T) {
	r := newRep(t, "http://127.0.0.1:1").start()
	form := func(currency, locale string, lines ...app.LineForm) app.InvoiceForm {
		return app.InvoiceForm{AccountID: "acc-001", Currency: currency, Locale: locale, Lines: lines}
	}
	for _, c := range []struct {
		name   string
		form   app.InvoiceForm
		total  int64
		fields []string
	}{
		{"a form in English", form("usd", "en-US", app.LineForm{Description: "a", Quantity: "1.5", UnitPrice: "1,000.10", TaxRate: "19%"}), 178518, nil},
		{"the same in German", form("eur", "de-DE", app.LineForm{Description: "a", Quantity: "1,5", UnitPrice: "1.000,10", TaxRate: "19"}), 178518, nil},
		{"a currency without decimals", form("jpy", "en-US", app.LineForm{Description: "a", Quantity: "3", UnitPrice: "100"}), 300, nil},
		{"a currency with three", form("kwd", "en-US", app.LineForm{Description: "a", Quantity: "1", UnitPrice: "1.234"}), 1234, nil},
		{"too many decimals", form("jpy", "en-US", app.LineForm{Description: "a", Quantity: "3", UnitPrice: "1.5"}), 0, []string{"lines[0].unitPrice", "lines"}},
		{"a line that is wrong counts nothing", form("usd", "en-US", app.LineForm{Description: "a", Quantity: "1", UnitPrice: "2"},
			app.LineForm{Description: "b", Quantity: "x", UnitPrice: "5"}), 200, []string{"lines[1].quantity"}},
		{"an empty line says what it lacks", form("usd", "en-US", app.LineForm{}), 0,
			[]string{"lines[0].description", "lines[0].quantity", "lines[0].unitPrice"}},
		{"no line at all", form("usd", "en-US"), 0, []string{"lines"}},
		{"no currency", form("", "en-US", app.LineForm{Description: "a", Quantity: "1", UnitPrice: "2"}), 0, []string{"currency"}},
		{"negative and more than the line", form("usd", "en-US", app.LineForm{Description: "a", Quantity: "1", UnitPrice: "-2", Discount: "1"}), 0, []string{"lines[0].unitPrice"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := r.PreviewInvoice(c.form)
			if err != nil || p.Total != c.total {
				t.Fatalf("got %+v, %v", p, err)
			}
			for _, field := range c.fields {
				if p.Fields[field] == "" && field != "lines" {
					t.Errorf("%s is not told: %v", field, p.Fields)
				}
			}
			if len(c.fields) == 0 && len(p.Fields) > 0 {
				t.Errorf("needless complaints: %v", p.Fields)
			}
		})
	}
}

func TestBridge_Payment(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	if err := r.ForceOffline(app.OfflineOptions{On: true}); err != nil {
		t.Fatal(err)
	}
	form := app.PaymentForm{InvoiceID: "inv-002", Amount: "1,750.00", Method: "cash", Tendered: "1,800", Locale: "en-US"}
	t.Run("a preview computes the change and what stays open", func(t *testing.T) {
		p, err := r.PreviewPayment(form)
		if err != nil || p.Amount != 175000 || p.Change != 5000 || p.Balance != 175000 || p.BalanceAfter != 0 || len(p.Warnings) != 0 || len(p.Fields) != 0 {
			t.Errorf("got %+v, %v", p, err)
		}
	})
	t.Run("a saved payment is pending and the server's status stays", func(t *testing.T) {
		if _, err := r.SavePayment(form); err != nil {
			t.Fatal(err)
		}
		row := r.invoice("inv-002")
		if row.PendingPaid != 175000 || row.Paid != 0 || row.Balance != 175000 || row.Status != "pending" || row.Origin != "both" || row.ActionState != "pending" {
			t.Errorf("got %+v", row)
		}
	})
	t.Run("the same payment again warns and is not refused", func(t *testing.T) {
		p, err := r.PreviewPayment(form)
		if err != nil || !slices.Equal(p.Warnings, []string{"overpays", "duplicate"}) || p.Balance != 0 {
			t.Errorf("got %+v, %v", p, err)
		}
	})
	t.Run("wrong fields are named and nothing is kept", func(t *testing.T) {
		for _, c := range []struct {
			form  app.PaymentForm
			field string
		}{
			{app.PaymentForm{InvoiceID: "inv-002", Amount: "", Method: "cash"}, "amount"},
			{app.PaymentForm{InvoiceID: "inv-002", Amount: "1,2,3", Method: "cash"}, "amount"},
			{app.PaymentForm{InvoiceID: "inv-002", Amount: "10", Method: "cash", Tendered: "5"}, "tendered"},
			{app.PaymentForm{InvoiceID: "inv-002", Amount: "10", Method: "check"}, "checkNumber"},
			{app.PaymentForm{InvoiceID: "inv-002", Amount: "10", Method: "card"}, "method"},
			{app.PaymentForm{InvoiceID: "inv-002", Amount: "10"}, "method"},
		} {
			c.form.Locale = "en-US"
			if _, err := r.SavePayment(c.form); action.FieldsOf(err)[c.field] == "" {
				t.Errorf("%+v: got %v", c.form, err)
			}
		}
		if s, err := r.Status(); err != nil || s.Unsent.Count != 1 {
			t.Errorf("got %+v, %v", s.Unsent, err)
		}
	})
	t.Run("an unknown invoice is told", func(t *testing.T) {
		if _, err := r.SavePayment(app.PaymentForm{InvoiceID: "inv-999", Amount: "1", Method: "cash"}); action.CodeOf(err) != action.UnknownInvoice {
			t.Errorf("got %v", err)
		}
	})
}

func TestBridge_Repair(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	saved, err := r.SaveInvoice(app.InvoiceForm{
		AccountID: "acc-404", Currency: "usd", Locale: "en-US", Description: "typo",
		Lines: []app.LineForm{{Description: "a", Quantity: "1", UnitPrice: "5"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.until("the office refuses it", func(s app.StatusDTO) bool { return s.NeedsYou == 1 })
	t.Run("the outbox says why", func(t *testing.T) {
		page, err := r.Outbox(app.OutboxQuery{Filter: "needs"})
		if err != nil || len(page.Items) != 1 || page.Items[0].Code != "unknown_account" || page.Items[0].Reason == "" {
			t.Fatalf("got %+v, %v", page, err)
		}
		detail, err := r.ActionDetail(saved.ActionID)
		if err != nil || len(detail.History) < 3 || !strings.Contains(detail.Payload, "acc-404") || detail.Hash == "" {
			t.Errorf("got %+v, %v", detail, err)
		}
	})
	t.Run("an edit takes its place under the same invoice", func(t *testing.T) {
		edited, err := r.SaveInvoice(app.InvoiceForm{
			AccountID: "acc-001", Currency: "usd", Locale: "en-US", Description: "mended", Replaces: saved.ActionID,
			Lines: []app.LineForm{{Description: "a", Quantity: "1", UnitPrice: "5"}},
		})
		if err != nil || edited.RecordID != saved.RecordID {
			t.Fatalf("got %+v, %v", edited, err)
		}
		r.until("the edit is applied", func(s app.StatusDTO) bool { return s.Counts["applied"] == 1 && s.NeedsYou == 0 })
	})
	t.Run("a discard keeps its reason", func(t *testing.T) {
		if err := r.ForceOffline(app.OfflineOptions{On: true}); err != nil {
			t.Fatal(err)
		}
		visit, err := r.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: "n", Outcome: "met"})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Discard(app.ActionChoice{ID: visit.ActionID, Reason: "twice"}); err != nil {
			t.Fatal(err)
		}
		detail, err := r.ActionDetail(visit.ActionID)
		if err != nil || detail.Row.State != "discarded" || detail.History[len(detail.History)-1].Message != "twice" {
			t.Errorf("got %+v, %v", detail, err)
		}
		if err := r.Retry(app.ActionChoice{ID: visit.ActionID}); action.CodeOf(err) != action.NotPossible {
			t.Errorf("retrying it: %v", err)
		}
	})
	t.Run("a change names the version it was based on", func(t *testing.T) {
		change, err := r.UpdateInvoice(app.InvoiceChange{InvoiceID: "inv-003", Description: "new words", Changed: []string{"description"}})
		if err != nil {
			t.Fatal(err)
		}
		detail, err := r.ActionDetail(change.ActionID)
		if err != nil || !strings.Contains(detail.Payload, `"baseVersion": 1`) {
			t.Errorf("got %s, %v", detail.Payload, err)
		}
		if row := r.invoice("inv-003"); row.Description != "new words" || row.Origin != "both" {
			t.Errorf("got %+v", row)
		}
		second, err := r.UpdateInvoice(app.InvoiceChange{InvoiceID: "inv-003", Notes: "x", Changed: []string{"notes"}})
		if err != nil {
			t.Fatal(err)
		}
		if detail, err := r.ActionDetail(second.ActionID); err != nil || strings.Contains(detail.Payload, "baseVersion") {
			t.Errorf("after another of its lane: %s, %v", detail.Payload, err)
		}
	})
}

func TestBridge_Hostile(t *testing.T) {
	r := newRep(t, "http://127.0.0.1:1").start()
	long := strings.Repeat("ä", 300<<10)
	calls := map[string]func() error{
		"a huge text":       func() error { _, err := r.SaveVisit(app.VisitForm{Note: long}); return err },
		"text not in UTF-8": func() error { _, err := r.Accounts(app.AccountQuery{Search: "\xff"}); return err },
		"a huge id":         func() error { _, err := r.Invoice(long); return err },
		"too many lines": func() error {
			_, err := r.PreviewInvoice(app.InvoiceForm{Lines: make([]app.LineForm, 5000)})
			return err
		},
		"an unknown filter":  func() error { _, err := r.Outbox(app.OutboxQuery{Filter: "'; DROP TABLE action"}); return err },
		"an unknown action":  func() error { _, err := r.ActionDetail("' OR 1=1"); return err },
		"nothing to retry":   func() error { return r.Retry(app.ActionChoice{}) },
		"nothing to discard": func() error { return r.Discard(app.ActionChoice{ID: "x", Reason: "y"}) },
	}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		t.Run(name+" is refused with a code", func(t *testing.T) {
			err := calls[name]()
			if code := action.CodeOf(err); code == "" || code == action.Internal {
				t.Errorf("got %q: %v", code, err)
			}
			var f app.Failure
			if json.Unmarshal([]byte(app.FormatError(err)), &f) != nil || f.Message == "" || f.Fields == nil {
				t.Errorf("as a screen gets it: %s", app.FormatError(err))
			}
		})
	}
	t.Run("odd limits and offsets are brought into bounds", func(t *testing.T) {
		for _, q := range []app.InvoiceQuery{{Limit: -1, Offset: -5}, {Limit: 1 << 40, Offset: 1 << 40}} {
			if page, err := r.Invoices(q); err != nil || page.Items == nil {
				t.Errorf("%+v: got %+v, %v", q, page, err)
			}
		}
		if _, err := r.Outbox(app.OutboxQuery{Limit: -1, Before: -1}); err != nil {
			t.Error(err)
		}
		if _, err := r.Accounts(app.AccountQuery{Limit: -1, Offset: -1}); err != nil {
			t.Error(err)
		}
	})
}

// Lists are never null on the wire: a screen would have to expect both.
func TestBridge_NoNulls(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	answers := map[string]func() (any, error){
		"Bootstrap":   func() (any, error) { return r.Bootstrap() },
		"Status":      func() (any, error) { return r.Status() },
		"Door":        func() (any, error) { return r.Door() },
		"Kiosk":       func() (any, error) { return r.Kiosk() },
		"Shift":       func() (any, error) { return r.Shift() },
		"Accounts":    func() (any, error) { return r.Accounts(app.AccountQuery{Search: "no such"}) },
		"Account":     func() (any, error) { return r.Account("acc-005") },
		"Invoices":    func() (any, error) { return r.Invoices(app.InvoiceQuery{AccountID: "acc-005"}) },
		"Invoice":     func() (any, error) { return r.Invoice("inv-001") },
		"Preview":     func() (any, error) { return r.PreviewInvoice(app.InvoiceForm{}) },
		"Payment":     func() (any, error) { return r.PreviewPayment(app.PaymentForm{InvoiceID: "inv-001"}) },
		"Outbox":      func() (any, error) { return r.Outbox(app.OutboxQuery{Filter: "all"}) },
		"Diagnostics": func() (any, error) { return r.Diagnostics() },
	}
	for name, ask := range answers {
		answer, err := ask()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text, err := json.Marshal(answer); err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}

// A form that is saved again after an answer that was lost is one action.
func TestBridge_SaveAgain(t *testing.T) {
	r := signedIn(t, newOffice(t))
	if err := r.ForceOffline(app.OfflineOptions{On: true}); err != nil {
		t.Fatal(err)
	}
	line := app.LineForm{Description: "a", Quantity: "1", UnitPrice: "5"}
	form := app.InvoiceForm{
		ActionID: action.NewID(), AccountID: "acc-001", Currency: "usd", Locale: "en-US", Lines: []app.LineForm{line},
	}
	first, err := r.SaveInvoice(form)
	if err != nil {
		t.Fatal(err)
	}
	saves := map[string]func(id string) (app.Saved, error){
		"a payment": func(id string) (app.Saved, error) {
			return r.SavePayment(app.PaymentForm{ActionID: id, InvoiceID: first.RecordID, Amount: "5", Method: "cash", Locale: "en-US"})
		},
		"a visit": func(id string) (app.Saved, error) {
			return r.SaveVisit(app.VisitForm{ActionID: id, AccountID: "acc-001", Note: "n", Outcome: "met"})
		},
		"a change": func(id string) (app.Saved, error) {
			return r.UpdateInvoice(app.InvoiceChange{ActionID: id, InvoiceID: first.RecordID, Description: "d", Changed: []string{"description"}})
		},
		"an edit": func(id string) (app.Saved, error) {
			edit := form
			edit.ActionID, edit.Replaces, edit.Notes = id, first.ActionID, "mended"
			return r.SaveInvoice(edit)
		},
		"an invoice": func(id string) (app.Saved, error) {
			fresh := form
			fresh.ActionID = id
			return r.SaveInvoice(fresh)
		},
	}
	for name, save := range saves {
		t.Run(name+" saved twice is kept once", func(t *testing.T) {
			id := action.NewID()
			one, err := save(id)
			if err != nil {
				t.Fatal(err)
			}
			two, err := save(id)
			if err != nil || two != one || one.ActionID != id {
				t.Errorf("got %+v and %+v, %v", one, two, err)
			}
		})
	}
	t.Run("the same id with other content is refused", func(t *testing.T) {
		other := form
		other.Notes = "more"
		if _, err := r.SaveInvoice(other); action.CodeOf(err) != action.ContentChanged {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an id that is none is refused", func(t *testing.T) {
		other := form
		other.ActionID = "mine"
		if _, err := r.SaveInvoice(other); action.CodeOf(err) != action.InvalidEnvelope {
			t.Errorf("got %v", err)
		}
	})
}
