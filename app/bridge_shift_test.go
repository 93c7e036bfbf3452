package app_test

import (
	"slices"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

func TestBridge_Shift(t *testing.T) {
	r := signedIn(t, newOffice(t))
	r.offline(true)
	count := func(amount string) app.ShiftForm {
		return app.ShiftForm{Locale: "en-US", Counts: []app.CountForm{{Currency: "usd", Amount: amount}}}
	}
	pay := func(amount, method string) app.Saved {
		t.Helper()
		saved, err := r.SavePayment(app.PaymentForm{InvoiceID: "inv-002", Amount: amount, Method: method, CheckNumber: checkFor(method), Locale: "en-US"})
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	pay("11", "cash") // before the shift
	t.Run("what is not open has nothing to count", func(t *testing.T) {
		if _, err := r.CloseShift(count("1")); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
	if err := r.OpenShift(count("100")); err != nil {
		t.Fatal(err)
	}
	pay("20.50", "cash")
	pay("30", "cash")
	pay("40", "check")
	mistake := pay("5", "cash")
	if err := r.Discard(app.ActionChoice{ID: mistake.ActionID, Reason: "twice"}); err != nil {
		t.Fatal(err)
	}
	t.Run("the journal says what was taken since it opened: cash, and what was not given up", func(t *testing.T) {
		want := []app.ShiftLine{{Currency: "usd", Float: 10000, Taken: 5050, Payments: 2, Expected: 15050}}
		if s, err := r.Shift(); err != nil || !s.Open || s.OpenedBy != "Jordan R." || !slices.Equal(s.Lines, want) {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("a preview tells the difference and what is wrong, and closes nothing", func(t *testing.T) {
		p, err := r.PreviewShift(count("150"))
		if err != nil || p.Lines[0].Difference != -50 || len(p.Fields) != 0 {
			t.Errorf("got %+v, %v", p, err)
		}
		for _, wrong := range []string{"", "x", "-1"} {
			if p, err := r.PreviewShift(count(wrong)); err != nil || p.Fields["counts[0].amount"] == "" {
				t.Errorf("%q: got %+v, %v", wrong, p, err)
			}
		}
		if s, err := r.Shift(); err != nil || !s.Open {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("the closing slip survives a restart", func(t *testing.T) {
		form := count("150")
		form.Note = "a coin under the drawer"
		slip, err := r.CloseShift(form)
		want := []app.ShiftLine{{Currency: "usd", Float: 10000, Taken: 5050, Payments: 2, Expected: 15050, Counted: 15000, Difference: -50}}
		if err != nil || !slices.Equal(slip.Lines, want) || slip.Note != form.Note {
			t.Fatalf("got %+v, %v", slip, err)
		}
		r.close()
		r.start()
		if s, err := r.Shift(); err != nil || s.Open || len(s.Slips) != 1 || !slices.Equal(s.Slips[0].Lines, want) {
			t.Errorf("got %+v, %v", s, err)
		}
	})
}

func checkFor(method string) string {
	if method == "check" {
		return "10442"
	}
	return ""
}
