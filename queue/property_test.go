package queue_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// Whatever the server answers, whichever calls fail, and whatever people decide
// in between: every action has at most one effect, the effects of a lane come in
// the order of their places, nothing disappears, and once faults stop all that
// can end has ended.
func TestReplay_order(t *testing.T) {
	folder := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n > orderScripts && flag.Lookup("rapid.checks").Value.String() == flag.Lookup("rapid.checks").DefValue {
			return // more only where somebody asks for more
		}
		path := filepath.Join(folder, fmt.Sprintf("%d.db", n))
		script := drawScript(rt)
		good := t.Run(fmt.Sprint("script ", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &device{t: t, path: path, server: queuetest.NewServer(), stop: func() {}}
				d.open()
				defer d.shut()
				script.play(d)
				checkEffects(t, d)
				checkHistories(t, d)
			})
		})
		if !good {
			rt.Fatalf("script %v", script)
		}
	})
}

type step struct {
	kind   string
	lane   int
	answer action.Code
	seed   int
}

type script []step

func drawScript(rt *rapid.T) script {
	codes := []action.Code{
		"", "", "", action.SalesforceDown, action.RecordLocked, action.VersionConflict, action.UnknownInvoice,
		action.UnknownType, action.AnswerLost, action.Offline, action.RateLimited, action.Portal, action.TooLarge,
	}
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
		return step{
			kind: rapid.SampledFrom([]string{
				"append", "append", "append", "answer", "cut", "lose", "wait", "retry", "edit", "discard", "restart",
			}).Draw(rt, "kind"),
			lane:   rapid.IntRange(1, 3).Draw(rt, "lane"),
			answer: rapid.SampledFrom(codes).Draw(rt, "answer"),
			seed:   rapid.IntRange(0, 99).Draw(rt, "seed"),
		}
	}), 1, 40).Draw(rt, "script")
}

func (s script) play(d *device) {
	d.run()
	for _, st := range s {
		st.play(d)
		d.rest()
	}
	d.server.Decide(nil)
	d.server.Down(nil)
	d.server.Calm()
	d.replay.SignedIn()
	d.after(7 * time.Minute)
}

func (st step) play(d *device) {
	ctx := context.Background()
	lane := fmt.Sprintf("inv-%03d", st.lane)
	switch st.kind {
	case "append":
		keep(d.t, d.journal, payment(lane, int64(st.seed+1), "usd"))
	case "answer":
		d.server.Decide(func(a action.Action) action.Outcome {
			if st.answer == "" || a.Lane != "invoice:"+lane {
				return action.AppliedOutcome(a.ID, "sf-1", 1, time.Now())
			}
			return failure(st.answer)(a)
		})
	case "cut":
		d.server.Fault(queuetest.Fault{Before: fault(st.answer)}, queuetest.Fault{Delay: time.Duration(st.seed) * time.Second})
	case "lose":
		d.server.Fault(queuetest.Fault{After: fault(action.AnswerLost)})
	case "wait":
		d.after(time.Duration(st.seed) * 10 * time.Second)
	case "restart":
		d.shut()
		d.open()
		d.run()
	default:
		st.decide(ctx, d)
	}
}

// decide picks an action as a person would. Refusals are part of the play.
func (st step) decide(ctx context.Context, d *device) {
	page, err := d.journal.List(ctx, queue.Filter{Limit: 500})
	if err != nil {
		d.t.Fatal(err)
	}
	if len(page.Items) == 0 {
		return
	}
	item := page.Items[st.seed%len(page.Items)]
	switch st.kind {
	case "retry":
		_, err = d.journal.Retry(ctx, item.ID, "rep-1")
	case "discard":
		_, err = d.journal.Discard(ctx, item.ID, "rep-1", "not needed")
	case "edit":
		p, decodeErr := action.Decode(item.Action)
		if decodeErr != nil {
			d.t.Fatal(decodeErr)
		}
		edited := *p.(*action.RecordPayment)
		edited.Amount++
		_, err = d.journal.Replace(ctx, item.ID, queue.Draft{Payload: &edited})
	}
	if code := action.CodeOf(err); code != "" && code != action.NotPossible {
		d.t.Errorf("%s of %s: %v", st.kind, item.State, err)
	}
}

func checkEffects(t *testing.T, d *device) {
	t.Helper()
	wantSound(t, d.journal)
	var items []queue.Item
	exported(t, d.journal, func(item queue.Item) { items = append(items, item) })
	byID := map[string]queue.Item{}
	for i, item := range items {
		byID[item.ID] = item
		if item.Sequence != int64(i+1) {
			t.Errorf("action %d stands at %d", item.Sequence, i+1)
		}
		ended := !item.State.Open() || item.State.NeedsPerson() || item.State == queue.Held && item.BlockedBy != ""
		if !ended {
			t.Errorf("action %d is still %s", item.Sequence, item.State)
		}
	}
	var effects []string
	last := map[string]int64{}
	for _, a := range d.server.Effects() {
		if slices.Contains(effects, a.ID) {
			t.Errorf("%s took effect twice", a.ID)
		}
		effects = append(effects, a.ID)
		item := byID[a.ID]
		if at := placeOf(byID, item); at <= last[item.Lane] {
			t.Errorf("action %d took effect out of its turn", item.Sequence)
		} else {
			last[item.Lane] = at
		}
	}
	for _, item := range items {
		if took := slices.Contains(effects, item.ID); took != (item.State == queue.Applied) {
			t.Errorf("action %d is %s and took effect: %v", item.Sequence, item.State, took)
		}
	}
}

// checkHistories follows every action from its first step: each is a move of the
// table from where the one before led, the last is where the action stands, and
// what took effect is what was kept, to the byte.
func checkHistories(t *testing.T, d *device) {
	t.Helper()
	kept := map[string]queue.Item{}
	exported(t, d.journal, func(item queue.Item) { kept[item.ID] = item })
	for id, item := range kept {
		steps, err := d.journal.History(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		var at queue.State
		for i, s := range steps {
			if s.From != at || !queue.Allowed(s.From, s.Cause, s.To) {
				t.Errorf("step %d of action %d leads from %q by %s to %s; it stood at %q", i+1, item.Sequence, s.From, s.Cause, s.To, at)
			}
			at = s.To
		}
		if at != item.State && item.State != queue.Held {
			t.Errorf("action %d is %s, and its history ends at %s", item.Sequence, item.State, at)
		}
	}
	for _, a := range d.server.Effects() {
		if !bytes.Equal(a.Payload, kept[a.ID].Payload) {
			t.Errorf("%s took effect as %s and was kept as %s", a.ID, a.Payload, kept[a.ID].Payload)
		}
	}
}

// placeOf is an action's turn in its lane: that of the first one it was edited
// from.
func placeOf(byID map[string]queue.Item, item queue.Item) int64 {
	for item.Replaces != "" {
		item = byID[item.Replaces]
	}
	return item.Sequence
}
