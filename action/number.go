package action

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// NumberFormat is how a locale writes numbers, for reading what people type.
type NumberFormat struct {
	// Decimal is the decimal mark, Group the mark between thousands.
	Decimal, Group rune
}

// PlainNumbers is the notation with a point and no other marks.
func PlainNumbers() NumberFormat { return NumberFormat{Decimal: '.'} }

// NumberFormatFor returns the marks of a BCP 47 locale by CLDR, e.g. "de-DE".
// An unknown locale reads as English.
func NumberFormatFor(locale string) NumberFormat {
	tag, err := language.Parse(locale)
	if err != nil {
		tag = language.English
	}
	sample := message.NewPrinter(tag).Sprint(number.Decimal(1234567.5, number.Scale(1)))
	f := NumberFormat{Decimal: '.'}
	var marks []rune
	for _, r := range sample {
		if r < '0' || r > '9' {
			marks = append(marks, r)
		}
	}
	// A locale with digits of its own (ar, fa, …) yields no usable sample; the
	// amounts of its forms are typed in Western digits with a point.
	if n := len(marks); n > 0 && n <= 3 {
		f.Decimal = marks[n-1]
		if n > 1 {
			f.Group = marks[0]
		}
	}
	return f
}

// ParseQuantity reads a typed quantity and returns it in the plain notation of
// payloads, e.g. "1.5". At most 4 decimals.
func ParseQuantity(text string, format NumberFormat) (string, error) {
	return format.plain(text, maxQuantityDecimals)
}

// ParsePercent reads a typed tax rate in percent and returns it in the plain
// notation of payloads, e.g. "8.875". At most 4 decimals.
func ParsePercent(text string, format NumberFormat) (string, error) {
	return format.plain(strings.TrimSuffix(strings.TrimSpace(text), "%"), maxRateDecimals)
}

func (f NumberFormat) plain(text string, maxFrac int) (string, error) {
	d, err := f.parse(text, maxFrac)
	if err != nil {
		return "", err
	}
	s := d.unscaled.String()
	if d.scale == 0 {
		return s, nil
	}
	if len(s) <= d.scale {
		s = strings.Repeat("0", d.scale-len(s)+1) + s
	}
	out := s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	return strings.TrimSuffix(strings.TrimRight(out, "0"), "."), nil
}

func (f NumberFormat) parse(text string, maxFrac int) (decimal, error) {
	refuse := func(why string) (decimal, error) {
		return decimal{}, &Error{Code: InvalidPayload, Message: why}
	}
	s := strings.Map(unifyMarks, strings.TrimSpace(text))
	if s == "" {
		return refuse("Enter a number")
	}
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−") {
		return refuse("Must not be negative")
	}
	whole, frac, point := strings.Cut(s, string(unifyMarks(f.Decimal)))
	if point && !allDigits(frac) {
		return refuse("Not a number: " + clip(text, 24))
	}
	digits, ok := f.ungroup(whole)
	switch {
	case !ok:
		return refuse("Not a number: " + clip(text, 24))
	case len(frac) > maxFrac && maxFrac == 0:
		return refuse("This currency has no decimals")
	case len(frac) > maxFrac:
		return refuse("Too many decimals")
	case len(digits) > 15:
		return refuse("The number is too large")
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		digits = "0"
	}
	d, ok := parseDecimal(strings.TrimSuffix(digits+"."+frac, "."), 15, maxFrac)
	if !ok {
		return refuse("Not a number: " + clip(text, 24))
	}
	return d, nil
}

// ungroup takes the group marks out of the whole part. Marks may be left out,
// but where they stand they must stand right: three digits in the last group,
// three (or two, as in India) in those before it.
func (f NumberFormat) ungroup(whole string) (string, bool) {
	if f.Group == 0 || !strings.ContainsRune(whole, unifyMarks(f.Group)) {
		return whole, allDigits(whole)
	}
	groups := strings.Split(whole, string(unifyMarks(f.Group)))
	last := len(groups) - 1
	for i, g := range groups {
		n := utf8.RuneCountInString(g)
		switch {
		case !allDigits(g), i == last && n != 3, i == 0 && n > 3:
			return "", false
		case i > 0 && i < last && n != 3 && n != 2:
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// unifyMarks maps marks that a keyboard cannot tell apart onto one.
func unifyMarks(r rune) rune {
	switch r {
	case '\u00a0', '\u202f', '\u2009':
		return ' '
	case '’', '‘':
		return '\''
	default:
		return r
	}
}
