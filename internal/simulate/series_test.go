package simulate_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// form is how much is simulated: as many schedules as there is time for.
type form struct {
	schedules uint64
	time      time.Duration // zero: no limit
}

// formOf is the form that the environment asks for by FIELDPAY_SIMULATE, or
// the one that suits the build. A number of schedules lifts the limit of time.
func formOf(t *testing.T) form {
	t.Helper()
	name := number("FIELDPAY_SIMULATE", usualForm)
	f, known := map[string]form{
		"short": {schedules: 20_000, time: 150 * time.Second},
		"race":  {schedules: 300, time: 60 * time.Second},
		"long":  {schedules: 10_000_000},
	}[name]
	if !known {
		t.Fatalf("FIELDPAY_SIMULATE=%s: want short, race or long", name)
	}
	if n := wholeNumber(t, "FIELDPAY_SIMULATE_SCHEDULES", 0); n > 0 {
		f = form{schedules: n}
	}
	return f
}

func number(name, otherwise string) string {
	if text := os.Getenv(name); text != "" {
		return text
	}
	return otherwise
}

func wholeNumber(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(number(name, strconv.FormatUint(otherwise, 10)), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// A series ends early after so many bad seeds, and should have met every rare
// event after so many schedules.
const (
	maxBad = 10
	enough = 500
)

// shardSize is how many schedules one process runs. SQLite in Go has one lock
// for all memory, so that two workers of one process stand in each other's way;
// and a process that ends gives everything back, however long the series is.
const shardSize = 100

// TestSchedules runs the form that is asked for, from the seed
// FIELDPAY_SIMULATE_FROM on, one process a core.
func TestSchedules(t *testing.T) {
	f, first := formOf(t), wholeNumber(t, "FIELDPAY_SIMULATE_FROM", 1)
	began := time.Now()
	s := &series{next: first, end: first + f.schedules, sum: outcome{Tally: tallies{}}}
	if f.time > 0 {
		s.until = began.Add(f.time)
	}
	folder := t.TempDir()
	var all sync.WaitGroup
	for range runtime.NumCPU() {
		all.Go(func() { s.work(t, folder) })
	}
	all.Wait()
	sum := s.sum
	t.Logf("%d schedules of %d actions, %.1f a second, %v of virtual time, drained within %v\n%s", sum.Done, actions,
		float64(sum.Done)/time.Since(began).Seconds(), sum.Took.Round(time.Hour), sum.Slowest.Round(time.Second), sum.Tally)
	for _, what := range everyRareEvent() {
		if sum.Done >= enough && sum.Tally[what] == 0 {
			t.Errorf("never: %s", what)
		}
	}
}

// outcome is what came of several schedules. Processes hand it over as JSON.
type outcome struct {
	Done    int
	Bad     []string // what was wrong, a seed each
	Tally   tallies
	Took    time.Duration // virtual
	Slowest time.Duration
}

func (o *outcome) add(more outcome) {
	o.Done += more.Done
	o.Bad = append(o.Bad, more.Bad...)
	o.Took += more.Took
	o.Slowest = max(o.Slowest, more.Slowest)
	o.Tally.add(more.Tally)
}

// series hands out seeds and adds up what came of them.
type series struct {
	until time.Time // zero: no limit

	mu        sync.Mutex
	next, end uint64
	sum       outcome
}

func (s *series) take() (first, count uint64, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= s.end || len(s.sum.Bad) >= maxBad || !s.until.IsZero() && time.Now().After(s.until) {
		return 0, 0, false
	}
	first, count = s.next, min(shardSize, s.end-s.next)
	s.next += count
	return first, count, true
}

func (s *series) work(t *testing.T, folder string) {
	for {
		first, count, more := s.take()
		if !more {
			return
		}
		o, err := s.shard(t, folder, first, count)
		if err != nil { // it died: a panic, or a bubble that cannot end
			o.Bad = append(o.Bad, fmt.Sprintf("one of the seeds %d to %d: %v", first, first+count-1, err))
		}
		for _, what := range o.Bad {
			t.Error(what)
		}
		s.mu.Lock()
		s.sum.add(o)
		s.mu.Unlock()
	}
}

// shard runs some schedules in a process of their own.
func (s *series) shard(t *testing.T, folder string, first, count uint64) (o outcome, err error) {
	file := filepath.Join(folder, strconv.FormatUint(first, 10))
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestShard$", "-test.timeout=0")
	c.Env = append(os.Environ(), "GOMAXPROCS=1", "FIELDPAY_SHARD_OUTCOME="+file,
		fmt.Sprintf("FIELDPAY_SHARD_FROM=%d", first), fmt.Sprintf("FIELDPAY_SHARD_SCHEDULES=%d", count))
	if !s.until.IsZero() {
		c.Env = append(c.Env, "FIELDPAY_SHARD_UNTIL="+s.until.Format(time.RFC3339Nano))
	}
	said, err := c.CombinedOutput()
	text, readErr := os.ReadFile(file)
	if readErr != nil {
		return o, fmt.Errorf("%w: %s", err, tail(said))
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("reading the outcome: %w", err)
	}
	return o, os.Remove(file)
}

// tail is the end of what a process said: where a panic says why.
func tail(said []byte) string { return string(said[max(0, len(said)-8<<10):]) }

// TestShard runs schedules one after another, for TestSchedules; one, when it is
// not told how many.
func TestShard(t *testing.T) {
	first, count := wholeNumber(t, "FIELDPAY_SHARD_FROM", 1), wholeNumber(t, "FIELDPAY_SHARD_SCHEDULES", 1)
	until, err := time.Parse(time.RFC3339Nano, number("FIELDPAY_SHARD_UNTIL", "9999-01-01T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	file := number("FIELDPAY_SHARD_OUTCOME", filepath.Join(t.TempDir(), "outcome"))
	// A schedule makes much that lives for moments, and little that stays.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	folder, sum := t.TempDir(), outcome{Tally: tallies{}}
	for seed := first; seed < first+count && time.Now().Before(until); seed++ {
		r := simulate(t, seed, die(seed).plan(actions, true), folder)
		one := outcome{Done: 1, Tally: r.tally, Took: r.took, Slowest: r.drained}
		if len(r.failures) > 0 {
			one.Bad = append(one.Bad, r.told())
		}
		sum.add(one)
	}
	text, err := json.Marshal(sum)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// told is what was wrong, and how to look at it. FIELDPAY_SIMULATE_TRACES names
// a folder that gets the steps of every schedule that went wrong.
func (r result) told() string {
	text := fmt.Sprintf("seed %d:\n  %s\nstep by step: FIELDPAY_SIMULATE_SEED=%d go test -v -run TestSeed ./internal/simulate",
		r.seed, strings.Join(r.failures, "\n  "), r.seed)
	if folder := os.Getenv("FIELDPAY_SIMULATE_TRACES"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, strconv.FormatUint(r.seed, 10)), []byte(r.trace.String()), 0o600); err != nil {
			text += "\n" + err.Error()
		}
	}
	return text
}
