package storetest

import (
	"testing"
	"time"

	"fieldpay/bff"
)

func paymentRequests(t *testing.T, s bff.Stores) {
	ctx := t.Context()
	ask := func(r bff.PaymentRequest) bff.PaymentRequest {
		t.Helper()
		stored, err := s.PaymentRequests.Ask(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	if _, there, err := s.PaymentRequests.Request(ctx, "a-1"); err != nil || there {
		t.Fatalf("a request that nobody made: %v %v", there, err)
	}
	first := bff.PaymentRequest{ActionID: "a-1", InvoiceID: "inv-1", Amount: 900, Currency: "usd", AskedAt: now(), TriedAt: now()}
	if got := ask(first); got != first {
		t.Errorf("stored %+v, not %+v", got, first)
	}
	again := first
	again.Amount, again.AskedAt, again.TriedAt = 5, now().Add(time.Hour), now().Add(time.Hour)
	if got := ask(again); got != first {
		t.Errorf("a repeat changed it: %+v", got)
	}
	if err := s.PaymentRequests.Answered(ctx, "a-1", "pi_1", "https://pay.example/1"); err != nil {
		t.Fatal(err)
	}
	again.Try = 2
	want := first
	want.ObjectID, want.URL, want.Try, want.TriedAt = "pi_1", "https://pay.example/1", 2, again.TriedAt
	if got := ask(again); got != want {
		t.Errorf("after a person's retry %+v, not %+v", got, want)
	}
	want.PaidAt = now().Add(time.Minute)
	for _, at := range []time.Time{want.PaidAt, now().Add(time.Hour)} {
		if err := s.PaymentRequests.Paid(ctx, "a-1", at); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PaymentRequests.Paid(ctx, "a-2", now()); err != nil {
		t.Errorf("paying what nobody asked for: %v", err)
	}
	if got, there, err := s.PaymentRequests.Request(ctx, "a-1"); err != nil || !there || got != want {
		t.Errorf("read %+v %v %v, not %+v", got, there, err, want)
	}
}
