package bff_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

// collect sends a collect_payment on inv-002, whose open balance is 175000.
func (r *rig) collect(id, extra string) map[string]any {
	r.t.Helper()
	return r.sync(fmt.Sprintf(`{"id":%q,"type":"collect_payment","payload":{"invoiceId":"inv-002","currency":"usd",%s}}`, id, extra))
}

// sync sends one action and returns its result.
func (r *rig) sync(action string) map[string]any {
	r.t.Helper()
	r.signIn() // hours may have passed
	a := r.call("POST", "/sync/actions", `{"actions":[`+action+`]}`)
	results, _ := a.body["results"].([]any)
	if len(results) != 1 {
		r.t.Fatalf("%d %s", a.status, a.text)
	}
	first, _ := results[0].(map[string]any)
	return first
}

func told(result map[string]any) string {
	got := fmt.Sprint(result["status"])
	if code := result["code"]; code != nil {
		got += ":" + fmt.Sprint(code)
	}
	return got
}

const goodCard = `"amount":175000,"method":"card_on_file","cardId":"` + bfftest.GoodCard + `"`

func (r *rig) wantCharges(taken, attempts int) {
	r.t.Helper()
	if t, a := r.payments.Charges(); t != taken || a != attempts {
		r.t.Errorf("money was taken %d times in %d attempts, not %d in %d", t, a, taken, attempts)
	}
}

func TestProcessor_CollectPayment(t *testing.T) {
	for name, tt := range map[string]struct{ payload, want string }{
		"a card on file is charged and booked": {goodCard, "applied"},
		"a part of the balance is charged":     {`"partial":true,"amount":100,"method":"card_on_file","cardId":"pm_good"`, "applied"},
		"a declined card fails":                {`"amount":175000,"method":"card_on_file","cardId":"pm_declined"`, "failed:card_declined"},
		"a bank that asks is for review":       {`"amount":175000,"method":"card_on_file","cardId":"pm_asking"`, "review:authentication_required"},
		"another customer's card is refused":   {`"amount":175000,"method":"card_on_file","cardId":"pm_stranger"`, "failed:invalid_payload"},
		"a card that is not saved is refused":  {`"amount":175000,"method":"card_on_file","cardId":"pm_nobody"`, "failed:invalid_payload"},
		"more than the balance is refused":     {`"amount":175001,"method":"card_on_file","cardId":"pm_good"`, "failed:total_mismatch"},
		"less than the balance is refused":     {`"amount":100,"method":"card_on_file","cardId":"pm_good"`, "failed:total_mismatch"},
	} {
		onRig(t, name, func(t *testing.T, r *rig) {
			result := r.collect(action.NewID(), tt.payload)
			if got := told(result); got != tt.want {
				t.Errorf("%s, want %s: %v", got, tt.want, result)
			}
			taken, _ := r.payments.Charges()
			paid := r.invoice("inv-002").Paid
			if (tt.want == "applied") != (taken == 1) || (paid > 0) != (taken == 1) {
				t.Errorf("taken %d times, booked %d", taken, paid)
			}
			if tt.want == "applied" && result["result"] != "paid" {
				t.Errorf("result %v", result["result"])
			}
		})
	}
	onRig(t, "an invoice that is paid or void asks for nothing", func(t *testing.T, r *rig) {
		r.crm.Void("inv-002")
		if got := told(r.collect(action.NewID(), goodCard)); got != "review:invoice_voided" || r.payments.Count() != 0 {
			t.Errorf("%s, %d intents", got, r.payments.Count())
		}
	})
}

