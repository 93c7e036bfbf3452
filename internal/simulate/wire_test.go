package simulate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"
)

// wire is the transport of one sender to one kind of receiver.
type wire struct {
	w    *world
	from string
	hop  hop
	// gone reports that the sender's process is dead: nothing leaves it, and
	// nothing reaches it.
	gone func() bool
	// reach finds who takes the call; nil means that nobody listens.
	reach func(key string, n int) *receiver
	// replied, where set, sees an answer that has reached the sender's machine.
	replied func(r *http.Request)
}

// receiver is who takes calls at one moment.
type receiver struct {
	http.Handler
	name string
	gone func() bool
	// served, where set, sees what the receiver did, whether or not the answer
	// gets back.
	served func(r *http.Request, body []byte, a *answer)
}

// The errors of a wire, as sockets give them.
var (
	errRefused = errors.New("connection refused")
	errReset   = errors.New("connection reset by peer")
)

// RoundTrip implements http.RoundTripper.
func (x *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	tracer := httptrace.ContextClientTrace(r.Context())
	if tracer != nil && tracer.GetConn != nil {
		tracer.GetConn(r.URL.Host)
	}
	// By now an id that this call is the first to know has its name.
	if !pause(r.Context(), time.Millisecond) {
		return nil, r.Context().Err()
	}
	if x.hop == toWebhook {
		if err := x.w.sleepOver(r.Context()); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(r.Context(), webhookPatience)
		defer cancel()
		r = r.WithContext(ctx)
	}
	key := x.key(r, body)
	n := x.w.count(key)
	f := x.w.fate(x.hop, key, n)
	a, err := x.carry(r, body, f, key, n, tracer)
	x.w.sawFault(x.hop, f.fault, a)
	x.w.trace.add("%s (call %d): %s%s", key, n+1, f.fault.of(f.extra), a.summary(err))
	if x.gone() {
		return nil, errReset
	}
	if x.replied != nil {
		if x.replied(r); x.gone() {
			return nil, errReset
		}
	}
	if err != nil {
		return nil, err
	}
	return a.response(r, f.fault == replyCut), nil
}

// webhookPatience is how long Stripe waits for an answer.
const webhookPatience = 10 * time.Second

// sleepOver fails the calls of Stripe that find the offices closed, but not
// before the morning: thousands of them would fail alike.
func (w *world) sleepOver(ctx context.Context) error {
	if !w.offices[0].closed.Load() {
		return nil
	}
	select {
	case <-w.dawn:
		return errRefused
	case <-ctx.Done():
		return ctx.Err()
	}
}

// carry takes a call to its receiver and the answer back.
func (x *wire) carry(r *http.Request, body []byte, f fate, key string, n int, tracer *httptrace.ClientTrace) (*answer, error) {
	if x.gone() || f.fault == refused {
		return nil, errRefused
	}
	to := x.reach(key, n)
	if to == nil {
		return nil, errRefused
	}
	if tracer != nil && tracer.WroteHeaders != nil {
		tracer.WroteHeaders()
	}
	if !pause(r.Context(), f.up) {
		return nil, r.Context().Err()
	}
	switch f.fault {
	case requestLost:
		x.w.hang(r.Context(), f.extra)
		return nil, orReset(r.Context())
	case late:
		x.w.start(func() {
			pause(context.Background(), f.extra)
			x.w.trace.saw(arrivedLate)
			x.deliver(context.Background(), to, r, body)
		})
		x.w.hang(r.Context(), f.extra/2)
		return nil, orReset(r.Context())
	case twice:
		x.w.start(func() {
			pause(context.Background(), f.extra)
			x.w.trace.saw(arrivedTwice)
			x.deliver(context.Background(), to, r, body)
		})
	case slow:
		if !pause(r.Context(), f.extra) {
			return nil, r.Context().Err()
		}
	case forged:
		return pick(portals(), f.variety).to(newAnswer()), nil
	case answered:
		return pick(refusals(x.hop), f.variety).to(newAnswer()), nil
	}
	return x.await(r, to, body, f)
}

// await hands a call over and waits for the answer, or until the sender gives
// up.
func (x *wire) await(r *http.Request, to *receiver, body []byte, f fate) (*answer, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	done := make(chan *answer, 1)
	x.w.start(func() { done <- x.deliver(ctx, to, r, body) })
	defer cancel()
	var a *answer
	select {
	case a = <-done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if !pause(r.Context(), f.down) {
		return nil, r.Context().Err()
	}
	if f.fault == replyLost {
		x.w.sawLost(x.hop, r, a)
		x.w.hang(r.Context(), f.extra)
		return a, orReset(r.Context())
	}
	if a.cut || to.gone() {
		return a, errReset
	}
	return a, nil
}

func orReset(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return errReset
}

// deliver lets the receiver work.
func (x *wire) deliver(ctx context.Context, to *receiver, r *http.Request, body []byte) *answer {
	a := newAnswer()
	if to.gone() {
		a.cut = true
		return a
	}
	in := r.Clone(ctx)
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	in.Host, in.RemoteAddr = r.URL.Host, "192.0.2.1:5000"
	func() {
		defer func() {
			if fault := recover(); fault != nil {
				if a.cut = true; fault != http.ErrAbortHandler {
					x.w.fail("%s panicked: %v", to.name, fault)
				}
			}
		}()
		to.ServeHTTP(a, in)
	}()
	if to.served != nil {
		to.served(in, body, a)
	}
	return a
}

// hands are goroutines that are used again: each new one would have to grow its
// stack to the depth of a server, step by step.
type hands chan func()

// start lets a goroutine run do.
func (w *world) start(do func()) {
	w.work.Add(1)
	select {
	case w.hands <- do: // one that is free takes it
	default:
		go func() {
			for more := true; more; do, more = <-w.hands {
				do()
				w.work.Done()
			}
		}()
	}
}

// hang lets a sender wait in vain.
func (w *world) hang(ctx context.Context, d time.Duration) { pause(ctx, d) }

func pick[T any](from []T, n uint64) T { return from[n%uint64(len(from))] }

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	return body, r.Body.Close()
}

// key names a call the same way in every run of a seed. What a device sends is
// named by its turn, what a server sends by its content, because the lanes of a
// server work side by side.
func (x *wire) key(r *http.Request, body []byte) string {
	name := x.from + " " + r.Method + " " + r.URL.Path
	switch x.hop {
	case toWebhook:
		for _, part := range x.w.trace.event.FindAll(body, -1) {
			name += " " + string(part)
		}
		return x.w.trace.rename(name)
	case toSalesforce, toStripe:
		h := fnv.New64a()
		_, _ = h.Write([]byte(x.w.trace.rename(r.URL.RawQuery + string(body)))) // a hash never fails
		return x.w.trace.rename(name) + " #" + strconv.FormatUint(h.Sum64()>>44, 36)
	default:
		return name
	}
}
