package simulate_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// trace is what happened, in the order of virtual time.
type trace struct {
	mu    sync.Mutex
	began time.Time
	lines []line
	tally map[sometimes]int
	// names replaces ids that a run makes at random by names that do not change.
	names []string
	// labels are what a reader calls actions and records by; nothing depends on
	// them.
	labels []string
	// random matches what Stripe makes at random: ids of charges, and those of
	// actions that follow from the ids of payments.
	random *regexp.Regexp
	// event matches what tells the calls of a webhook apart.
	event *regexp.Regexp
}

// line is one step. Most schedules go well and nobody reads what happened, so
// it is put into words only when somebody asks.
type line struct {
	at     time.Duration
	format string
	args   []any
}

func newTrace() *trace {
	return &trace{
		began: time.Now(), tally: map[sometimes]int{},
		event:  regexp.MustCompile(`"pi_[A-Za-z0-9]+"|"type":"payment_intent[a-z_.]*"`),
		random: regexp.MustCompile(`ch_[A-Za-z0-9]{20,}|[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f-]{17}`),
	}
}

func (t *trace) add(format string, args ...any) {
	at := time.Since(t.began)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line{at, format, args})
}

// name gives an id a name from now on.
func (t *trace) name(id, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.names, id) {
		t.names = append(t.names, id, name)
	}
}

// rename writes the names that are known into a text.
func (t *trace) rename(text string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.named(text)
}

func (t *trace) named(text string) string {
	for i := 0; i < len(t.names); i += 2 {
		if strings.Contains(text, t.names[i]) {
			text = strings.ReplaceAll(text, t.names[i], t.names[i+1])
		}
	}
	if !strings.Contains(text, "ch_") && !strings.Contains(text, "-5") {
		return text // most have nothing of the kind, and the pattern is slow
	}
	return t.random.ReplaceAllString(text, "random")
}

// saw counts a rare event.
func (t *trace) saw(what sometimes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tally[what]++
}

// label gives an id a name for readers.
func (t *trace) label(id, label string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.labels = append(t.labels, id, label)
}

// String is one line a step: the virtual time since the beginning, and what
// happened then.
func (t *trace) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	words := strings.NewReplacer(t.labels...)
	for _, l := range t.lines {
		text := words.Replace(t.named(fmt.Sprintf(l.format, l.args...)))
		fmt.Fprintf(&b, "%3d:%02d:%09.6f  %s\n", int(l.at.Hours()), int(l.at.Minutes())%60, (l.at % time.Minute).Seconds(), text)
	}
	return b.String()
}

// sometimes is an event that a test without it would not have tested.
type sometimes string

// tallies adds up rare events over many schedules.
type tallies map[sometimes]int

func (t tallies) add(more map[sometimes]int) {
	for what, n := range more {
		t[what] += n
	}
}

func (t tallies) String() string {
	var b strings.Builder
	for _, what := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%9d %s\n", t[what], what)
	}
	return b.String()
}
