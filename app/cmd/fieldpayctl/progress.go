package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// redrawEvery keeps a fast command from writing more to the terminal than it
// does work.
const redrawEvery = 100 * time.Millisecond

// progress is one line on a terminal that says how far a command is. Where
// standard error is no terminal it says nothing.
type progress struct {
	out   io.Writer // nil: say nothing
	width int
	verb  string
	began time.Time

	mu          sync.Mutex
	done, total int
	moved       time.Time // when done changed last
	drawn       time.Time
	stop        chan struct{}
	owner       sync.WaitGroup
}

// progress begins a line, e.g. "Sending". The caller ends it. A command whose
// results come out one by one says withResults: where they go to a terminal they
// are progress enough, and the line would get between them.
func (s *session) progress(verb string, withResults bool) *progress {
	p := &progress{verb: verb, began: time.Now(), moved: time.Now(), stop: make(chan struct{})}
	_, shown := terminal(s.err)
	_, results := terminal(s.out)
	if !shown || s.getenv("TERM") == "dumb" || withResults && results {
		return p
	}
	p.out, p.width = s.err, s.width(s.err)
	p.owner.Go(p.tick)
	return p
}

// tick draws the line while nothing moves too: that something takes long is
// what a person wants to know.
func (p *progress) tick() {
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			p.mu.Lock()
			p.draw(time.Now())
			p.mu.Unlock()
		case <-p.stop:
			return
		}
	}
}

// show says how many are done, of how many; 0 when that is not known.
func (p *progress) show(done, total int) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if done != p.done {
		p.moved = now
	}
	p.done, p.total = done, max(total, p.total)
	if now.Sub(p.drawn) >= redrawEvery {
		p.draw(now)
	}
}

func (p *progress) draw(now time.Time) {
	p.drawn = now
	fmt.Fprintf(p.out, "\r\x1b[K%s", cut(p.line(now), p.width-1))
}

// line is the sentence: what is done, how fast, and how long it may take.
func (p *progress) line(now time.Time) string {
	elapsed := now.Sub(p.began)
	text := p.verb + "  " + grouped(p.done)
	if p.total > 0 {
		text += " of " + grouped(p.total) + fmt.Sprintf("  (%d %%)", 100*min(p.done, p.total)/p.total)
	}
	if still := now.Sub(p.moved); still >= 2*time.Second {
		return text + fmt.Sprintf("  nothing new for %.0f s", still.Seconds())
	}
	rate := float64(p.done) / elapsed.Seconds()
	if elapsed < redrawEvery || p.done == 0 {
		return text
	}
	text += "  " + grouped(int(rate)) + "/s"
	if left := p.total - p.done; left > 0 && rate > 0 {
		text += fmt.Sprintf("  %s left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return text
}

// end takes the line away and returns how long it all took.
func (p *progress) end() time.Duration {
	took := time.Since(p.began)
	if p.out == nil {
		return took
	}
	close(p.stop)
	p.owner.Wait()
	fmt.Fprint(p.out, "\r\x1b[K")
	p.out = nil
	return took
}

// grouped writes a number as people read it: 12,345.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, parts...), ",")
}

// rated is a count with its rate: "12,345 in 2.1 s (5,878/s)".
func rated(n int, took time.Duration) string {
	return fmt.Sprintf("%s in %.1f s (%s/s)", grouped(n), took.Seconds(), grouped(int(float64(n)/max(took.Seconds(), 0.001))))
}
