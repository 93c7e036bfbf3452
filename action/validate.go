package action

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of text fields, in characters. They are those of the Salesforce
// fields the texts end up in.
const (
	MaxName = 255
	MaxText = 32000
	MaxRef  = 64
	// MaxFileName leaves room for what Salesforce adds to a title.
	MaxFileName = 200
)

// recordID is what an id of a record may look like: ours are UUIDs, the seeds
// of the reference are short words, Salesforce's own have 15 or 18 characters.
// Nothing else can reach a query or a URL.
var recordID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func (f *fieldErrors) id(field, value string) {
	switch {
	case value == "":
		f.add(field, "is required")
	case !recordID.MatchString(value):
		f.add(field, "is not an id")
	}
}

func (f *fieldErrors) optionalID(field, value string) {
	if value != "" {
		f.id(field, value)
	}
}

func (f *fieldErrors) text(field, value string, limit int) {
	switch {
	case utf8.RuneCountInString(value) > limit:
		f.add(field, "is longer than "+strconv.Itoa(limit)+" characters")
	case strings.ContainsRune(value, 0):
		f.add(field, "contains a character that cannot be stored")
	}
}

func (f *fieldErrors) requiredText(field, value string, limit int) {
	if strings.TrimSpace(value) == "" {
		f.add(field, "is required")
		return
	}
	f.text(field, value, limit)
}

// email asks for what Salesforce asks for: one @ with something on both sides
// and a point after it. Whether somebody reads it nobody can tell.
func (f *fieldErrors) email(field, value string) {
	if value == "" {
		return
	}
	user, host, ok := strings.Cut(value, "@")
	if !ok || user == "" || strings.ContainsAny(value, " \t\r\n,;<>()[]\"\\") || strings.Contains(host, "@") ||
		!strings.Contains(strings.Trim(host, "."), ".") {
		f.add(field, "is not an e-mail address")
		return
	}
	f.text(field, value, MaxEmail)
}

func (f *fieldErrors) currency(field string, c Currency) {
	switch {
	case c == "":
		f.add(field, "is required")
	case !c.Known():
		f.add(field, "is not a currency of ISO 4217")
	}
}

func (f *fieldErrors) positive(field string, minor int64) {
	switch {
	case minor == 0:
		f.add(field, "is required")
	case minor < 0:
		f.add(field, "must not be negative")
	case minor > MaxAmount:
		f.add(field, "is too large")
	}
}

func (f *fieldErrors) notNegative(field string, minor int64) {
	switch {
	case minor < 0:
		f.add(field, "must not be negative")
	case minor > MaxAmount:
		f.add(field, "is too large")
	}
}

func (f *fieldErrors) date(field, value string) {
	if value == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		f.add(field, "is not a date (year-month-day)")
	}
}
