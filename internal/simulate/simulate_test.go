package simulate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// actions is how many things people do in one schedule.
const actions = 40

// result is what one schedule left.
type result struct {
	seed     uint64
	failures []string
	trace    *trace
	tally    map[sometimes]int
	drained  time.Duration
	took     time.Duration // virtual
}

// simulate runs one schedule in a bubble of virtual time.
func simulate(t *testing.T, seed uint64, p plan, folder string) (r result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := newWorld(seed, p, folder)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		r.drained = w.run()
		w.check()
		w.close()
		r.seed, r.failures, r.tally, r.took = seed, w.failed(), w.trace.tally, time.Since(began)
		r.trace = w.trace
	})
	return r
}

func (r result) report(t *testing.T) {
	t.Helper()
	if len(r.failures) > 0 {
		t.Error(r.told())
	}
}

func TestCalm(t *testing.T) {
	t.Run("ten actions of one device all arrive when nothing goes wrong", func(t *testing.T) {
		p := die(1).plan(10, false)
		p.devices, p.offices = 1, 1
		r := simulate(t, 1, p, t.TempDir())
		t.Log(r.trace)
		r.report(t)
	})
	t.Run("three devices and two servers get on with each other", func(t *testing.T) {
		p := die(2).plan(actions, false)
		p.devices, p.offices = 3, 2
		simulate(t, 2, p, t.TempDir()).report(t)
	})
}

// TestSeed replays one schedule and prints it step by step.
func TestSeed(t *testing.T) {
	seed := wholeNumber(t, "FIELDPAY_SIMULATE_SEED", 1)
	p := die(seed).plan(actions, true)
	r := simulate(t, seed, p, t.TempDir())
	t.Logf("seed %d: %v\n%s", seed, p, r.trace)
	r.report(t)
}

// TestDeterminism proves that a printed seed shows what happened.
func TestDeterminism(t *testing.T) {
	differ := 0
	for seed := range uint64(pairs) {
		first := simulate(t, seed, die(seed).plan(actions, true), t.TempDir())
		again := simulate(t, seed, die(seed).plan(actions, true), t.TempDir())
		if a, b := inOrder(first.trace.String()), inOrder(again.trace.String()); !slices.Equal(a, b) {
			differ++
			t.Errorf("seed %d takes another course the second time:\n%s", seed, difference(a, b))
		}
	}
	t.Logf("%d of %d pairs differ", differ, pairs)
}

// inOrder is a trace by time and text: steps of one moment have no order of
// their own.
func inOrder(trace string) []string {
	lines := strings.Split(trace, "\n")
	slices.Sort(lines)
	return lines
}

// difference is where two traces part.
func difference(as, bs []string) string {
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("%s\n--\n%s", strings.Join(as[max(0, i-2):min(len(as), i+3)], "\n"), strings.Join(bs[max(0, i-2):min(len(bs), i+3)], "\n"))
		}
	}
	return fmt.Sprintf("%d lines, %d lines", len(as), len(bs))
}

// TestKnownSeeds are schedules that were wrong once.
func TestKnownSeeds(t *testing.T) {
	for seed, story := range map[uint64]string{
		19:     "the late copy of a batch is no journal that was rolled back",
		173:    "a page of something in between is no proof that an invoice is gone",
		261:    "an action that was held and sent again does not block the one behind it",
		301:    "a page of something in between does not log a visit",
		371:    "an unconfirmed action whose need was given up can be given up too",
		1135:   "what needs an action that was edited twice names the last edit",
		1521:   "what the server holds for a reason of its own waits its time",
		514:    "a clock that is set back is seen by a process too that did not write first",
		393:    "what comes after an applied action does not wait for an edit of it from an older journal",
		500075: "money is booked though something else acknowledged its event and the person gave its report up",
	} {
		t.Run(story, func(t *testing.T) { simulate(t, seed, die(seed).plan(actions, true), t.TempDir()).report(t) })
	}
}