func TestProcessor_CollectPayment_once(t *testing.T) {
	onRig(t, "whatever answer is lost, the card is charged once", func(t *testing.T, r *rig) {
		lost := bfftest.Fault{Err: &action.Error{Code: action.StripeDown}, AfterEffect: true}
		for range 4 {
			r.payments.Plan(lost, bfftest.Fault{})
		}
		r.crm.Plan(bfftest.Fault{Err: down(), AfterEffect: true})
		id := action.NewID()
		r.collect(id, goodCard)
		elapse(5 * time.Minute)
		if got := told(r.collect(id, goodCard)); got != "applied" {
			t.Error(got)
		}
		r.wantCharges(1, 1)
		if paid := r.invoice("inv-002").Paid; paid != 175000 || r.payments.Count() != 1 {
			t.Errorf("paid %d, %d intents", paid, r.payments.Count())
		}
	})
	onRig(t, "the loop never charges a declined card again; a person's retry does once", func(t *testing.T, r *rig) {
		id := action.NewID()
		declined := `"amount":175000,"method":"card_on_file","cardId":"pm_declined"`
		for range 3 {
			r.collect(id, declined)
			elapse(time.Hour)
		}
		r.wantCharges(0, 1)
		again := fmt.Sprintf(`{"id":%q,"try":1,"type":"collect_payment","payload":{"invoiceId":"inv-002","currency":"usd",%s}}`, id, declined)
		r.sync(again)
		r.sync(again)
		r.wantCharges(0, 2)
	})
	onRig(t, "the event that tells of it books it no second time", func(t *testing.T, r *rig) {
		r.collect(action.NewID(), goodCard)
		r.event("evt_1", "pi_1", time.Now(), bfftest.Signature)
		elapse(time.Minute)
		if inv := r.invoice("inv-002"); inv.Paid != 175000 || len(r.crm.Order()) != 1 {
			t.Errorf("paid %d, effects %v", inv.Paid, r.crm.Order())
		}
	})
	onRig(t, "a charge that cannot be booked is for the office and is not made again", func(t *testing.T, r *rig) {
		r.crm.Plan(bfftest.Fault{Err: &action.Error{Code: action.UpstreamRefused}})
		result := r.collect(action.NewID(), goodCard)
		if told(result) != "review:outcome_unknown" || result["retryable"] == true {
			t.Errorf("%v", result)
		}
	})
}

func TestProcessor_CollectPayment_late(t *testing.T) {
	const lost = 30 * time.Hour // Stripe has forgotten the keys by then
	trouble := bfftest.Fault{Err: &action.Error{Code: action.StripeDown}, AfterEffect: true}
	for name, plan := range map[string][]bfftest.Fault{
		"an intent whose making was not answered for a day is looked up": {trouble},
		"a charge that was not answered for a day is looked up":          {{}, trouble},
	} {
		onRig(t, name, func(t *testing.T, r *rig) {
			r.payments.Plan(plan...)
			id := action.NewID()
			done := make(chan struct{})
			go func() { defer close(done); r.collect(id, goodCard) }()
			elapse(time.Millisecond)
			r.payments.Down(&action.Error{Code: action.StripeDown})
			<-done
			elapse(lost)
			r.payments.Down(nil)
			elapse(time.Minute)
			if got := told(r.collect(id, goodCard)); got != "applied" {
				t.Error(got)
			}
			r.wantCharges(1, 1)
			if r.payments.Count() != 1 {
				t.Errorf("%d intents", r.payments.Count())
			}
		})
	}
	onRig(t, "a decline that was not answered for a day is told, and the card is not tried again", func(t *testing.T, r *rig) {
		r.payments.Plan(bfftest.Fault{}, trouble)
		id, declined := action.NewID(), `"amount":175000,"method":"card_on_file","cardId":"pm_declined"`
		done := make(chan struct{})
		go func() { defer close(done); r.collect(id, declined) }()
		elapse(time.Millisecond)
		r.payments.Down(&action.Error{Code: action.StripeDown})
		<-done
		elapse(lost)
		r.payments.Down(nil)
		elapse(time.Minute)
		if got := told(r.collect(id, declined)); got != "failed:card_declined" {
			t.Error(got)
		}
		r.wantCharges(0, 1)
	})
}

