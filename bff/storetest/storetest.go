// Package storetest is the contract of the server's stores as a test suite. It
// runs on every implementation; a store that passes may be used.
package storetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// Run runs the suite on stores made by open, one fresh set for each test.
func Run(t *testing.T, open func(t *testing.T) bff.Stores) {
	t.Helper()
	tests := []struct {
		name string
		test func(t *testing.T, s bff.Stores)
	}{
		{"a claim keeps what was sent", claimKeeps},
		{"a second claim of an id changes nothing", claimOnce},
		{"claims at the same moment leave one fresh entry", claimTogether},
		{"a lane gives its open entries in order of arrival", laneOrder},
		{"a claim begins what is alone in its lane", claimBegins},
		{"a claim begins one of a lane, also of claims at the same moment", claimBeginsOne},
		{"many are begun and recorded at once, each for itself", many},
		{"what is old and settled is forgotten", expires},
		{"an entry has one worker at a time", oneWorker},
		{"a lane has one worker at a time", oneWorkerOfLane},
		{"a worker that lost its lease records nothing", fenced},
		{"a settled entry stays as it is", settledStays},
		{"trouble that passes leaves the entry open until its time", waits},
		{"a held entry leaves the ledger, unless it was begun", heldLeaves},
		{"a person's retry opens what failed without effect", retryOpens},
		{"the end of a chain is what replaced it last", chainEnds},
		{"due lanes are those whose first open entry may be begun", dueLanes},
		{"ids with any byte are kept apart", strangeIDs},
		{"users are found by login without case", users},
		{"of two rotations one succeeds", rotations},
		{"a revoked session stays revoked", revoked},
		{"the first key of a name is kept", keys},
		{"people are listed by login, and changed but for it", peopleChange},
		{"every session of a person ends, and no other", revokesUser},
		{"keys are listed by the beginning of their names", keyLists},
		{"an enrolment is replaced by the next of its device", enrolments},
		{"a code enrols one device", codes},
		{"a nonce is new once for each device", nonces},
		{"the audit log is read in order and by what is asked for", auditLog},
		{"the backlog counts what is not settled", backlog},
		{"a device changes by its revision", devices},
		{"an event is kept once and stays until it is finished", events},
		{"of servers at the same moment one takes an event", eventsTogether},
		{"an event that was put off waits, however often, and keeps no other waiting", eventsPutOff},
		{"an event that a dead server took is due again", eventsRescued},
		{"what ended is forgotten, some at a time, and nothing else", sweeps},
		{"a row of the audit log that is not old stays", auditStays},
		{"a payment request keeps its first amount and its latest try", paymentRequests},
		{"entries are listed newest first, by what is asked for", entryList},
		{"of two decisions about an entry the first wins", decides},
		{"a device's latest heartbeat and newest events are kept", telemetry},
		{"an open store takes work", takesWork},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("closing the store: %v", err)
				}
			})
			tt.test(t, s)
		})
	}
}

// now is some moment; the suite needs no particular one.
func now() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC) }

func claimOf(id, lane string) bff.Claim {
	return bff.Claim{
		Action: action.Action{
			ID: id, Type: action.LogVisitType, Actor: "user-001", Lane: lane, DeviceID: "device-1", Sequence: 3,
			CreatedAt: now().Add(-time.Hour), Payload: []byte(`{"note":"<b>"}`),
		},
		Hash: "hash of " + id, Lane: lane, At: now(),
	}
}

func mustClaim(t *testing.T, s bff.Stores, claims ...bff.Claim) []bff.Claimed {
	t.Helper()
	claimed, err := s.Ledger.Claim(t.Context(), claims)
	if err != nil {
		t.Fatalf("claiming: %v", err)
	}
	return claimed
}

// begin begins one entry for a minute.
func begin(t *testing.T, s bff.Stores, id, owner string, at time.Time) (bff.Begun, bool) {
	t.Helper()
	begun, err := s.Ledger.Begin(t.Context(), []bff.Start{startOf(id, owner, at)})
	if err != nil {
		t.Fatalf("beginning %s: %v", id, err)
	}
	b, ok := begun[id]
	return b, ok
}

func startOf(id, owner string, at time.Time) bff.Start {
	return bff.Start{ID: id, Owner: owner, At: at, Until: at.Add(time.Minute), Provider: "salesforce", Key: id}
}

