package bff_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

var errCrash = errors.New("the process died")

// crashing is a ledger whose process dies at some write: the write is lost or
// made, and nothing after it works.
type crashing struct {
	bff.Ledger
	mu sync.Mutex
	// left counts the calls until the crash; the crash is after the call has
	// had its effect when done is set.
	left int
	done bool
}

func (c *crashing) meet(call func() error) error {
	c.mu.Lock()
	c.left--
	left := c.left
	c.mu.Unlock()
	if left > 0 {
		return call()
	}
	if left == 0 && c.done {
		if err := call(); err != nil {
			return err
		}
	}
	return errCrash
}

func (c *crashing) Claim(ctx context.Context, claims []bff.Claim) (claimed []bff.Claimed, err error) {
	err = c.meet(func() (err error) { claimed, err = c.Ledger.Claim(ctx, claims); return err })
	return claimed, err
}

func (c *crashing) Heads(ctx context.Context, lanes []string) (heads map[string]bff.Entry, err error) {
	err = c.meet(func() (err error) { heads, err = c.Ledger.Heads(ctx, lanes); return err })
	return heads, err
}

func (c *crashing) Begin(ctx context.Context, starts []bff.Start) (begun map[string]bff.Begun, err error) {
	err = c.meet(func() (err error) { begun, err = c.Ledger.Begin(ctx, starts); return err })
	return begun, err
}

func (c *crashing) Record(ctx context.Context, results []bff.Result) (fenced []string, err error) {
	err = c.meet(func() (err error) { fenced, err = c.Ledger.Record(ctx, results); return err })
	return fenced, err
}

func (c *crashing) Due(ctx context.Context, owner string, now time.Time, limit int) ([]string, error) {
	c.mu.Lock()
	dead := c.left <= 0
	c.mu.Unlock()
	if dead {
		return nil, errCrash
	}
	return c.Ledger.Due(ctx, owner, now, limit)
}

// A server dies at each of its steps in turn; the next one, or another one,
// finishes the work, and every action has one effect, in order.
func TestProcessor_Crash(t *testing.T) {
	for _, heir := range []string{"the same server", "another server"} {
		for _, done := range []bool{false, true} {
			for step := 1; step <= 12; step++ {
				t.Run(fmt.Sprintf("step %d, written %v, then %s", step, done, heir), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { crashAt(t, step, done, heir) })
				})
			}
		}
	}
}

func crashAt(t *testing.T, step int, done bool, heir string) {
	bench := newBench(t)
	a, b, c := action.NewID(), action.NewID(), action.NewID()
	items := []string{invoiceOf(a, ""), paymentOn(b, a, 400, after(a)), paymentOn(c, a, 600, after(b))}
	dying, end := bench.processor(bff.ProcessorOptions{Owner: "the same server", Ledger: &crashing{Ledger: bench.ledger, left: step, done: done}})
	_, err := dying.Submit(t.Context(), bff.Batch{Actor: "user-001", Items: rawMessages(items...)})
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatalf("submitting: %v", err)
	}
	end()
	heirOf, end := bench.processor(bff.ProcessorOptions{Owner: heir})
	defer end()
	// The device re-sends what it got no answer for, and again when told to wait.
	for range 3 {
		submit(t, heirOf, items...)
		elapse(time.Minute)
	}
	if got := statuses(submit(t, heirOf, items...)); got != "applied applied applied" {
		t.Errorf("outcomes %s", got)
	}
	if order := bench.crm.Order(); !slices.Equal(order, []string{a, b, c}) {
		t.Errorf("effects %v, want %v", order, []string{a, b, c})
	}
	if inv, err := bench.crm.Invoice(t.Context(), a); err != nil || inv.Paid != 1000 {
		t.Errorf("paid %d %v", inv.Paid, err)
	}
}

func TestProcessor_Interrupted(t *testing.T) {
	t.Run("a lost answer and a broken adapter make no second effect", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id := action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: down(), AfterEffect: true}, bfftest.Fault{Panic: true, AfterEffect: true}, bfftest.Fault{Panic: true})
			if got := statuses(submit(t, p, paymentOn(id, "inv-002", 5, ""))); got != "accepted:salesforce_unavailable" {
				t.Error(got)
			}
			elapse(time.Minute)
			if got := statuses(submit(t, p, paymentOn(id, "inv-002", 5, ""))); got != "applied" {
				t.Error(got)
			}
			inv, err := bench.crm.Invoice(t.Context(), "inv-002")
			if err != nil || inv.Paid != 5 || bench.crm.Calls(id) != 4 {
				t.Errorf("paid %d in %d calls, %v", inv.Paid, bench.crm.Calls(id), err)
			}
		})
	})
	t.Run("the end of the server cuts off what takes too long, and the next start resumes it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			bench.crm.Delay(25 * time.Second)
			p, end := bench.processor(bff.ProcessorOptions{Owner: "one"})
			id := action.NewID()
			if got := statuses(submit(t, p, visit(id, ""))); got != "accepted" {
				t.Error(got)
			}
			began := time.Now()
			end()
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v to end", took)
			}
			bench.crm.Delay(0)
			next, end := bench.processor(bff.ProcessorOptions{Owner: "two"})
			defer end()
			elapse(5 * time.Second)
			if found, _, err := next.Outcomes(t.Context(), bff.Batch{Actor: "user-001"}, []string{id}); err != nil || statuses(found) != "applied" {
				t.Errorf("%+v %v", found, err)
			}
		})
	})
	t.Run("a client that goes away does not end the work", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			bench.crm.Delay(2 * time.Second)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id := action.NewID()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := p.Submit(ctx, bff.Batch{Actor: "user-001", Items: rawMessages(visit(id, ""))}); err != nil {
				t.Errorf("submitting: %v", err)
			}
			elapse(5 * time.Second)
			if found, _, err := p.Outcomes(t.Context(), bff.Batch{Actor: "user-001"}, []string{id}); err != nil || statuses(found) != "applied" {
				t.Errorf("%+v %v", found, err)
			}
		})
	})
}

// Connections that overtake each other bring a lane in any order; each is sent
// again until it is settled.
func TestProcessor_Overtaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bench := newBench(t)
		bench.crm.Delay(50 * time.Millisecond)
		p, end := bench.processor(bff.ProcessorOptions{})
		defer end()
		const n = 6
		ids, items := make([]string, n), make([]string, n)
		for i := range n {
			ids[i] = action.NewID()
			more := ""
			if i > 0 {
				more = after(ids[i-1])
			}
			items[i] = paymentOn(ids[i], "inv-002", int64(i+1), more)
		}
		var work sync.WaitGroup
		for i := range n {
			work.Go(func() {
				elapse(time.Duration(n-i) * time.Millisecond)
				for statuses(submit(t, p, items[i])) != "applied" {
					elapse(100 * time.Millisecond)
				}
			})
		}
		work.Wait()
		if order := bench.crm.Order(); !slices.Equal(order, ids) {
			t.Errorf("effects %v, want %v", order, ids)
		}
	})
}