func TestProcessor_CollectPayment_link(t *testing.T) {
	const link = `"amount":175000,"method":"payment_link"`
	onRig(t, "a link is requested until Stripe's event says that it is paid", func(t *testing.T, r *rig) {
		id := action.NewID()
		result := r.collect(id, link)
		if told(result) != "applied" || result["result"] != "requested" || result["link"] != "https://pay.example/plink_1" {
			t.Fatalf("%v", result)
		}
		if inv := r.invoice("inv-002"); inv.Paid != 0 {
			t.Errorf("a link counts as %d", inv.Paid)
		}
		r.event("evt_1", r.payments.Pay("plink_1"), time.Now(), bfftest.Signature)
		elapse(time.Minute)
		if inv := r.invoice("inv-002"); inv.Paid != 175000 {
			t.Errorf("paid %d", inv.Paid)
		}
		a := r.call("POST", "/sync/outcomes", fmt.Sprintf(`{"ids":[%q]}`, id))
		results, _ := a.body["results"].([]any)
		if first, _ := results[0].(map[string]any); first["result"] != "paid" {
			t.Errorf("%s", a.text)
		}
	})
	onRig(t, "a repeat answers the same link", func(t *testing.T, r *rig) {
		id := action.NewID()
		r.payments.Plan(bfftest.Fault{Err: &action.Error{Code: action.StripeDown}, AfterEffect: true})
		r.collect(id, link)
		elapse(time.Minute)
		if result := r.collect(id, link); result["link"] != "https://pay.example/plink_1" || r.payments.Pages() != 1 {
			t.Errorf("%v, %d pages", result, r.payments.Pages())
		}
	})
	onRig(t, "a payment over another amount than was asked for is not booked", func(t *testing.T, r *rig) {
		id := action.NewID()
		r.collect(id, link)
		other := paid("pi_9", "inv-002", 5)
		other.ActionID = id
		r.payments.Put(other)
		r.event("evt_1", "pi_9", time.Now(), bfftest.Signature)
		elapse(time.Minute)
		if inv := r.invoice("inv-002"); inv.Paid != 0 {
			t.Errorf("paid %d", inv.Paid)
		}
	})
}

func TestServer_MissedEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *bff.ServerOptions) {
			stripe, ours := o.Payments.(*bfftest.Payments)
			if !ours {
				t.Fatal("the rig has another processor")
			}
			stripe.Put(paid("pi_9", "inv-002", 175000))
			stripe.Miss(bff.Event{ID: "evt_1", Type: "payment_intent.succeeded", IntentID: "pi_9", CreatedAt: time.Now()})
		})
		elapse(time.Second)
		if inv := r.invoice("inv-002"); inv.Paid != 175000 {
			t.Errorf("money that nobody told of was not booked at the start: paid %d", inv.Paid)
		}
	})
}

func TestServer_SwallowedEvents(t *testing.T) {
	onRig(t, "money whose event something else acknowledged is booked within ten minutes", func(t *testing.T, r *rig) {
		elapse(time.Hour)
		r.payments.Put(paid("pi_9", "inv-002", 175000))
		r.payments.Miss(bff.Event{ID: "evt_1", Type: "payment_intent.succeeded", IntentID: "pi_9", CreatedAt: time.Now()})
		elapse(11 * time.Minute)
		if inv := r.invoice("inv-002"); inv.Paid != 175000 {
			t.Errorf("paid %d", inv.Paid)
		}
	})
}

func TestServer_MoneyBack(t *testing.T) {
	onRig(t, "a refund and a dispute are noted on the payment and open no invoice", func(t *testing.T, r *rig) {
		r.payments.Put(paid("pi_9", "inv-002", 175000))
		r.payments.GiveBack(bff.Refund{ID: "re_1", IntentID: "pi_9", Status: bff.RefundSucceeded, Amount: 5000, Currency: "usd"})
		for i, kind := range []string{"charge.refunded", "charge.refunded", "charge.dispute.created"} {
			// They overtake the event of the payment itself.
			body := bfftest.EventBody(fmt.Sprint("evt_", i), kind, "pi_9", time.Now())
			r.call("POST", "/stripe/webhook", string(body), "Stripe-Signature", bfftest.Signature, "Authorization", "")
		}
		elapse(time.Minute)
		notes := r.crm.Notes("pi_9")
		if len(notes) != 2 || notes[0] != "Given back at Stripe: 50.00 USD of 1750.00 USD" {
			t.Errorf("%q", notes)
		}
		if inv := r.invoice("inv-002"); inv.Paid != 175000 {
			t.Errorf("paid %d", inv.Paid)
		}
	})
}
