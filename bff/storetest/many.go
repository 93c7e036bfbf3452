package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

func starting(id, lane, owner string) bff.Claim {
	c := claimOf(id, lane)
	c.Start = startOf(id, owner, now())
	return c
}

func claimBegins(t *testing.T, s bff.Stores) {
	got := mustClaim(t, s, starting("a1", "a", "w1"), starting("a2", "a", "w1"), claimOf("b1", "b"), starting("b2", "b", "w1"), starting("a1", "a", "w1"))
	for i, want := range []bool{true, false, false, false, false} {
		if got[i].Begun != want || got[i].Fresh != (i < 4) {
			t.Errorf("claim %d: fresh %v, begun %v, want %v", i, got[i].Fresh, got[i].Begun, want)
		}
	}
	e, _ := entryOf(t, s, "a1")
	want := bff.Lease{Owner: "w1", Token: 1, Until: now().Add(time.Minute)}
	for _, e := range []bff.Entry{e, got[0].Entry} {
		if e.Lease.Owner != want.Owner || e.Lease.Token != want.Token || !e.Lease.Until.Equal(want.Until) || e.Attempts != 1 || !e.BegunAt.Equal(now()) {
			t.Errorf("entry %+v", e)
		}
	}
	if e, _ := entryOf(t, s, "a2"); e.Attempts != 0 || e.Lease.Owner != "" || !e.BegunAt.IsZero() {
		t.Errorf("the second of the lane: %+v", e)
	}
	mustRecord(t, s, got[0].Entry, failed("a1", action.UnknownAccount), false)
	again := starting("a1", "a", "w1")
	again.Action.Try = 1
	if got := mustClaim(t, s, again)[0]; !got.Fresh || got.Begun {
		t.Errorf("a retry was begun by its claim: %+v", got)
	}
}

func claimBeginsOne(t *testing.T, s bff.Stores) {
	var work sync.WaitGroup
	var mu sync.Mutex
	begun := map[string]int{}
	for n := range 6 {
		work.Go(func() {
			var claims []bff.Claim
			for lane := range 5 {
				claims = append(claims, starting(fmt.Sprintf("%d of %d", n, lane), fmt.Sprint("lane ", (lane+n)%5), fmt.Sprint("w", n)))
			}
			got, err := s.Ledger.Claim(context.WithoutCancel(t.Context()), claims)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("claiming: %v", err)
			}
			for _, c := range got {
				if c.Begun {
					begun[c.Lane]++
				}
			}
		})
	}
	work.Wait()
	for lane := range 5 {
		if n := begun[fmt.Sprint("lane ", lane)]; n != 1 {
			t.Errorf("%d were begun in lane %d, want 1", n, lane)
		}
	}
}

func many(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("a", "a"), claimOf("b", "b"), claimOf("c", "c"), claimOf("d", "d"), claimOf("e", "e"))
	mustBegin(t, s, "b", "w2", now())
	begun, err := s.Ledger.Begin(t.Context(), []bff.Start{
		startOf("c", "w1", now()), startOf("b", "w1", now()), startOf("nobody's", "w1", now()), startOf("a", "w1", now()), startOf("d", "w1", now()),
	})
	if err != nil || len(begun) != 3 {
		t.Fatalf("begun %v %v", begun, err)
	}
	e, _ := entryOf(t, s, "e")
	fenced, err := s.Ledger.Record(t.Context(), []bff.Result{
		{ID: "d", Token: begun["d"].Token, Outcome: applied("d"), Effect: true},
		{ID: "b", Token: 0, Outcome: applied("b")},
		{ID: "a", Token: begun["a"].Token, Outcome: failed("a", action.Busy), NextAt: now().Add(time.Hour)},
		{ID: "nobody's", Token: 1, Outcome: applied("nobody's")},
		{ID: "e", Token: e.Lease.Token, Outcome: failed("e", action.AfterMissing)},
		{ID: "c", Token: begun["c"].Token, Outcome: failed("c", action.AfterMissing), NextAt: now().Add(time.Hour)},
	})
	slices.Sort(fenced)
	if err != nil || !slices.Equal(fenced, []string{"b", "nobody's"}) {
		t.Errorf("fenced %q %v", fenced, err)
	}
	entries, err := s.Ledger.Entries(t.Context(), []string{"a", "b", "c", "d", "e"})
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries are left, %v", len(entries), err)
	}
	if d, a, c := entries["d"], entries["a"], entries["c"]; !d.Done() || !d.Effect || a.Waiting != action.Busy || c.Waiting != action.AfterMissing {
		t.Errorf("d %+v, a %+v, c %+v", d, a, c)
	}
	heads, err := s.Ledger.Heads(t.Context(), []string{"d", "a", "b", "c", "e"})
	if err != nil || len(heads) != 3 || heads["b"].Lease.Owner != "w2" {
		t.Errorf("heads %v %v", heads, err)
	}
}

func expires(t *testing.T, s bff.Stores) {
	old := func(id string) bff.Claim {
		c := claimOf(id, "lane of "+id)
		c.At = now().Add(-time.Hour)
		return c
	}
	mustClaim(t, s, old("open"), old("a"), old("b"), old("c"), claimOf("young", "young"))
	for _, id := range []string{"a", "b", "c", "young"} {
		mustRecord(t, s, mustBegin(t, s, id, "w1", now()), applied(id), true)
	}
	for i, want := range []int{2, 1, 0} {
		if n, err := s.Ledger.Expire(t.Context(), now(), 2); err != nil || n != want {
			t.Errorf("round %d forgot %d, want %d; %v", i, n, want, err)
		}
	}
	for id, want := range map[string]bool{"open": true, "a": false, "b": false, "c": false, "young": true} {
		if _, there := entryOf(t, s, id); there != want {
			t.Errorf("%s is there: %v", id, there)
		}
	}
	if got := mustClaim(t, s, old("a"))[0]; !got.Fresh {
		t.Error("what was forgotten is not fresh")
	}
}
