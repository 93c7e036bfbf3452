package bff_test

import (
	"fmt"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

// payByCard has inv-002 paid by an intent.
func (r *rig) payByCard(intentID string) {
	r.t.Helper()
	r.payments.Put(paid(intentID, "inv-002", 175000))
	r.event("evt_"+intentID, intentID, time.Now(), bfftest.Signature)
	elapse(time.Second)
	if r.invoice("inv-002").Paid != 175000 {
		r.t.Fatal("the card payment was not booked")
	}
}

// promote gives the person who is signed in another role.
func (r *rig) promote(role bff.Role) {
	r.t.Helper()
	u, err := r.stores.Users.UserByID(r.t.Context(), "user-001")
	if err != nil {
		r.t.Fatal(err)
	}
	u.Role = role
	if _, err := r.stores.Users.PutUser(r.t.Context(), u); err != nil {
		r.t.Fatal(err)
	}
	r.signIn()
}

const idempotencyKey = "0197f3a0-0000-7000-8000-0000000000c1"

func TestServer_Refund(t *testing.T) {
	refund := func(r *rig, amount int64, key string) answer {
		return r.call("POST", "/stripe/refund", fmt.Sprintf(`{"invoiceId":"inv-002","amount":%d,"currency":"usd"}`, amount), "Idempotency-Key", key)
	}
	onRig(t, "the office gives back what was received, once per key and never more", func(t *testing.T, r *rig) {
		r.payByCard("pi_9")
		r.promote(bff.RoleOffice)
		for range 2 {
			if a := refund(r, 100000, idempotencyKey); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.text)
			}
			elapse(50 * time.Hour) // Stripe has forgotten the key
			r.signIn()
		}
		if a := refund(r, 100000, action.NewID()); a.status != 422 {
			t.Errorf("more than was received: %d %s", a.status, a.text)
		}
		if a := refund(r, 5, idempotencyKey); a.status != 409 {
			t.Errorf("another amount under the same key: %d %s", a.status, a.text)
		}
		if refunds, err := r.payments.RefundsOf(t.Context(), "pi_9"); err != nil || len(refunds) != 1 {
			t.Errorf("%v %v", refunds, err)
		}
	})
	for _, role := range []bff.Role{bff.RoleRep, bff.RoleKiosk} {
		onRig(t, "nobody else gives money back: "+string(role), func(t *testing.T, r *rig) {
			r.payByCard("pi_9")
			r.promote(role)
			if a := refund(r, 5000, idempotencyKey); a.status != 403 {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
}

func TestServer_Checkout(t *testing.T) {
	begin := func(r *rig, amount int64) answer {
		return r.call("POST", "/stripe/checkout", fmt.Sprintf(`{"invoiceId":"inv-002","amount":%d,"currency":"usd"}`, amount), "Idempotency-Key", idempotencyKey)
	}
	onRig(t, "what the client says is compared, never believed", func(t *testing.T, r *rig) {
		if a := begin(r, 1); a.status != 422 || r.payments.Pages() != 0 {
			t.Errorf("%d %s", a.status, a.text)
		}
		if a := begin(r, 175000); a.status != 409 {
			t.Errorf("another amount under the same key: %d %s", a.status, a.text)
		}
	})
	onRig(t, "a page is made once, and its payment is booked without an event", func(t *testing.T, r *rig) {
		first, again := begin(r, 175000), begin(r, 175000)
		if first.status != 200 || first.text != again.text || first.body["status"] != "open" || r.payments.Pages() != 1 {
			t.Fatalf("%s, then %s", first.text, again.text)
		}
		r.payments.Pay("cs_1")
		for range 2 {
			a := r.call("GET", "/stripe/checkout/"+idempotencyKey, "")
			if a.body["status"] != "paid" || a.body["booked"] != true || a.body["url"] != nil {
				t.Errorf("%d %s", a.status, a.text)
			}
		}
		if inv := r.invoice("inv-002"); inv.Paid != 175000 || len(r.crm.Order()) != 1 {
			t.Errorf("paid %d, effects %v", inv.Paid, r.crm.Order())
		}
	})
	onRig(t, "a checkout that nobody began is an unknown payment", func(t *testing.T, r *rig) {
		if a := r.call("GET", "/stripe/checkout/"+idempotencyKey, ""); a.status != 404 || a.body["code"] != string(action.UnknownPayment) {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	onRig(t, "the pages that it leads back to say nothing", func(t *testing.T, r *rig) {
		for _, path := range []string{"/pay/done", "/pay/cancelled"} {
			if a := r.call("GET", path, "", "Authorization", ""); a.status != 200 || a.header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%s: %d %s", path, a.status, a.text)
			}
		}
	})
}

func TestServer_Cards(t *testing.T) {
	onRig(t, "of a card only what may be shown is told", func(t *testing.T, r *rig) {
		a := r.call("GET", "/stripe/accounts/acc-001/cards", "")
		if a.text != `[{"id":"pm_stranger","brand":"visa","last4":"4444","expMonth":12,"expYear":2030}]` {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
}
