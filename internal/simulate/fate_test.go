package simulate_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// fault is what goes wrong with one call.
type fault int

// The faults of a wire.
const (
	fine        fault = iota
	refused           // there is no way: nothing leaves the sender
	requestLost       // it leaves and never arrives
	replyLost         // it arrives, and no answer comes back
	replyCut          // the answer ends half way
	late              // the sender has given up when it arrives
	twice             // it arrives twice
	slow              // it takes seconds, or longer than the sender waits
	forged            // something in between answers: a portal, a proxy
	answered          // the receiver answers without having done anything
	faultCount
)

func (f fault) String() string {
	return [...]string{"fine", "refused", "request lost", "reply lost", "reply cut", "late", "twice", "slow", "forged", "answered"}[f]
}

// of is the fault in words, in front of what the sender sees.
func (f fault) of(extra time.Duration) string {
	switch f {
	case fine:
		return ""
	case slow, late, twice:
		return fmt.Sprintf("%s by %v: ", f, extra.Round(time.Millisecond))
	default:
		return f.String() + ": "
	}
}

// hop is a kind of wire.
type hop int

// The wires.
const (
	toOffice     hop = iota // device to server
	toSalesforce            // server to Salesforce
	toStripe                // server to Stripe
	toWebhook               // Stripe to server
	hopCount
)

func (h hop) String() string {
	return [...]string{"device to server", "server to Salesforce", "server to Stripe", "Stripe to server"}[h]
}

// weather is how often what goes wrong where. Most schedules have only some of
// the faults: rain on every day would hide what the sun brings out.
type weather [hopCount][faultCount]float64

// String is the weather in words.
func (w weather) String() string {
	text := ""
	for h, faults := range w {
		var rain []string
		for f, share := range faults {
			if share > 0 {
				rain = append(rain, fmt.Sprintf("%g %% %s", 100*share, fault(f)))
			}
		}
		if len(rain) > 0 {
			text += "\n  " + hop(h).String() + ": " + strings.Join(rain, ", ")
		}
	}
	return text
}

func (d die) weather() weather {
	var w weather
	for h := range w {
		for f := fine + 1; f < faultCount; f++ {
			if n := h*int(faultCount) + int(f); d.share(n, "rains") < 0.4 {
				w[h][f] = []float64{0.01, 0.04, 0.12}[d.of(n, "rate")%3]
			}
		}
	}
	return w
}

// fate is what becomes of one call.
type fate struct {
	fault    fault
	up, down time.Duration // on the way there and back
	extra    time.Duration // what slow, late and twice add
	// variety chooses among forms of one fault.
	variety uint64
}

func (w *world) fate(h hop, key string, n int) fate {
	f := fate{
		up:      w.die.span(2*time.Millisecond, 60*time.Millisecond, n, key, "up"),
		down:    w.die.span(2*time.Millisecond, 60*time.Millisecond, n, key, "down"),
		variety: w.die.of(n, key, "variety"),
	}
	if !w.raining.Load() {
		return f
	}
	left := w.die.share(n, key, "fault")
	for kind := fine + 1; kind < faultCount; kind++ {
		if left -= w.plan.weather[h][kind]; left < 0 {
			f.fault = kind
			break
		}
	}
	f.extra = w.die.span(100*time.Millisecond, 20*time.Second, n, key, "extra")
	if w.die.share(n, key, "very") < 0.3 {
		f.extra = w.die.span(20*time.Second, 100*time.Second, n, key, "extra")
	}
	return f
}

// page is an answer that the receiver never gave, or gave without doing
// anything.
type page struct {
	status int
	header map[string]string
	body   string
}

func (p page) to(a *answer) *answer {
	for name, value := range p.header {
		a.header.Set(name, value)
	}
	a.status = p.status
	_, _ = a.body.WriteString(p.body) // a buffer takes everything
	return a
}

// portals are what networks answer in a server's place.
func portals() []page {
	html := map[string]string{"Content-Type": "text/html"}
	return []page{
		{status: http.StatusOK, header: html, body: "<html><body>Welcome to the Wi-Fi of the hotel</body></html>"},
		{status: http.StatusFound, header: map[string]string{"Location": "http://login.hotel.example.com/"}},
		{status: http.StatusOK, header: map[string]string{"Content-Type": "application/json"}, body: `{"results":[],"succeeded":[],"failed":[]}`},
		{status: http.StatusProxyAuthRequired, header: html},
		{status: http.StatusServiceUnavailable, header: html, body: "<html>503</html>"},
		{status: http.StatusForbidden, header: html, body: "<html>blocked</html>"},
	}
}

// refusals are answers in the receiver's own form that leave everything as it
// was.
func refusals(h hop) []page {
	switch h {
	case toSalesforce:
		own := func(status int, code string) page {
			return page{status, map[string]string{"Content-Type": "application/json"}, `[{"errorCode":"` + code + `","message":"no"}]`}
		}
		return []page{
			own(http.StatusBadRequest, "UNABLE_TO_LOCK_ROW"), own(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED"),
			own(http.StatusServiceUnavailable, "SERVER_UNAVAILABLE"), own(http.StatusUnauthorized, "INVALID_SESSION_ID"),
			own(http.StatusInternalServerError, "UNKNOWN_EXCEPTION"),
			{status: http.StatusForbidden, header: map[string]string{"Content-Type": "application/json"},
				body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]`},
		}
	case toStripe:
		own := func(status int, kind, code string) page {
			return page{status, map[string]string{"Content-Type": "application/json"}, `{"error":{"type":"` + kind + `","code":"` + code + `","message":"no"}}`}
		}
		return []page{
			own(http.StatusConflict, "invalid_request_error", "lock_timeout"), own(http.StatusTooManyRequests, "invalid_request_error", "rate_limit"),
			own(http.StatusInternalServerError, "api_error", ""), own(http.StatusServiceUnavailable, "api_error", ""),
		}
	case toWebhook:
		return []page{{status: http.StatusBadGateway}}
	}
	return []page{
		problem(http.StatusUnauthorized, "sign_in_needed", 0), problem(http.StatusForbidden, "not_allowed", 0),
		problem(http.StatusConflict, "busy", 0), problem(http.StatusConflict, "version_conflict", 0),
		problem(http.StatusRequestEntityTooLarge, "too_large", 0), problem(http.StatusTooManyRequests, "rate_limited", 3),
		problem(http.StatusInternalServerError, "internal", 0), problem(http.StatusServiceUnavailable, "busy", 5),
		problem(http.StatusServiceUnavailable, "storage_failed", 0), problem(http.StatusBadGateway, "busy", 0),
		problem(http.StatusUpgradeRequired, "update_needed", 0), problem(http.StatusRequestTimeout, "busy", 0),
	}
}

// problem is an error answer in the server's form.
func problem(status int, code string, retryAfter int) page {
	p := page{status: status, header: map[string]string{"Content-Type": "application/problem+json", "FieldPay-Protocol": "1"}}
	p.body = fmt.Sprintf(`{"type":"urn:fieldpay:%s","title":"no","status":%d,"code":%q,"error":"no"}`, code, status, code)
	if retryAfter > 0 {
		p.header["Retry-After"] = strconv.Itoa(retryAfter)
	}
	return p
}