func mustBegin(t *testing.T, s bff.Stores, id, owner string, at time.Time) bff.Entry {
	t.Helper()
	b, ok := begin(t, s, id, owner, at)
	e, _ := entryOf(t, s, id)
	if !ok || e.Lease.Owner != owner || e.Lease.Token != b.Token || !e.Lease.Until.Equal(at.Add(time.Minute)) ||
		e.Attempts != b.Attempts || !e.BegunAt.Equal(b.BegunAt) {
		t.Fatalf("beginning %s: %v, %+v, entry %+v", id, ok, b, e)
	}
	return e
}

// record records one result, and reports whether the ledger took it.
func record(t *testing.T, s bff.Stores, r bff.Result) bool {
	t.Helper()
	fenced, err := s.Ledger.Record(t.Context(), []bff.Result{r})
	if err != nil {
		t.Fatalf("recording %s: %v", r.ID, err)
	}
	if len(fenced) > 0 && !slices.Equal(fenced, []string{r.ID}) {
		t.Errorf("recording %s fenced %q", r.ID, fenced)
	}
	return len(fenced) == 0
}

func mustRecord(t *testing.T, s bff.Stores, e bff.Entry, out action.Outcome, effect bool) {
	t.Helper()
	if !record(t, s, bff.Result{ID: e.Action.ID, Token: e.Lease.Token, Outcome: out, Effect: effect}) {
		t.Fatalf("recording %s was fenced", e.Action.ID)
	}
}

// head is the first open entry of a lane.
func head(t *testing.T, s bff.Stores, lane string) (bff.Entry, bool) {
	t.Helper()
	heads, err := s.Ledger.Heads(t.Context(), []string{lane, "nobody's lane"})
	if err != nil {
		t.Fatalf("reading the lane %q: %v", lane, err)
	}
	e, open := heads[lane]
	return e, open
}

func entryOf(t *testing.T, s bff.Stores, id string) (bff.Entry, bool) {
	t.Helper()
	entries, err := s.Ledger.Entries(t.Context(), []string{id, "nobody's"})
	if err != nil {
		t.Fatalf("reading entries: %v", err)
	}
	e, there := entries[id]
	return e, there
}

func applied(id string) action.Outcome { return action.AppliedOutcome(id, "a01", 2, now()) }

func failed(id string, code action.Code) action.Outcome {
	return action.FailureOutcome(id, &action.Error{Code: code, Fields: map[string]string{"note": "is bad"}}, now())
}

func claimKeeps(t *testing.T, s bff.Stores) {
	c := claimOf("one", "visit:one")
	c.Action.Needs = []string{"other"}
	got := mustClaim(t, s, c)[0]
	stored, there := entryOf(t, s, "one")
	if !got.Fresh || !there {
		t.Fatalf("fresh %v, stored %v", got.Fresh, there)
	}
	for _, e := range []bff.Entry{got.Entry, stored} {
		if e.Hash != c.Hash || e.Lane != c.Lane || !e.ReceivedAt.Equal(c.At) || e.Settled() || e.Attempts != 0 {
			t.Errorf("entry %+v", e)
		}
		if e.Action.ContentHash() != c.Action.ContentHash() && string(e.Action.Payload) != `{"note":"\u003cb\u003e"}` {
			t.Errorf("payload %s", e.Action.Payload)
		}
		if e.Action.Sequence != 3 || len(e.Action.Needs) != 1 || !e.Action.CreatedAt.Equal(c.Action.CreatedAt) {
			t.Errorf("action %+v", e.Action)
		}
	}
}

func claimOnce(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("one", "visit:one"))
	again := claimOf("one", "visit:one")
	again.Hash = "another"
	got := mustClaim(t, s, again, claimOf("two", "visit:two"))
	if got[0].Fresh || got[0].Hash != "hash of one" || !got[1].Fresh {
		t.Errorf("claimed %+v", got)
	}
}

func claimTogether(t *testing.T, s bff.Stores) {
	var work sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for range 5 {
		work.Go(func() {
			got, err := s.Ledger.Claim(context.WithoutCancel(t.Context()), []bff.Claim{claimOf("one", "visit:one")})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("claiming: %v", err)
			} else if got[0].Fresh {
				fresh++
			}
		})
	}
	work.Wait()
	if fresh != 1 {
		t.Errorf("%d fresh claims, want 1", fresh)
	}
}

