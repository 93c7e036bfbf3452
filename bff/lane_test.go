package bff_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// claim puts actions of one lane into the ledger in this order.
func (b *bench) claim(lane string, items ...string) {
	b.t.Helper()
	claims := make([]bff.Claim, len(items))
	for i, item := range items {
		if err := json.Unmarshal([]byte(item), &claims[i].Action); err != nil {
			b.t.Fatal(err)
		}
		claims[i].Action.Actor = "user-001"
		claims[i].Lane, claims[i].Hash, claims[i].At = lane, claims[i].Action.ContentHash(), time.Now()
	}
	if _, err := b.ledger.Claim(b.t.Context(), claims); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) entry(id string) (bff.Entry, bool) {
	b.t.Helper()
	found, err := b.ledger.Entries(b.t.Context(), []string{id})
	if err != nil {
		b.t.Fatal(err)
	}
	e, there := found[id]
	return e, there
}

// An action that was held comes again, and by then the one after it may be in
// the ledger: it stands behind the one that waits for it.
func TestProcessor_Lane(t *testing.T) {
	for _, tt := range []struct{ name, field string }{
		{"an entry does not wait for the one before it that came later", "after"},
		{"an entry does not wait for a need of its own lane that came later", "needs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				first, second := action.NewID(), action.NewID()
				more := after(first)
				if tt.field == "needs" {
					more = `,"needs":["` + first + `"]`
				}
				b.claim("visit:v1", visit(second, more), visit(first, ""))
				p, _ := b.processor(bff.ProcessorOptions{})
				elapse(5 * time.Second)
				if e, there := b.entry(first); !there || !e.Done() {
					t.Errorf("the first is %+v", e)
				}
				if e, there := b.entry(second); there {
					t.Errorf("the second stays in its way: %+v", e)
				}
				if got := statuses(submit(t, p, visit(second, more))); got != "applied" {
					t.Errorf("sent again it is %s", got)
				}
			})
		})
	}
	t.Run("an entry waits for one of another lane that came later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			first, second := action.NewID(), action.NewID()
			b.claim("visit:v2", visit(second, `,"needs":["`+first+`"]`))
			b.claim("visit:v1", visit(first, ""))
			b.processor(bff.ProcessorOptions{})
			elapse(10 * time.Second)
			if e, there := b.entry(second); !there || !e.Done() {
				t.Errorf("the second is %+v", e)
			}
		})
	})
}
