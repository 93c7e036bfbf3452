package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/postgres"
)

// together runs do on several servers over one database at once, a few
// goroutines on each.
func together(t *testing.T, do func(ctx context.Context, s *postgres.Store, worker int)) *postgres.Store {
	t.Helper()
	url := server.Database(t)
	var work sync.WaitGroup
	start := make(chan struct{})
	var last *postgres.Store
	for i := range 3 {
		s := open(t, url)
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		for j := range 3 {
			work.Go(func() {
				<-start
				do(context.WithoutCancel(t.Context()), s, 3*i+j)
			})
		}
		last = s
	}
	close(start)
	work.Wait()
	return last
}

func TestStore_Claim(t *testing.T) {
	t.Run("claims that overlap in any order leave each action fresh once", func(t *testing.T) {
		const actions = 60
		var fresh [actions]atomic.Int64
		together(t, func(ctx context.Context, s *postgres.Store, _ int) {
			for range 8 {
				order := append(rand.Perm(actions), rand.Perm(actions)...)[:actions+actions/2]
				claims := make([]bff.Claim, len(order))
				for i, n := range order {
					claims[i] = visit(fmt.Sprint("action-", n), fmt.Sprint("lane-", n%7))
				}
				got, err := s.Claim(ctx, claims)
				if err != nil {
					t.Errorf("claiming: %v", err)
					return
				}
				for i, c := range got {
					if c.Action.ID != claims[i].Action.ID {
						t.Errorf("claim of %s answered with %q", claims[i].Action.ID, c.Action.ID)
					}
					if c.Fresh {
						fresh[order[i]].Add(1)
					}
				}
			}
		})
		for n := range fresh {
			if got := fresh[n].Load(); got != 1 {
				t.Errorf("action %d was fresh %d times", n, got)
			}
		}
	})
	t.Run("the positions of a batch are in its order", func(t *testing.T) {
		s := open(t, server.Database(t))
		defer s.Close()
		claims := []bff.Claim{visit("c", "lane"), visit("a", "lane"), visit("b", "lane")}
		got, err := s.Claim(t.Context(), claims)
		if err != nil || got[0].Position >= got[1].Position || got[1].Position >= got[2].Position {
			t.Errorf("claimed %+v %v", got, err)
		}
	})
	t.Run("a person's retry that arrives on every server opens the action once", func(t *testing.T) {
		var fresh atomic.Int64
		failed := action.FailureOutcome("one", &action.Error{Code: action.UnknownAccount}, time.Now())
		var first sync.Once
		together(t, func(ctx context.Context, s *postgres.Store, worker int) {
			first.Do(func() {
				begin(t, s, visit("one", "lane"), "w", func(e bff.Entry) {
					record(t, s, bff.Result{ID: "one", Token: e.Lease.Token, Outcome: failed})
				})
			})
			again := visit("one", "lane")
			again.Action.Try = 1
			got, err := s.Claim(ctx, []bff.Claim{again})
			if check(t, err); err == nil && got[0].Fresh {
				fresh.Add(1)
			}
		})
		if fresh.Load() != 1 {
			t.Errorf("opened %d times", fresh.Load())
		}
	})
	t.Run("a claim has an entry, also while held ones leave", func(t *testing.T) {
		held := action.FailureOutcome("one", &action.Error{Code: action.AfterMissing}, time.Now())
		together(t, func(ctx context.Context, s *postgres.Store, _ int) {
			for range 40 {
				got, err := s.Claim(ctx, []bff.Claim{visit("one", "lane")})
				if check(t, err); err != nil || got[0].Action.ID != "one" {
					t.Errorf("claimed %+v", got)
					return
				}
				record(t, s, bff.Result{ID: "one", Outcome: held})
			}
		})
	})
}

func TestStore_Begin(t *testing.T) {
	t.Run("workers that begin in one lane at once do not meet", func(t *testing.T) {
		var at [4]atomic.Int64
		last := together(t, func(ctx context.Context, s *postgres.Store, worker int) {
			lane := fmt.Sprint("lane-", worker%len(at))
			for n := range 12 {
				begin(t, s, visit(fmt.Sprintf("%d of %d", n, worker), lane), fmt.Sprint("w", worker), func(e bff.Entry) {
					if now := at[worker%len(at)].Add(1); now != 1 {
						t.Errorf("%d workers in %s", now, lane)
					}
					check(t, s.Ping(ctx)) // work takes a while
					at[worker%len(at)].Add(-1)
					out := action.AppliedOutcome(e.Action.ID, "a01", 1, time.Now())
					if !record(t, s, bff.Result{ID: e.Action.ID, Token: e.Lease.Token, Outcome: out, Effect: true}) {
						t.Errorf("%s was fenced", e.Action.ID)
					}
				})
			}
		})
		due, err := last.Due(t.Context(), "w", time.Now(), 100)
		if check(t, err); len(due) != 0 {
			t.Errorf("still due: %q", due)
		}
	})
	t.Run("of a worker that records and one that takes over, one wins", func(t *testing.T) {
		var recorded, fenced atomic.Int64
		var first sync.Once
		var slow bff.Entry
		long := time.Now().Add(time.Hour)
		together(t, func(ctx context.Context, s *postgres.Store, worker int) {
			first.Do(func() { begin(t, s, visit("one", "lane"), "slow", func(e bff.Entry) { slow = e }) })
			token := slow.Lease.Token
			if worker%2 == 0 {
				begun, err := s.Begin(ctx, []bff.Start{{ID: "one", Owner: fmt.Sprint("w", worker), At: long, Until: long.Add(time.Hour)}})
				check(t, err)
				b, ok := begun["one"]
				if !ok {
					return
				}
				token = b.Token
			}
			out := action.AppliedOutcome("one", fmt.Sprint(worker), 1, time.Now())
			if record(t, s, bff.Result{ID: "one", Token: token, Outcome: out, Effect: true}) {
				recorded.Add(1)
			} else {
				fenced.Add(1)
			}
		})
		if recorded.Load() != 1 {
			t.Errorf("recorded %d times, fenced %d times", recorded.Load(), fenced.Load())
		}
	})
}

// begin claims an action and begins it as soon as its lane is free.
func begin(t *testing.T, s *postgres.Store, c bff.Claim, owner string, work func(bff.Entry)) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	_, err := s.Claim(ctx, []bff.Claim{c})
	check(t, err)
	for {
		now := time.Now()
		begun, err := s.Begin(ctx, []bff.Start{{ID: c.Action.ID, Owner: owner, At: now, Until: now.Add(time.Minute), Provider: "salesforce", Key: c.Action.ID}})
		if check(t, err); err != nil {
			return
		}
		if b, ok := begun[c.Action.ID]; ok {
			work(bff.Entry{Action: c.Action, Lane: c.Lane, Lease: bff.Lease{Owner: owner, Token: b.Token}, Attempts: b.Attempts})
			return
		}
	}
}

// record records one result, and reports whether the ledger took it.
func record(t *testing.T, s *postgres.Store, r bff.Result) bool {
	t.Helper()
	fenced, err := s.Record(context.WithoutCancel(t.Context()), []bff.Result{r})
	check(t, err)
	return err == nil && len(fenced) == 0
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("store: %v", err)
	}
}
