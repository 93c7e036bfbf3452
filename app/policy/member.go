package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// text takes a text that check accepts.
func text(to *string, check func(string) error) func(any) error {
	return func(value any) error {
		v, ok := value.(string)
		if !ok {
			return errors.New("must be a text")
		}
		*to = v
		return check(v)
	}
}

// flag takes true or false. The registry of Windows has no such kind, and writes
// 1 or 0.
func flag(to *bool) func(any) error {
	return func(value any) error {
		if v, ok := value.(bool); ok {
			*to = v
			return nil
		}
		n, ok := whole(value)
		if !ok || n != 0 && n != 1 {
			return errors.New("must be true or false")
		}
		*to = n == 1
		return nil
	}
}

// number takes a whole number within its bounds.
func number(to *int, from, most int) func(any) error {
	return func(value any) error {
		n, ok := whole(value)
		if !ok || n < float64(from) || n > float64(most) {
			return fmt.Errorf("must be a whole number from %d to %d", from, most)
		}
		*to = int(n)
		return nil
	}
}

// whole reads a number as each system writes it: JSON as float64, the registry
// as uint64, a property list as either kind of integer.
func whole(value any) (float64, bool) {
	var n float64
	switch v := value.(type) {
	case float64:
		n = v
	case int64:
		n = float64(v)
	case uint64:
		n = float64(v)
	default:
		return 0, false
	}
	return n, n == math.Trunc(n) && math.Abs(n) <= 1<<53
}

// span takes a whole number of units: one, up to most.
func span(to *time.Duration, unit time.Duration, most int) func(any) error {
	return func(value any) error {
		var n int
		err := number(&n, 1, most)(value)
		*to = time.Duration(n) * unit
		return err
	}
}

// oneOf checks that a text is one of words.
func oneOf(words ...string) func(string) error {
	return func(v string) error {
		if !slices.Contains(words, v) {
			return errors.New("must be " + strings.Join(words, " or "))
		}
		return nil
	}
}
