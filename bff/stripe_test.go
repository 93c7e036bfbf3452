package bff_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

// onRig runs a test against a server in virtual time.
func onRig(t *testing.T, name string, test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			r.signIn()
			test(t, r)
		})
	})
}

func (r *rig) invoice(id string) bff.Invoice {
	r.t.Helper()
	inv, err := r.crm.Invoice(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return inv
}

func (r *rig) event(id, intentID string, at time.Time, signature string) answer {
	body := bfftest.EventBody(id, "payment_intent.succeeded", intentID, at)
	return r.call("POST", "/stripe/webhook", string(body)+"\n", "Stripe-Signature", signature, "Authorization", "")
}

func paid(id, invoice string, amount int64) bff.Intent {
	return bff.Intent{
		ID: id, Status: bff.IntentSucceeded, ChargeID: "ch_" + id, InvoiceID: invoice, Amount: amount, AmountReceived: amount, Currency: "usd",
	}
}

func TestServer_Webhook(t *testing.T) {
	onRig(t, "a genuine event books the payment once, however often it comes", func(t *testing.T, r *rig) {
		r.payments.Put(paid("pi_9", "inv-002", 175000))
		for _, id := range []string{"evt_1", "evt_1", "evt_2"} {
			if a := r.event(id, "pi_9", time.Now(), bfftest.Signature); a.status != 200 || a.body["received"] != true {
				t.Errorf("%d %s", a.status, a.text)
			}
			elapse(time.Second)
		}
		inv := r.invoice("inv-002")
		if inv.Paid != 175000 || inv.WireStatus() != "paid" || inv.ChargeID != "ch_pi_9" || len(r.crm.Order()) != 1 {
			t.Errorf("invoice %+v, effects %v", inv, r.crm.Order())
		}
	})
	onRig(t, "a forged, late or early event changes nothing", func(t *testing.T, r *rig) {
		r.payments.Put(paid("pi_9", "inv-002", 175000))
		for _, a := range []answer{
			r.event("evt_1", "pi_9", time.Now(), "forged"),
			r.event("evt_2", "pi_9", time.Now().Add(-time.Hour), bfftest.Signature),
			r.event("evt_3", "pi_9", time.Now().Add(time.Hour), bfftest.Signature),
		} {
			if a.status != 400 {
				t.Errorf("%d %s", a.status, a.text)
			}
		}
		elapse(time.Minute)
		if r.invoice("inv-002").Paid != 0 {
			t.Error("it was booked")
		}
	})
	onRig(t, "an event that says more than Stripe does changes nothing", func(t *testing.T, r *rig) {
		open, short, other := paid("pi_1", "inv-002", 5), paid("pi_2", "inv-002", 5), paid("pi_3", "", 5)
		open.Status, short.AmountReceived = bff.IntentNeedsMethod, 1
		foreign := paid("pi_4", "inv-002", 5)
		foreign.Currency = "eur"
		for i, in := range []bff.Intent{open, short, other, foreign} {
			r.payments.Put(in)
			r.event(fmt.Sprint("evt_", i), in.ID, time.Now(), bfftest.Signature)
		}
		r.event("evt_9", "pi_404", time.Now(), bfftest.Signature)
		elapse(time.Minute)
		if r.invoice("inv-002").Paid != 0 || len(r.crm.Order()) != 0 {
			t.Errorf("effects %v", r.crm.Order())
		}
	})
	onRig(t, "an event outlasts trouble of both upstreams", func(t *testing.T, r *rig) {
		r.payments.Put(paid("pi_9", "inv-002", 175000))
		r.payments.Down(&action.Error{Code: action.StripeDown})
		r.crm.Plan(bfftest.Fault{Err: down(), AfterEffect: true}, bfftest.Fault{Err: down()})
		if a := r.event("evt_1", "pi_9", time.Now(), bfftest.Signature); a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
		elapse(time.Minute)
		r.payments.Down(nil)
		elapse(2 * time.Minute)
		if inv := r.invoice("inv-002"); inv.Paid != 175000 || len(r.crm.Order()) != 1 {
			t.Errorf("paid %d, effects %v", inv.Paid, r.crm.Order())
		}
	})
}

func TestServer_UnsignedWebhook(t *testing.T) {
	t.Run("live mode takes no unsigned call", func(t *testing.T) {
		r := newRig(t, func(o *bff.ServerOptions) { o.StripeMode = bff.Live })
		if a := r.call("POST", "/stripe/webhook", `{"paymentIntentId":"pi_1","invoiceId":"inv-002"}`); a.status != 400 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	onRig(t, "the unsigned call of another invoice confirms nothing", func(t *testing.T, r *rig) {
		in := paid("pi_1", "inv-002", 175000)
		in.Status, in.AmountReceived = bff.IntentNeedsMethod, 0
		r.payments.Put(in)
		a := r.call("POST", "/stripe/webhook", `{"paymentIntentId":"pi_1","invoiceId":"inv-001"}`)
		after, err := r.payments.Intent(t.Context(), "pi_1")
		if a.status != 409 || err != nil || after.Status != bff.IntentNeedsMethod {
			t.Errorf("%d %s, %s", a.status, a.text, after.Status)
		}
	})
	onRig(t, "the unsigned call changes no invoice by itself", func(t *testing.T, r *rig) {
		in := paid("pi_1", "inv-002", 175000)
		in.Status, in.AmountReceived = bff.IntentNeedsMethod, 0
		r.payments.Put(in)
		if a := r.call("POST", "/stripe/webhook", `{"paymentIntentId":"pi_1","invoiceId":"inv-002"}`); a.status != 200 || a.body["status"] != "succeeded" {
			t.Errorf("%d %s", a.status, a.text)
		}
		elapse(time.Minute)
		if r.invoice("inv-002").Paid != 0 {
			t.Error("booked without an event")
		}
		r.event("evt_1", "pi_1", time.Now(), bfftest.Signature)
		elapse(time.Second)
		if r.invoice("inv-002").Paid != 175000 {
			t.Error("not booked by the event")
		}
	})
}

// ask asks for an intent; the code is that of the problem.
func ask(t *testing.T, r *rig, invoice string, amount int64, currency string, partial bool) (*api.PaymentIntent, string) {
	t.Helper()
	res, err := r.client().CreatePaymentIntent(t.Context(), &api.PaymentIntentRequest{
		InvoiceId: invoice, Amount: amount, Currency: currency, Partial: api.NewOptBool(partial),
	})
	var problem *api.ProblemStatusCode
	if errors.As(err, &problem) {
		return nil, problem.Response.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	return res, ""
}

func TestServer_PaymentIntent(t *testing.T) {
	onRig(t, "what the client says is compared, never believed", func(t *testing.T, r *rig) {
		r.crm.Plan(bfftest.Fault{})
		for _, tt := range []struct {
			invoice  string
			amount   int64
			currency string
			partial  bool
			want     action.Code
		}{
			{"inv-002", 1, "usd", false, action.TotalMismatch},
			{"inv-002", 175001, "usd", true, action.TotalMismatch},
			{"inv-002", -1, "usd", true, action.TotalMismatch},
			{"inv-002", 175000, "eur", false, action.CurrencyMismatch},
			{"inv-001", 250000, "usd", false, action.InvoicePaid},
			{"inv-404", 5, "usd", false, action.UnknownInvoice},
			{"../inv-002", 5, "usd", false, action.UnknownInvoice},
		} {
			if _, code := ask(t, r, tt.invoice, tt.amount, tt.currency, tt.partial); code != string(tt.want) {
				t.Errorf("%+v: %q", tt, code)
			}
		}
		if r.payments.Count() != 0 {
			t.Errorf("%d intents were made", r.payments.Count())
		}
	})
	onRig(t, "a void invoice is not charged", func(t *testing.T, r *rig) {
		r.crm.Void("inv-002")
		if _, code := ask(t, r, "inv-002", 175000, "usd", false); code != string(action.InvoiceVoided) {
			t.Error(code)
		}
	})
}

func TestServer_PaymentIntentAgain(t *testing.T) {
	onRig(t, "asking again gets the same intent, and the invoice is pending", func(t *testing.T, r *rig) {
		first, _ := ask(t, r, "inv-002", 175000, "USD", false)
		again, _ := ask(t, r, "inv-002", 175000, "usd", false)
		if first == nil || again == nil || *first != *again || r.payments.Count() != 1 {
			t.Fatalf("first %+v, again %+v", first, again)
		}
		if inv := r.invoice("inv-002"); inv.IntentID != first.PaymentIntentId || inv.WireStatus() != "pending" {
			t.Errorf("invoice %+v", inv)
		}
		if part, _ := ask(t, r, "inv-002", 100, "usd", true); part == nil || part.PaymentIntentId == first.PaymentIntentId || part.Amount != 100 {
			t.Errorf("a part of it: %+v", part)
		}
	})
	onRig(t, "trouble after the intent was made leaves one intent", func(t *testing.T, r *rig) {
		r.crm.Plan(bfftest.Fault{Err: down()})
		if _, code := ask(t, r, "inv-002", 175000, "usd", false); code != string(action.SalesforceDown) {
			t.Errorf("during the trouble: %q", code)
		}
		elapse(time.Minute)
		if res, code := ask(t, r, "inv-002", 175000, "usd", false); res == nil || r.payments.Count() != 1 {
			t.Errorf("afterwards: %q, %d intents", code, r.payments.Count())
		}
	})
	onRig(t, "a payment that is under way or not booked yet is not charged again", func(t *testing.T, r *rig) {
		first, _ := ask(t, r, "inv-002", 175000, "usd", false)
		for status, want := range map[string]action.Code{bff.IntentProcessing: action.Busy, bff.IntentSucceeded: action.InvoicePaid} {
			in := paid(first.PaymentIntentId, "inv-002", 175000)
			in.Status = status
			r.payments.Put(in)
			if _, code := ask(t, r, "inv-002", 175000, "usd", false); code != string(want) {
				t.Errorf("%s: %q", status, code)
			}
		}
	})
}

func TestProcessor_SyncPayment(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*bff.Intent)
		charge string
		want   string
	}{
		"a payment that Stripe confirms is booked":    {func(*bff.Intent) {}, "ch_pi_1", "applied"},
		"a payment that is not there fails":           {func(in *bff.Intent) { in.ID = "pi_2" }, "", "failed:unknown_payment"},
		"a payment that was not made fails":           {func(in *bff.Intent) { in.Status = bff.IntentCanceled }, "", "failed:payment_incomplete"},
		"a payment that the bank holds is for review": {func(in *bff.Intent) { in.Status = bff.IntentNeedsAction }, "", "review:authentication_required"},
		"a payment under way goes on by itself":       {func(in *bff.Intent) { in.Status = bff.IntentProcessing }, "", "accepted:busy"},
		"another invoice's payment is for review":     {func(in *bff.Intent) { in.InvoiceID = "inv-001" }, "", "review:payment_mismatch"},
		"another charge is for review":                {func(*bff.Intent) {}, "ch_x", "review:payment_mismatch"},
		"another amount is for review":                {func(in *bff.Intent) { in.AmountReceived-- }, "", "review:payment_mismatch"},
	} {
		onRig(t, name, func(t *testing.T, r *rig) {
			in := paid("pi_1", "inv-002", 175000)
			tt.change(&in)
			r.payments.Put(in)
			a := r.call("POST", "/sync/actions", fmt.Sprintf(
				`{"actions":[{"id":%q,"type":"sync_payment","payload":{"invoiceId":"inv-002","paymentIntentId":"pi_1","chargeId":%q}}]}`, action.NewID(), tt.charge))
			results, _ := a.body["results"].([]any)
			first, _ := results[0].(map[string]any)
			got := fmt.Sprint(first["status"])
			if first["code"] != nil {
				got += ":" + fmt.Sprint(first["code"])
			}
			if got != tt.want {
				t.Errorf("%s, want %s: %s", got, tt.want, a.text)
			}
			if booked := r.invoice("inv-002").Paid > 0; booked != strings.HasPrefix(tt.want, "applied") {
				t.Errorf("booked: %v", booked)
			}
		})
	}
}
