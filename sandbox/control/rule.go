package control

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Rule says which requests (or webhook events) go wrong, and how.
type Rule struct {
	Name   string `json:"name,omitempty"`
	Match  Match  `json:"match"`
	Effect Effect `json:"effect"`
}

// Match selects what a rule applies to. Every given field must agree; an empty match selects everything
// except the control routes themselves.
type Match struct {
	// Method is the HTTP method, any case.
	Method string `json:"method,omitempty"`
	// Path is a prefix of the URL path.
	Path string `json:"path,omitempty"`
	// PathRegex is a regular expression searched in the URL path.
	PathRegex string `json:"pathRegex,omitempty"`
	// Object is a Salesforce object name or a Stripe resource ("payment_intents"), found in the path or the body.
	Object string `json:"object,omitempty"`
	// Event is a prefix of a webhook event type; it only matters for webhook effects.
	Event string `json:"event,omitempty"`
	// After lets that many matches pass before the rule starts to act.
	After int `json:"after,omitempty"`
	// Times is how often the rule acts; 0 means always.
	Times int `json:"times,omitempty"`
	// Probability of acting on a match, 0 meaning 1; drawn from a generator started with Seed, so runs repeat.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
}

// Effect is what happens to a selected request.
type Effect struct {
	// DelayMs holds the request before the work.
	DelayMs int `json:"delayMs,omitempty"`
	// DelayReplyMs holds the reply after the work is committed.
	DelayReplyMs int `json:"delayReplyMs,omitempty"`
	// Status replaces the reply; ErrorCode and Message fill the provider's own error shape unless Body is given.
	Status      int               `json:"status,omitempty"`
	ErrorCode   string            `json:"errorCode,omitempty"`
	Message     string            `json:"message,omitempty"`
	Body        string            `json:"body,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	// RetryAfter is sent as the Retry-After header of the replaced reply.
	RetryAfter string `json:"retryAfter,omitempty"`
	// AfterCommit does the work first and then replaces the reply.
	AfterCommit bool `json:"afterCommit,omitempty"`
	// Cut closes the connection before the work.
	Cut bool `json:"cut,omitempty"`
	// DropAfterCommit does the work and closes the connection without a byte of reply.
	DropAfterCommit bool `json:"dropAfterCommit,omitempty"`
	// Truncate does the work and closes the connection in the middle of the reply body.
	Truncate bool `json:"truncate,omitempty"`
	// During moves DelayMs and Status into the execution: on Stripe the idempotency key is already taken while
	// the delay runs, and the replaced reply is stored under it. Salesforce treats it like a front-door effect.
	During bool `json:"during,omitempty"`
	// RecordError makes the save of one Salesforce record of Match.Object fail with this code, in whatever reply
	// shape the call has (UNABLE_TO_LOCK_ROW inside a composite, for example).
	RecordError string `json:"recordError,omitempty"`
	// DuplicateWebhook sends the event that many extra times.
	DuplicateWebhook int `json:"duplicateWebhook,omitempty"`
	// ReorderWebhooks holds events back until that many are waiting, then sends them newest first.
	ReorderWebhooks int `json:"reorderWebhooks,omitempty"`
	// DelayWebhookMs postpones the first delivery attempt.
	DelayWebhookMs int `json:"delayWebhookMs,omitempty"`
}

func (e Effect) onWebhook() bool {
	return e.DuplicateWebhook > 0 || e.ReorderWebhooks > 0 || e.DelayWebhookMs > 0
}

func (e Effect) onRecord() bool { return e.RecordError != "" }

func (e Effect) onRequest() bool {
	return e.DelayMs > 0 || e.DelayReplyMs > 0 || e.Status > 0 || e.Cut || e.DropAfterCommit || e.Truncate
}

// armed is a rule with its counters; the plane's lock guards it.
type armed struct {
	Rule
	path  *regexp.Regexp
	draw  *rand.Rand
	seen  int
	acted int
}

// subject is what a rule is compared with.
type subject struct {
	method, path, event string
	objects             []string
}

func arm(r Rule) (*armed, error) {
	if !r.Effect.onRequest() && !r.Effect.onRecord() && !r.Effect.onWebhook() {
		return nil, errors.New("the rule has no effect")
	}
	if p := r.Match.Probability; p < 0 || p > 1 {
		return nil, fmt.Errorf("probability %v is not between 0 and 1", p)
	}
	if s := r.Effect.Status; s != 0 && (s < 200 || s > 599) {
		return nil, fmt.Errorf("status %d is not an HTTP reply", s)
	}
	a := &armed{Rule: r, draw: rand.New(rand.NewPCG(r.Match.Seed, 0))}
	if r.Match.PathRegex == "" {
		return a, nil
	}
	re, err := regexp.Compile(r.Match.PathRegex)
	if err != nil {
		return nil, fmt.Errorf("compiling pathRegex: %w", err)
	}
	a.path = re
	return a, nil
}

// fires reports whether the rule acts on s, and counts it.
func (a *armed) fires(s subject) bool {
	if !a.selects(s) {
		return false
	}
	a.seen++
	if a.seen <= a.Match.After || (a.Match.Times > 0 && a.acted >= a.Match.Times) {
		return false
	}
	if p := a.Match.Probability; p > 0 && a.draw.Float64() >= p {
		return false
	}
	a.acted++
	return true
}

func (a *armed) selects(s subject) bool {
	m := a.Match
	if m.Method != "" && !strings.EqualFold(m.Method, s.method) {
		return false
	}
	if !strings.HasPrefix(s.path, m.Path) || !strings.HasPrefix(s.event, m.Event) {
		return false
	}
	if a.path != nil && !a.path.MatchString(s.path) {
		return false
	}
	return m.Object == "" || slices.ContainsFunc(s.objects, func(o string) bool { return strings.EqualFold(o, m.Object) })
}

func subjectOf(r *http.Request, objects []string) subject {
	return subject{method: r.Method, path: r.URL.Path, objects: objects}
}
