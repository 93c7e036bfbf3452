package simulate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	if len(r.failures) == 0 {
		return
	}
	if folder := os.Getenv("FIELDPAY_SIMULATE_TRACES"); folder != "" {
		_ = os.WriteFile(filepath.Join(folder, strconv.FormatUint(r.seed, 10)), []byte(r.trace.String()), 0o600)
	}
	t.Errorf("seed %d:\n  %s\nstep by step: FIELDPAY_SIMULATE_SEED=%d go test -v -run TestSeed ./internal/simulate",
		r.seed, strings.Join(r.failures, "\n  "), r.seed)
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

// TestSeed replays one schedule step by step.
func TestSeed(t *testing.T) {
	seed, err := strconv.ParseUint(number("FIELDPAY_SIMULATE_SEED", "1"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	r := simulate(t, seed, die(seed).plan(actions, true), t.TempDir())
	t.Logf("%+v\n%s", die(seed).plan(actions, true), r.trace)
	r.report(t)
}

func number(name, otherwise string) string {
	if text := os.Getenv(name); text != "" {
		return text
	}
	return otherwise
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

// TestSchedules is the short form, or a longer one by
// FIELDPAY_SIMULATE_SCHEDULES, from the seed FIELDPAY_SIMULATE_FROM on.
func TestSchedules(t *testing.T) {
	wanted, err := strconv.ParseUint(number("FIELDPAY_SIMULATE_SCHEDULES", strconv.Itoa(shortSchedules)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	first, err := strconv.ParseUint(number("FIELDPAY_SIMULATE_FROM", "1"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s := &series{next: first, end: first + wanted, tally: tallies{}}
	if os.Getenv("FIELDPAY_SIMULATE_SCHEDULES") == "" {
		s.until = time.Now().Add(shortTime)
	}
	// A schedule makes much that lives for moments, and little that stays.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	began := time.Now()
	t.Run("all", func(t *testing.T) {
		for i := range workers {
			t.Run(fmt.Sprintf("worker %d", i), func(t *testing.T) {
				t.Parallel()
				s.work(t)
			})
		}
	})
	t.Logf("%d schedules of %d actions, %.1f a second, %v of virtual time, drained within %v\n%s",
		s.done, actions, float64(s.done)/time.Since(began).Seconds(), s.took.Round(time.Hour), s.slowest.Round(time.Second), s.tally)
	for _, what := range everyRareEvent() {
		if s.done >= enough && s.tally[what] == 0 {
			t.Errorf("never: %s", what)
		}
	}
}

// workers is how many schedules run side by side.
const workers = 2

// series hands out seeds and adds up what came of them.
type series struct {
	mu        sync.Mutex
	next, end uint64
	until     time.Time // zero: no limit
	done      int
	bad       int
	tally     tallies
	took      time.Duration
	slowest   time.Duration
}

// enough is how many schedules should have met every rare event.
const enough = 500

// maxBad is after how many bad seeds a series ends.
const maxBad = 10

func (s *series) work(t *testing.T) {
	folder := t.TempDir()
	for {
		seed, more := s.take()
		if !more {
			return
		}
		own := filepath.Join(folder, strconv.FormatUint(seed, 10))
		if err := os.Mkdir(own, 0o700); err != nil {
			t.Fatal(err)
		}
		r := simulate(t, seed, die(seed).plan(actions, true), own)
		if err := os.RemoveAll(own); err != nil {
			t.Fatal(err)
		}
		r.report(t)
		s.note(r)
	}
}

func (s *series) take() (seed uint64, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= s.end || s.bad >= maxBad || !s.until.IsZero() && time.Now().After(s.until) {
		return 0, false
	}
	s.next++
	return s.next - 1, true
}

func (s *series) note(r result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
	s.took += r.took
	s.slowest = max(s.slowest, r.drained)
	s.tally.add(r.tally)
	if len(r.failures) > 0 {
		s.bad++
	}
}

// TestKnownSeeds are schedules that were wrong once.
func TestKnownSeeds(t *testing.T) {
	for seed, story := range map[uint64]string{
		173: "a page of something in between is no proof that an invoice is gone",
		261: "an action that was held and sent again does not block the one behind it",
		301: "a page of something in between does not log a visit",
		371: "an unconfirmed action whose need was given up can be given up too",
	} {
		t.Run(story, func(t *testing.T) { simulate(t, seed, die(seed).plan(actions, true), t.TempDir()).report(t) })
	}
}
