package salesforce

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
)

const (
	// limitPause is how long the org is left alone when its calls of the day
	// are used up: the window rolls, so some come back all the time.
	limitPause = time.Minute
	// crowdPause is the same for too many calls at a time.
	crowdPause = 2 * time.Second
	// limitWarn is the used share of the day's calls, in percent, above which
	// operators are told.
	limitWarn = 80
)

// limit watches how many of the org's calls are left. Calls are one budget for
// everybody who uses the org, so when it is used up nobody calls for a while.
type limit struct {
	used, max   atomic.Int64
	pausedUntil atomic.Int64 // Unix nanoseconds
	warned      atomic.Bool
}

// Usage is how many API calls of the org are used up in the rolling day, out of
// how many; both are 0 before the first answer.
func (c *Client) Usage() (used, most int64) { return c.limit.used.Load(), c.limit.max.Load() }

// check refuses a call while the org is left alone.
func (l *limit) check() error {
	left := time.Until(time.Unix(0, l.pausedUntil.Load()))
	if left <= 0 {
		return nil
	}
	return &action.Error{Code: action.RateLimited, RetryAfter: left}
}

// observe reads "api-usage=18/5000".
func (l *limit) observe(header string, log zerolog.Logger) {
	used, most, ok := parseUsage(header)
	if !ok {
		return
	}
	l.used.Store(used)
	l.max.Store(most)
	if high := used*100 >= most*limitWarn; !high {
		l.warned.Store(false)
	} else if !l.warned.Swap(true) {
		log.Warn().Int64("used", used).Int64("max", most).Msg("the API calls of the Salesforce org run out")
	}
}

// parseUsage reads the org's own share of the header; per-app usage may follow
// after a semicolon or a comma.
func parseUsage(header string) (used, most int64, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(header), "api-usage=")
	if !ok {
		return 0, 0, false
	}
	if end := strings.IndexAny(rest, ",; "); end >= 0 {
		rest = rest[:end]
	}
	a, b, ok := strings.Cut(rest, "/")
	if !ok {
		return 0, 0, false
	}
	used, errUsed := strconv.ParseInt(a, 10, 64)
	most, errMost := strconv.ParseInt(b, 10, 64)
	return used, most, errUsed == nil && errMost == nil && used >= 0 && most > 0 && most < 1<<50 && used < 1<<50
}

// learn starts the pause when the answer says that the calls are used up.
func (l *limit) learn(a answer) {
	if a.status < http.StatusBadRequest {
		return
	}
	for _, f := range parseFaults(a.body) {
		if f.code() == requestLimit && !f.crowded() {
			l.pausedUntil.Store(time.Now().Add(limitPause).UnixNano())
		}
	}
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || seconds < 0 || seconds > 86400 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
