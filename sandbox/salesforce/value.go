package salesforce

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A stored value is nil, string, bool or int64; dates and times are strings in Salesforce's own form, which sorts.

const (
	dateForm     = "2006-01-02"
	datetimeForm = "2006-01-02T15:04:05.000+0000"
)

// maxNumber is the largest value of a Number(18,0).
const maxNumber = 999_999_999_999_999_999

func datetime(t time.Time) string { return t.UTC().Format(datetimeForm) }

// parseDatetime reads the forms that Salesforce takes, all with an explicit zone.
func parseDatetime(s string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// coerce turns a JSON value into what the field stores.
func (f *field) coerce(raw json.RawMessage) (any, *apiError) {
	raw = bytes.TrimSpace(raw)
	if bytes.Equal(raw, []byte("null")) {
		if f.kind == kindBoolean {
			return nil, fail("INVALID_TYPE_ON_FIELD_IN_RECORD", []string{f.name}, "%s: value not of required type: null", f.label())
		}
		return nil, nil
	}
	switch f.kind {
	case kindNumber:
		return f.coerceNumber(raw)
	case kindCurrency:
		return f.coercePrice(raw)
	case kindBoolean:
		return f.coerceBool(raw)
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, f.wrongType(raw)
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil
	}
	switch f.kind {
	case kindDate:
		return f.coerceDate(s)
	case kindDatetime:
		t, ok := parseDatetime(s)
		if !ok {
			return nil, f.wrongType(raw)
		}
		return datetime(t), nil
	case kindID, kindReference:
		return f.coerceID(s)
	case kindBase64:
		if _, err := base64.StdEncoding.DecodeString(s); err != nil {
			return nil, fail("INVALID_BASE64_ENCODED_STRING", []string{f.name}, "%s: not a Base64 string", f.label())
		}
		return s, nil
	}
	return f.coerceText(s)
}

// priceScale is what a price is stored in: thousandths of the major unit, enough for every currency.
const priceScale = 1000

func (f *field) coercePrice(raw []byte) (any, *apiError) {
	r, ok := new(big.Rat).SetString(strings.Trim(string(raw), `"`))
	if !ok || len(raw) > 24 {
		return nil, f.wrongType(raw)
	}
	thousandths := r.Mul(r, big.NewRat(priceScale, 1))
	if !thousandths.IsInt() || !thousandths.Num().IsInt64() {
		return nil, fail("NUMBER_OUTSIDE_VALID_RANGE", []string{f.name}, "%s: value outside of valid range on numeric field", f.label())
	}
	return thousandths.Num().Int64(), nil
}

func (f *field) coerceDate(s string) (any, *apiError) {
	if t, err := time.Parse(dateForm, s); err == nil {
		return t.Format(dateForm), nil
	}
	if t, ok := parseDatetime(s); ok {
		return t.Format(dateForm), nil
	}
	return nil, f.wrongType([]byte(strconv.Quote(s)))
}

func (f *field) coerceID(s string) (any, *apiError) {
	id, ok := longID(s)
	if !ok {
		return nil, fail("MALFORMED_ID", []string{f.name}, "%s: id value of incorrect type: %s", f.label(), s)
	}
	return id, nil
}

func (f *field) coerceText(s string) (any, *apiError) {
	if n := len([]rune(s)); f.length > 0 && n > f.length {
		return nil, fail("STRING_TOO_LONG", []string{f.name}, "%s: data value too large: %s (max length=%d)", f.label(), shorten(s), f.length)
	}
	if f.kind == kindEmail {
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
			return nil, fail("INVALID_EMAIL_ADDRESS", []string{f.name}, "%s: invalid email address: %s", f.label(), s)
		}
	}
	if f.kind != kindPicklist {
		return s, nil
	}
	i := slices.IndexFunc(f.values, func(v string) bool { return strings.EqualFold(v, s) })
	if i < 0 {
		return nil, fail("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", []string{f.name},
			"%s: bad value for restricted picklist field: %s", f.label(), s)
	}
	return f.values[i], nil
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 255 {
		return string(r[:255])
	}
	return s
}

// coerceNumber also takes a number in quotes, as Salesforce does, and rounds half up to the scale of 0.
func (f *field) coerceNumber(raw []byte) (any, *apiError) {
	digits := strings.TrimSpace(strings.Trim(string(raw), `"`))
	if digits == "" {
		return nil, nil
	}
	// An exponent of a thousand would make the exact fraction below a very long one.
	if approx, err := strconv.ParseFloat(digits, 64); err != nil || math.IsInf(approx, 0) || math.IsNaN(approx) {
		return nil, f.wrongType(raw)
	} else if math.Abs(approx) > 2*maxNumber {
		return nil, f.outOfRange(approx)
	} else if math.Abs(approx) < 0.1 {
		return int64(0), nil
	}
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return nil, f.wrongType(raw)
	}
	half := big.NewRat(1, 2)
	n := new(big.Int)
	if r.Sign() < 0 {
		n.Neg(floor(half.Sub(half, r)))
	} else {
		n = floor(half.Add(half, r))
	}
	if n.CmpAbs(big.NewInt(maxNumber)) > 0 {
		approx, _ := r.Float64()
		return nil, f.outOfRange(approx)
	}
	return n.Int64(), nil
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func (f *field) outOfRange(v float64) *apiError {
	return fail("NUMBER_OUTSIDE_VALID_RANGE", []string{f.name}, "%s: value outside of valid range on numeric field: %s", f.label(), javaDouble(v))
}

func (f *field) coerceBool(raw []byte) (any, *apiError) {
	b, err := strconv.ParseBool(strings.ToLower(strings.Trim(string(raw), `"`)))
	if err != nil {
		return nil, f.wrongType(raw)
	}
	return b, nil
}

func (f *field) wrongType(raw []byte) *apiError {
	token := "VALUE_STRING"
	switch raw[0] {
	case '{':
		token = "START_OBJECT"
	case '[':
		token = "START_ARRAY"
	case 't', 'f':
		token = "VALUE_" + strings.ToUpper(string(raw))
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		token = "VALUE_NUMBER"
	}
	return badJSON(fmt.Sprintf("Cannot deserialize instance of %s from %s value %s or request may be missing a required field at [line:1, column:1]",
		f.kind, token, shorten(strings.Trim(string(raw), `"`))))
}

// javaNumber renders a stored number the way the real server does: every Number is a Java double there, so 250000
// is sent as 250000.0 and ten million as 1.0E7.
type javaNumber int64

// MarshalJSON implements json.Marshaler.
func (n javaNumber) MarshalJSON() ([]byte, error) { return []byte(javaDouble(float64(n))), nil }

func javaDouble(v float64) string {
	if v == 0 {
		return "0.0"
	}
	if a := math.Abs(v); a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'E', -1, 64), "E")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return mantissa + "E" + strconv.Itoa(n)
}

// render is a stored value as a REST reply carries it.
func render(v any) any {
	if n, ok := v.(int64); ok {
		return javaNumber(n)
	}
	return v
}
