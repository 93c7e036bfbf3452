package bff

import (
	"sync"
	"time"
)

// maxGathered limits what goes together, so that the first does not wait long
// for the last.
const maxGathered = 1000

// gather hands items to a function, many at a time: those that come while it
// works on earlier ones go together when it is done. So a store that takes its
// time takes much at once, and an item that comes alone does not wait.
type gather[T any] struct {
	// spawn runs a function in a goroutine that somebody waits for.
	spawn func(func())
	do    func([]T)
	// weigh is how much of maxGathered an item is. Nil: each is 1.
	weigh func(T) int
	// apart hands over each item by itself and at once.
	apart bool
	// linger is how long what comes waits for more before it goes.
	linger time.Duration

	mu      sync.Mutex
	queue   []T
	running bool
}

// add hands items over. It may be called while do runs, also by do itself.
func (g *gather[T]) add(items ...T) {
	if g.apart {
		for _, item := range items {
			g.spawn(func() { g.do([]T{item}) })
		}
		return
	}
	if len(items) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue = append(g.queue, items...)
	if !g.running {
		g.running = true
		g.spawn(g.run)
	}
}

func (g *gather[T]) run() {
	for g.any() {
		if g.linger > 0 {
			<-time.After(g.linger)
		}
		g.do(g.next())
	}
}

// any reports whether something is there. Else what comes next begins to run
// again.
func (g *gather[T]) any() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running = len(g.queue) > 0
	return g.running
}

func (g *gather[T]) next() []T {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, weight := 0, 0
	for n < len(g.queue) && (n == 0 || weight < maxGathered) {
		if g.weigh == nil {
			weight++
		} else {
			weight += g.weigh(g.queue[n])
		}
		n++
	}
	batch := g.queue[:n:n]
	g.queue = g.queue[n:]
	return batch
}
