package postgres_test

import (
	"context"
	"errors"
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
					check(t, s.Record(ctx, bff.Result{ID: "one", Token: e.Lease.Token, Outcome: failed}))
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
				if err := s.Record(ctx, bff.Result{ID: "one", Outcome: held}); err != nil && !errors.Is(err, bff.ErrFenced) {
					t.Errorf("recording: %v", err)
				}
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
					check(t, s.Record(ctx, bff.Result{ID: e.Action.ID, Token: e.Lease.Token, Outcome: out, Effect: true}))
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
				e, err := s.Begin(ctx, bff.Start{ID: "one", Owner: fmt.Sprint("w", worker), At: long, Until: long.Add(time.Hour)})
				if errors.Is(err, bff.ErrFenced) {
					return
				}
				check(t, err)
				token = e.Lease.Token
			}
			out := action.AppliedOutcome("one", fmt.Sprint(worker), 1, time.Now())
			switch err := s.Record(ctx, bff.Result{ID: "one", Token: token, Outcome: out, Effect: true}); {
			case err == nil:
				recorded.Add(1)
			case errors.Is(err, bff.ErrFenced):
				fenced.Add(1)
			default:
				t.Errorf("recording: %v", err)
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
		e, err := s.Begin(ctx, bff.Start{ID: c.Action.ID, Owner: owner, At: now, Until: now.Add(time.Minute), Provider: "salesforce", Key: c.Action.ID})
		if errors.Is(err, bff.ErrFenced) {
			continue
		}
		if check(t, err); err == nil {
			work(e)
		}
		return
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("store: %v", err)
	}
}
