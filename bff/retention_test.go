package bff_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

const (
	month       = 31 * 24 * time.Hour
	thirtyYears = 30 * 366 * 24 * time.Hour
)

// madeAt is an id that says it was made at a moment.
func madeAt(at time.Time) string {
	id := uuid.Must(uuid.NewV7())
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	return id.String()
}

// settled puts an action into the ledger that was applied at a moment.
func settled(t *testing.T, ledger bff.Ledger, at time.Time) string {
	t.Helper()
	a := action.Action{ID: madeAt(at), Type: action.LogVisitType, Actor: "user-001", Payload: []byte("{}")}
	start := bff.Start{ID: a.ID, Owner: "test", At: at, Until: time.Now().Add(time.Minute)}
	claimed, err := ledger.Claim(t.Context(), []bff.Claim{{Action: a, Hash: "h", Lane: a.ID, At: at, Start: start}})
	if err != nil {
		t.Fatal(err)
	}
	result := bff.Result{ID: a.ID, Token: claimed[0].Lease.Token, Outcome: action.AppliedOutcome(a.ID, "srv", 1, at), Effect: true}
	if lost, err := ledger.Record(t.Context(), []bff.Result{result}); err != nil || len(lost) != 0 {
		t.Fatalf("%v %v", lost, err)
	}
	return a.ID
}

func TestServer_forgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *bff.ServerOptions) { o.AuditLife = 24 * month })
		ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
		var old []string
		for range 1100 { // more than is forgotten at a time
			old = append(old, settled(t, r.stores.Ledger, ago(14*month)))
		}
		kept := []string{settled(t, r.stores.Ledger, ago(13*month)), settled(t, r.stores.Ledger, ago(0))}
		for i, at := range []time.Time{ago(25 * month), ago(23 * month)} {
			if err := r.stores.Audit.AddAudit(t.Context(), bff.AuditRow{At: at, Event: "test", Actor: "a", Subject: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 600 {
			if fresh, err := r.stores.Enrolments.Remember(t.Context(), "d1", fmt.Sprint("n", i), ago(-5*time.Minute)); err != nil || !fresh {
				t.Fatal(err)
			}
		}
		session := bff.Session{ID: "ended", UserID: "u", Current: "c", ExpiresAt: ago(2 * month)}
		if err := r.stores.Sessions.AddSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		elapse(11 * time.Minute)
		if n, err := r.stores.Retention.Sweep(t.Context(), bff.SpentNonces, time.Now(), 1000); err != nil || n != 0 {
			t.Errorf("%d nonces are kept after their time: %v", n, err)
		}
		elapse(time.Hour)
		found, err := r.stores.Ledger.Entries(t.Context(), append(old, kept...))
		if _, there := found[kept[0]]; err != nil || len(found) != 2 || !there {
			t.Errorf("%d outcomes are kept: %v", len(found), err)
		}
		rows, err := r.stores.Audit.AuditRows(t.Context(), bff.AuditQuery{})
		if err != nil || len(rows) != 1 || rows[0].Subject != "1" {
			t.Errorf("the audit log is %+v: %v", rows, err)
		}
		if _, err := r.stores.Sessions.Session(t.Context(), "ended"); action.CodeOf(err) != action.NotFound {
			t.Errorf("a session that ended long ago: %v", err)
		}
	})
}

func TestProcessor_forgotten(t *testing.T) {
	// named is what comes of an action that names another which the ledger has
	// not, made so long before.
	named := func(t *testing.T, age time.Duration, more string) action.Outcome {
		t.Helper()
		elapse(thirtyYears) // a bubble begins in 2000, before there was any action
		b := newBench(t)
		before := madeAt(time.Now().Add(-age))
		p, _ := b.processor(bff.ProcessorOptions{})
		outcomes, err := p.Submit(t.Context(), bff.Batch{Actor: "user-001", Items: rawMessages(visit(action.NewID(), fmt.Sprintf(more, before)))})
		if err != nil {
			t.Fatal(err)
		}
		return outcomes[0]
	}
	for _, tt := range []struct {
		name string
		age  time.Duration
		more string
		want action.Status
	}{
		{"one that names what is older than the ledger's memory is not held", 14 * month, `,"after":%q`, action.StatusApplied},
		{"nor is one that needs it", 14 * month, `,"needs":[%q]`, action.StatusApplied},
		{"one that names what may still come is held", 12 * month, `,"after":%q`, action.StatusHeld},
		{"and so is one that needs it", time.Minute, `,"needs":[%q]`, action.StatusHeld},
		{"a clock that is years behind makes nothing old", 3 * 365 * 24 * time.Hour, `,"clockOffsetMs":-94608000000,"after":%q`, action.StatusHeld},
		{"an id of before there was any is that of a clock that lost its time", 20 * 366 * 24 * time.Hour, `,"after":%q`, action.StatusHeld},
		{"an id that tells no time is not old", 14 * month, `,"after":"0e3f5f0c-8a3f-4f2e-9a51-0123456789ab","note":%q`, action.StatusHeld},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if out := named(t, tt.age, tt.more); out.Status != tt.want {
					t.Errorf("it is %s: %s", out.Status, out.Code)
				}
			})
		})
	}
	t.Run("a lane whose first action is forgotten while the next waits in the ledger goes on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			elapse(thirtyYears)
			b := newBench(t)
			gone, next := madeAt(time.Now().Add(-14*month)), action.NewID()
			b.claim("visit:v1", visit(next, after(gone)))
			b.processor(bff.ProcessorOptions{})
			elapse(time.Minute)
			if e, there := b.entry(next); !there || !e.Done() {
				t.Errorf("it is %+v", e)
			}
		})
	})
}

// poisonedPayments cannot answer for one intent, ever.
type poisonedPayments struct {
	*bfftest.Payments
	asked *atomic.Int64
}

func (p poisonedPayments) Intent(ctx context.Context, id string) (bff.Intent, error) {
	if id == "pi_poison" {
		p.asked.Add(1)
		return bff.Intent{}, &action.Error{Code: action.StripeDown}
	}
	return p.Payments.Intent(ctx, id)
}

func TestWebhooks_poison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		r := newRig(t, func(o *bff.ServerOptions) { o.Payments = poisonedPayments{bfftest.NewPayments(), &asked} })
		for i := range 200 {
			e := bff.ReceivedEvent{ID: fmt.Sprint("evt_", i), Type: "payment_intent.succeeded", IntentID: "pi_poison", ReceivedAt: time.Now()}
			if _, err := r.stores.Events.Receive(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		last := bff.ReceivedEvent{ID: "evt_last", Type: "customer.created", ReceivedAt: time.Now()}
		if _, err := r.stores.Events.Receive(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		elapse(20 * time.Second)
		left, err := r.stores.Events.Take(t.Context(), time.Now().Add(time.Hour), time.Now(), 1000)
		if err != nil || len(left) != 200 {
			t.Errorf("%d events are left: %v", len(left), err)
		}
		before := asked.Load()
		elapse(time.Hour)
		if n := (asked.Load() - before) / 200; n < 10 || n > 15 {
			t.Errorf("an event that cannot be handled was tried %d times in an hour", n)
		}
	})
}
