package storetest

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

func settled(t *testing.T, s bff.Stores, id, device string, out action.Outcome) {
	t.Helper()
	c := claimOf(id, "lane of "+id)
	c.Action.DeviceID = device
	mustClaim(t, s, c)
	mustRecord(t, s, mustBegin(t, s, id, "w1", now()), out, out.Status == action.StatusApplied)
}

func entryList(t *testing.T, s bff.Stores) {
	settled(t, s, "a", "device-1", applied("a"))
	settled(t, s, "b", "device-1", failed("b", action.UpstreamInvalid))
	settled(t, s, "c", "device-2", failed("c", action.VersionConflict))
	mustClaim(t, s, claimOf("d", "lane"))
	list := func(q bff.EntryQuery) (ids string) {
		t.Helper()
		found, err := s.Desk.EntryList(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			ids += e.Action.ID
		}
		return ids
	}
	all, err := s.Desk.EntryList(t.Context(), bff.EntryQuery{})
	if err != nil || len(all) != 4 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	needs := []action.Status{action.StatusReview, action.StatusFailed}
	for want, q := range map[string]bff.EntryQuery{
		"dcba": {}, "cb": {Statuses: needs}, "d": {Statuses: []action.Status{bff.EntryOpen}}, "c": {DeviceID: "device-2"},
		"ba": {Before: all[1].Position}, "dc": {Limit: 2}, "b": {Statuses: needs, DeviceID: "device-1"}, "": {Actor: "nobody"},
	} {
		if got := list(q); got != want {
			t.Errorf("%+v gives %q, not %q", q, got, want)
		}
	}
	if got := list(bff.EntryQuery{Statuses: []action.Status{"'; DROP TABLE entries --"}}); got != "" {
		t.Errorf("a status that there is not gives %q", got)
	}
}

func decides(t *testing.T, s bff.Stores) {
	decide := func(id string, seen time.Time, out action.Outcome) bool {
		t.Helper()
		done, err := s.Desk.Decide(t.Context(), id, seen, out, true)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	first := failed("a", action.UpstreamInvalid)
	settled(t, s, "a", "device-1", first)
	mustClaim(t, s, claimOf("open", "lane"))
	if decide("nobody's", now(), applied("x")) || decide("open", now(), applied("open")) || decide("a", now().Add(time.Second), applied("a")) {
		t.Error("what is not there, open, or was decided since, was decided about")
	}
	out := applied("a")
	out.OutcomeAt = now().Add(time.Minute)
	if !decide("a", first.OutcomeAt, out) {
		t.Fatal("nothing was decided")
	}
	if decide("a", first.OutcomeAt, applied("a")) || decide("a", out.OutcomeAt, applied("a")) {
		t.Error("a second decision won")
	}
	if e, _ := entryOf(t, s, "a"); !e.Done() || !e.Effect || e.Outcome.ServerID != "a01" {
		t.Errorf("entry %+v", e)
	}
	again := claimOf("a", "lane of a")
	again.Action.Try = 1
	if got := mustClaim(t, s, again)[0]; got.Fresh || !got.Done() {
		t.Errorf("a retry opened it again: %+v", got)
	}
}

func telemetry(t *testing.T, s bff.Stores) {
	ctx := t.Context()
	h := bff.Heartbeat{
		DeviceID: "device-1", UserID: "user-001", Version: "1.2", Platform: "linux/amd64", ReceivedAt: now(), SentAt: now().Add(-time.Second),
		Unsent: 3, NeedsPerson: 1, Sums: []action.Money{{Minor: 12345, Currency: "usd"}}, OldestUnsent: now().Add(-time.Hour),
		Head: bff.ChainPoint{Position: 7, MAC: "ab"}, Sound: true,
	}
	older := h
	older.ReceivedAt, older.Unsent = now().Add(-time.Hour), 9
	for _, put := range []bff.Heartbeat{{DeviceID: "device-2", ReceivedAt: now()}, h, older} {
		if err := s.Telemetry.PutHeartbeat(ctx, put); err != nil {
			t.Fatal(err)
		}
	}
	found, err := s.Telemetry.Heartbeats(ctx)
	if err != nil || len(found) != 2 || !reflect.DeepEqual(found[0], h) {
		t.Errorf("read %+v, %v", found, err)
	}
	var events []bff.DeviceEvent
	for n := range bff.DeviceEventLimit + 5 {
		events = append(events, bff.DeviceEvent{At: now(), Name: "sync_started", Fields: map[string]string{"count": strconv.Itoa(n)}})
	}
	for _, part := range [][]bff.DeviceEvent{events[:10], events[10:], nil} {
		if err := s.Telemetry.AddDeviceEvents(ctx, "device-1", part); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := s.Telemetry.DeviceEvents(ctx, "device-1", bff.DeviceEventLimit+5)
	if err != nil || len(kept) != bff.DeviceEventLimit || !reflect.DeepEqual(kept[0], events[len(events)-1]) || kept[len(kept)-1].Fields["count"] != "5" {
		t.Errorf("%d events kept, %v", len(kept), err)
	}
	if other, err := s.Telemetry.DeviceEvents(ctx, "device-2", 5); err != nil || len(other) != 0 {
		t.Errorf("another device has %d, %v", len(other), err)
	}
}