func laneOrder(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("b", "lane"), claimOf("a", "lane"), claimOf("c", "other"))
	for _, want := range []string{"b", "a"} {
		e, open := head(t, s, "lane")
		if !open || e.Action.ID != want {
			t.Fatalf("next %q %v, want %q", e.Action.ID, open, want)
		}
		mustRecord(t, s, mustBegin(t, s, want, "w1", now()), applied(want), true)
	}
	if _, open := head(t, s, "lane"); open {
		t.Error("the lane is still open")
	}
}

func oneWorker(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("one", "lane"))
	first := mustBegin(t, s, "one", "w1", now())
	if _, ok := begin(t, s, "one", "w2", now().Add(time.Second)); ok {
		t.Error("another worker began too")
	}
	again := mustBegin(t, s, "one", "w1", now().Add(time.Second))
	taken := mustBegin(t, s, "one", "w2", now().Add(2*time.Minute))
	if first.Attempts != 1 || again.Lease.Token <= first.Lease.Token || taken.Lease.Token <= again.Lease.Token || taken.Attempts != 3 {
		t.Errorf("leases %+v, %+v, %+v", first, again, taken)
	}
	if !first.BegunAt.Equal(now()) || !taken.BegunAt.Equal(now()) {
		t.Errorf("begun for the first time at %v and %v", first.BegunAt, taken.BegunAt)
	}
	if _, ok := begin(t, s, "nobody's", "w1", now()); ok {
		t.Error("what is not there was begun")
	}
}

func fenced(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("one", "lane"))
	slow := mustBegin(t, s, "one", "w1", now())
	quick := mustBegin(t, s, "one", "w2", now().Add(2*time.Minute))
	for name, out := range map[string]action.Outcome{
		"settling": applied("one"), "waiting": failed("one", action.SalesforceDown), "held": failed("one", action.AfterMissing),
	} {
		if record(t, s, bff.Result{ID: "one", Token: slow.Lease.Token, Outcome: out}) {
			t.Errorf("%s by the slow worker was taken", name)
		}
	}
	mustRecord(t, s, quick, applied("one"), true)
}

func settledStays(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("one", "lane"))
	e := mustBegin(t, s, "one", "w1", now())
	want := failed("one", action.Overpaid)
	want.ServerID, want.Version = "p1", 7
	mustRecord(t, s, e, want, true)
	if record(t, s, bff.Result{ID: "one", Token: e.Lease.Token, Outcome: applied("one")}) {
		t.Error("recorded twice")
	}
	if _, ok := begin(t, s, "one", "w1", now()); ok {
		t.Error("begun again")
	}
	got, _ := entryOf(t, s, "one")
	if !got.Settled() || got.Done() || !got.Effect || got.Outcome.Code != action.Overpaid || got.Outcome.ServerID != "p1" ||
		got.Outcome.Version != 7 || got.Outcome.Fields["note"] != "is bad" || !got.Outcome.OutcomeAt.Equal(now()) {
		t.Errorf("entry %+v, outcome %+v", got, got.Outcome)
	}
}

func waits(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("one", "lane"))
	e := mustBegin(t, s, "one", "w1", now())
	r := bff.Result{ID: "one", Token: e.Lease.Token, Outcome: failed("one", action.SalesforceDown), NextAt: now().Add(time.Minute)}
	if !record(t, s, r) {
		t.Fatal("recording was fenced")
	}
	got, _ := entryOf(t, s, "one")
	if got.Settled() || got.Waiting != action.SalesforceDown || !got.NextAt.Equal(now().Add(time.Minute)) || !got.Lease.Until.IsZero() {
		t.Errorf("entry %+v", got)
	}
	if next := mustBegin(t, s, "one", "w2", now().Add(time.Second)); next.Attempts != 2 {
		t.Errorf("attempts %d, want 2", next.Attempts)
	}
}

func heldLeaves(t *testing.T, s bff.Stores) {
	c := mustClaim(t, s, claimOf("new", "lane"), claimOf("begun", "lane"))
	mustRecord(t, s, c[0].Entry, failed("new", action.AfterMissing), false)
	if _, there := entryOf(t, s, "new"); there {
		t.Error("the held entry is still there")
	}
	mustRecord(t, s, mustBegin(t, s, "begun", "w1", now()), failed("begun", action.AfterMissing), false)
	if _, there := entryOf(t, s, "begun"); !there {
		t.Error("an entry that was begun is gone")
	}
}
