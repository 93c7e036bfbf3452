package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldpay/bff"
)

// receive keeps events that arrive one after the other.
func receive(t *testing.T, s bff.Stores, ids ...string) {
	t.Helper()
	for i, id := range ids {
		e := bff.ReceivedEvent{ID: id, Type: "payment_intent.succeeded", IntentID: "pi_" + id, ReceivedAt: now().Add(time.Duration(i) * time.Second)}
		if fresh, err := s.Events.Receive(t.Context(), e); err != nil || !fresh {
			t.Fatalf("receiving %s: %v %v", id, fresh, err)
		}
	}
}

// take takes events for a minute, and returns them as id:attempts.
func take(t *testing.T, s bff.Stores, at time.Time, limit int) []string {
	t.Helper()
	taken, err := s.Events.Take(t.Context(), at, at.Add(time.Minute), limit)
	if err != nil {
		t.Fatalf("taking events: %v", err)
	}
	var names []string
	for _, e := range taken {
		names = append(names, fmt.Sprint(e.ID, ":", e.Attempts))
	}
	return names
}

func expectTaken(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("taken %q, want %q", got, want)
	}
}

func eventsTogether(t *testing.T, s bff.Stores) {
	var ids []string
	for i := range 20 {
		ids = append(ids, fmt.Sprintf("evt_%02d", i))
	}
	receive(t, s, ids...)
	var mu sync.Mutex
	var taken []string
	var servers sync.WaitGroup
	for range 4 {
		servers.Go(func() {
			for range 10 {
				some, err := s.Events.Take(t.Context(), now(), now().Add(time.Minute), 3)
				if err != nil {
					t.Errorf("taking: %v", err)
					return
				}
				mu.Lock()
				for _, e := range some {
					taken = append(taken, e.ID)
				}
				mu.Unlock()
			}
		})
	}
	servers.Wait()
	slices.Sort(taken)
	if !slices.Equal(taken, ids) {
		t.Errorf("taken %q", taken)
	}
}

func eventsPutOff(t *testing.T, s bff.Stores) {
	receive(t, s, "evt_1", "evt_2", "evt_3")
	at := now()
	for attempt := 1; attempt <= 30; attempt++ {
		got := take(t, s, at, 1)
		expectTaken(t, got, fmt.Sprint("evt_1:", attempt))
		if err := s.Events.PutOff(t.Context(), "evt_1", at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if attempt == 1 {
			expectTaken(t, take(t, s, at, 5), "evt_2:1", "evt_3:1")
			for _, id := range []string{"evt_2", "evt_3"} {
				if err := s.Events.Finish(t.Context(), id, at); err != nil {
					t.Fatal(err)
				}
			}
		}
		expectTaken(t, take(t, s, at.Add(time.Hour-time.Nanosecond), 5))
		at = at.Add(time.Hour)
	}
	if err := s.Events.Finish(t.Context(), "evt_1", at); err != nil {
		t.Fatal(err)
	}
	if err := s.Events.PutOff(t.Context(), "evt_1", at); err != nil {
		t.Fatal(err)
	}
	expectTaken(t, take(t, s, at.Add(24*time.Hour), 5))
}

func eventsRescued(t *testing.T, s bff.Stores) {
	receive(t, s, "evt_1", "evt_2")
	expectTaken(t, take(t, s, now(), 1), "evt_1:1")
	expectTaken(t, take(t, s, now().Add(30*time.Second), 1), "evt_2:1")
	expectTaken(t, take(t, s, now().Add(time.Minute-time.Nanosecond), 5))
	expectTaken(t, take(t, s, now().Add(time.Minute), 5), "evt_1:2")
	expectTaken(t, take(t, s, now().Add(2*time.Minute), 5), "evt_2:2", "evt_1:3")
}

// leave leaves one row of each kind that ended at a moment.
func leave(t *testing.T, s bff.Stores, name string, end time.Time) {
	t.Helper()
	receive(t, s, "evt_"+name)
	_, asked := s.PaymentRequests.Ask(t.Context(), bff.PaymentRequest{ActionID: name, InvoiceID: "inv-1", Amount: 1, Currency: "usd", AskedAt: end, TriedAt: end})
	_, remembered := s.Enrolments.Remember(t.Context(), name, "n", end)
	_, put := s.Devices.PutDevice(t.Context(), bff.Device{ID: name, SeenAt: end})
	for _, err := range []error{
		s.Events.Finish(t.Context(), "evt_"+name, end), asked, remembered, put,
		s.Sessions.AddSession(t.Context(), bff.Session{ID: name, UserID: "u", Current: name, CreatedAt: end, RotatedAt: end, ExpiresAt: end}),
		s.Enrolments.AddCode(t.Context(), bff.EnrolCode{ID: name, Hash: "h", CreatedAt: end, ExpiresAt: end}),
		s.Audit.AddAudit(t.Context(), bff.AuditRow{At: end, Event: "test", Actor: "a", Subject: name}),
	} {
		if err != nil {
			t.Fatalf("leaving %s: %v", name, err)
		}
	}
}

func sweeps(t *testing.T, s bff.Stores) {
	for i := range 3 {
		leave(t, s, fmt.Sprint("old", i), now().AddDate(-2, 0, 0))
	}
	leave(t, s, "young", now())
	// These have no end yet.
	receive(t, s, "evt_open")
	if err := s.Enrolments.PutEnrolment(t.Context(), bff.Enrolment{DeviceID: "van", EnrolledAt: now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Devices.PutDevice(t.Context(), bff.Device{ID: "van", SeenAt: now().AddDate(-9, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range bff.Leftovers() {
		for _, want := range []int{2, 1, 0} {
			n, err := s.Retention.Sweep(t.Context(), kind, now().AddDate(-1, 0, 0), 2)
			if err != nil || n != want {
				t.Errorf("%s: forgot %d, want %d: %v", kind, n, want, err)
			}
		}
	}
	if _, err := s.Retention.Sweep(t.Context(), "people", now(), 1); err == nil {
		t.Error("a kind that nobody knows was swept")
	}
	if d, err := s.Devices.Device(t.Context(), "van"); err != nil || d.Revision == 0 {
		t.Errorf("an enrolled device was forgotten: %+v %v", d, err)
	}
	if _, err := s.Sessions.Session(t.Context(), "young"); err != nil {
		t.Errorf("a session that is good was forgotten: %v", err)
	}
	if _, there, err := s.PaymentRequests.Request(t.Context(), "young"); err != nil || !there {
		t.Errorf("a request that is not old was forgotten: %v", err)
	}
	if rows, err := s.Audit.AuditRows(t.Context(), bff.AuditQuery{}); err != nil || len(rows) != 1 || rows[0].Subject != "young" || rows[0].Position != 4 {
		t.Errorf("the audit log %+v %v", rows, err)
	}
	expectTaken(t, take(t, s, now(), 5), "evt_open:1")
}

func auditStays(t *testing.T, s bff.Stores) {
	// The store goes by the time of now, not by what it is asked.
	today := time.Now()
	for _, at := range []time.Time{today, today.Add(-399 * 24 * time.Hour)} {
		if err := s.Audit.AddAudit(t.Context(), bff.AuditRow{At: at, Event: "test", Actor: "a", Subject: "s"}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Retention.Sweep(t.Context(), bff.OldAudit, today.Add(time.Hour), 10); err == nil || n != 0 {
		t.Errorf("forgot %d: %v", n, err)
	}
	if rows, err := s.Audit.AuditRows(t.Context(), bff.AuditQuery{}); err != nil || len(rows) != 2 {
		t.Errorf("the audit log %+v %v", rows, err)
	}
}
