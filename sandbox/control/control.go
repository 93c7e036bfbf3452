// Package control is the back door of the sandbox: it wraps a simulated provider with fault injection, counts its
// requests and answers /__control.
//
//	GET  /__control/state    what the provider holds, what was done to it, and how often each route was called
//	POST /__control/faults   a JSON list of Rule; replaces the rules in force ([] clears them)
//	POST /__control/reset    back to the seeds, counters at zero, faults cleared
//
// Faults strike at the network's edge, around the provider: a rule may delay, refuse, cut before the work or cut
// after it. What a rule does to the inside (a failed record save, a duplicated webhook) the provider asks for
// itself with RecordFault and WebhookFault.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// MaxBody bounds a request body; both providers refuse more than this in one call.
const MaxBody = 16 << 20

// Provider is the simulated service behind a plane.
type Provider interface {
	http.Handler
	// State is everything the provider holds, ready for JSON.
	State() map[string]any
	// Reset puts the provider back to its seeds.
	Reset() error
	// ErrorReply is the body of an injected failure in the provider's own shape.
	ErrorReply(status int, code, message string) []byte
	// Route names the route of a request with its ids taken out, for the request counts.
	Route(r *http.Request) string
	// Objects are the object types that a request is about.
	Objects(r *http.Request, body []byte) []string
}

// Plane holds the rules and the counts of one listener.
type Plane struct {
	mu       sync.Mutex
	rules    []*armed
	requests map[string]int
	total    int
}

// New returns a plane without rules.
func New() *Plane { return &Plane{requests: map[string]int{}} }

type duringKey struct{}

// During returns the effect that the provider has to apply inside its execution, if a rule asked for one.
func During(ctx context.Context) (Effect, bool) {
	e, ok := ctx.Value(duringKey{}).(Effect)
	return e, ok
}

// SetRules replaces the rules in force.
func (p *Plane) SetRules(rules []Rule) error {
	next := make([]*armed, 0, len(rules))
	for i, r := range rules {
		a, err := arm(r)
		if err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
		next = append(next, a)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = next
	return nil
}

// RecordFault returns the error code that the save of one record of object must fail with.
func (p *Plane) RecordFault(method, path, object string) (code, message string, hit bool) {
	e, hit := p.pick(subject{method: method, path: path, objects: []string{object}}, Effect.onRecord)
	return e.RecordError, e.Message, hit
}

// WebhookFault returns what is to happen to the delivery of an event.
func (p *Plane) WebhookFault(event string, objects ...string) (Effect, bool) {
	return p.pick(subject{event: event, objects: objects}, Effect.onWebhook)
}

// watches reports whether any rule has an effect of the kind.
func (p *Plane) watches(kind func(Effect) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.rules, func(a *armed) bool { return kind(a.Effect) })
}

func (p *Plane) pick(s subject, kind func(Effect) bool) (Effect, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.rules {
		if kind(a.Effect) && a.fires(s) {
			return a.Effect, true
		}
	}
	return Effect{}, false
}

// Wrap puts the plane in front of a provider.
func (p *Plane) Wrap(next Provider) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, ok := strings.CutPrefix(r.URL.Path, "/__control/"); ok {
			p.serveControl(w, r, name, next)
			return
		}
		p.serve(w, r, next)
	})
}

func (p *Plane) serve(w http.ResponseWriter, r *http.Request, next Provider) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		http.Error(w, "reading the request failed", http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.count(next.Route(r))
	var effect Effect
	hit := p.watches(Effect.onRequest) // what a request is about costs more to find out
	if hit {
		effect, hit = p.pick(subjectOf(r, next.Objects(r, body)), Effect.onRequest)
	}
	if !hit {
		next.ServeHTTP(w, r)
		return
	}
	if effect.During {
		r = r.WithContext(context.WithValue(r.Context(), duringKey{}, effect))
	} else if !p.before(w, r, next, effect) {
		return
	}
	held := newHeldReply()
	next.ServeHTTP(held, r)
	p.after(w, r, next, effect, held)
}

// before applies what strikes in front of the work and reports whether the work is to be done.
func (p *Plane) before(w http.ResponseWriter, r *http.Request, next Provider, e Effect) bool {
	if !Pause(r.Context(), time.Duration(e.DelayMs)*time.Millisecond) {
		return false
	}
	if e.Cut {
		cut(w, nil)
		return false
	}
	if e.Status > 0 && !e.AfterCommit {
		writeInjected(w, next, e)
		return false
	}
	return true
}

// after applies what strikes once the work is done.
func (p *Plane) after(w http.ResponseWriter, r *http.Request, next Provider, e Effect, held *heldReply) {
	if !Pause(r.Context(), time.Duration(e.DelayReplyMs)*time.Millisecond) {
		return
	}
	switch {
	case e.DropAfterCommit:
		cut(w, nil)
	case e.Truncate:
		cut(w, held)
	case e.Status > 0 && e.AfterCommit:
		writeInjected(w, next, e)
	default:
		held.release(w)
	}
}

func (p *Plane) count(route string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests[route]++
	p.total++
}

func (p *Plane) serveControl(w http.ResponseWriter, r *http.Request, name string, next Provider) {
	switch r.Method + " " + name {
	case "GET state":
		state := next.State()
		p.addTo(state)
		writeJSON(w, http.StatusOK, state)
	case "POST faults":
		p.serveFaults(w, r)
	case "POST reset":
		if err := next.Reset(); err != nil {
			writeJSON(w, http.StatusInternalServerError, map[string]any{"error": err.Error()})
			return
		}
		p.clear()
		writeJSON(w, http.StatusOK, map[string]any{"reset": true})
	default:
		writeJSON(w, http.StatusNotFound, map[string]any{"error": "no such control: " + r.Method + " " + name})
	}
}

func (p *Plane) serveFaults(w http.ResponseWriter, r *http.Request) {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody))
	dec.DisallowUnknownFields()
	var rules []Rule
	err := dec.Decode(&rules)
	if err == nil {
		err = p.SetRules(rules)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"rules": len(rules)})
}

func (p *Plane) addTo(state map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	requests := make(map[string]int, len(p.requests))
	for k, v := range p.requests {
		requests[k] = v
	}
	faults := make([]map[string]any, 0, len(p.rules))
	for _, a := range p.rules {
		faults = append(faults, map[string]any{"rule": a.Rule, "matched": a.seen, "acted": a.acted})
	}
	state["requests"], state["requestsTotal"], state["faults"] = requests, p.total, faults
}

func (p *Plane) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules, p.requests, p.total = nil, map[string]int{}, 0
}

// Pause waits for d and reports false when the caller went away first.
func Pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func writeInjected(w http.ResponseWriter, next Provider, e Effect) {
	h := w.Header()
	body := []byte(e.Body)
	if e.Body == "" {
		body = next.ErrorReply(e.Status, e.ErrorCode, e.Message)
	}
	h.Set("Content-Type", "application/json")
	if e.ContentType != "" {
		h.Set("Content-Type", e.ContentType)
	}
	for k, v := range e.Headers {
		h.Set(k, v)
	}
	if e.RetryAfter != "" {
		h.Set("Retry-After", e.RetryAfter)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the caller may have gone; the fault was applied either way
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "encoding the reply failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // nothing is left to tell a caller who has gone
}
