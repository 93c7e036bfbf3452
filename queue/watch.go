package queue

import (
	"sync"
	"time"
)

// watchEvery is how often the journal looks for writes of other processes while
// somebody listens.
const watchEvery = time.Second

// broadcast tells any number of listeners that something changed. Signals
// coalesce: a listener that is busy finds one signal, not a queue of them.
type broadcast struct {
	mu        sync.Mutex
	listeners map[chan struct{}]bool
	// onFirst and onLast, where set, run when the first listener comes and after
	// the last one went.
	onFirst, onLast func()
}

func (b *broadcast) subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[chan struct{}]bool{}
	}
	b.listeners[c] = true
	if len(b.listeners) == 1 && b.onFirst != nil {
		b.onFirst()
	}
	return c, func() { b.unsubscribe(c) }
}

func (b *broadcast) unsubscribe(c chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.listeners[c] {
		return
	}
	delete(b.listeners, c)
	if len(b.listeners) == 0 && b.onLast != nil {
		b.onLast()
	}
}

func (b *broadcast) signal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// watcher looks every second whether another process has written.
type watcher struct {
	peek  func()
	quit  chan struct{}
	stop  chan struct{}
	owner sync.WaitGroup
}

// start is called under the lock of the broadcast.
func (w *watcher) start() {
	stop := make(chan struct{})
	w.stop = stop
	w.owner.Go(func() { w.loop(stop) })
}

// finish is called under the lock of the broadcast.
func (w *watcher) finish() { close(w.stop) }

func (w *watcher) loop(stop <-chan struct{}) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		case <-w.quit:
			return
		}
		w.peek()
	}
}
