package bffclient

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter limits what a server may ask for, so that a wrong header does
// not park the device for days.
const maxRetryAfter = time.Hour

// wait is how long the answer asks to be left alone: by its Retry-After header,
// else by the problem's own member.
func (p problem) wait(header http.Header, now time.Time) time.Duration {
	if served, err := http.ParseTime(header.Get("Date")); err == nil {
		now = served // a date in the header means the server's clock, not ours
	}
	if d, ok := parseRetryAfter(header.Get("Retry-After"), now); ok {
		return d
	}
	if p.RetryAfterMs <= 0 {
		return 0
	}
	return time.Duration(min(p.RetryAfterMs, maxRetryAfter.Milliseconds())) * time.Millisecond
}

// parseRetryAfter reads both forms of RFC 9110 section 10.2.3: seconds, and a
// date.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), maxRetryAfter), true
}
