package salesforce

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"fieldpay/sandbox/salesforce/soql"
)

// checkCondition refuses conditions that name unknown fields or compare what cannot be compared.
func (q *selection) checkCondition(c soql.Condition) *apiError {
	switch c := c.(type) {
	case soql.And:
		return cmpOr(q.checkCondition(c.Left), func() *apiError { return q.checkCondition(c.Right) })
	case soql.Or:
		return cmpOr(q.checkCondition(c.Left), func() *apiError { return q.checkCondition(c.Right) })
	case soql.Not:
		return q.checkCondition(c.Operand)
	case soql.Compare:
		f, err := q.resolve(c.Path)
		if err != nil {
			return err
		}
		return checkLiterals(f, c)
	}
	return nil
}

func cmpOr(err *apiError, next func() *apiError) *apiError {
	if err != nil {
		return err
	}
	return next()
}

func checkLiterals(f *field, c soql.Compare) *apiError {
	if f.kind == kindTextarea {
		return fail("INVALID_FIELD", nil, "field '%s' can not be filtered in a query call", f.name)
	}
	for _, v := range c.Values {
		if !acceptable(f, v) {
			return fail("INVALID_FIELD", nil, "value of filter criterion for field '%s' must be of type %s", f.name, f.kind)
		}
		if _, ok := longID(v.Text); (f.kind == kindReference || f.kind == kindID) && v.Kind == soql.String && v.Text != "" && !ok {
			return fail("INVALID_QUERY_FILTER_OPERATOR", nil, "invalid ID field: %s", v.Text)
		}
	}
	return nil
}

func acceptable(f *field, v soql.Literal) bool {
	if v.Kind == soql.Null {
		return true
	}
	switch f.kind {
	case kindNumber:
		return v.Kind == soql.Number
	case kindBoolean:
		return v.Kind == soql.Bool
	case kindDate:
		return v.Kind == soql.Date
	case kindDatetime:
		return v.Kind == soql.Datetime
	}
	return v.Kind == soql.String
}

// candidates are the rows that a query has to look at: few when it names unique keys, else all, oldest first.
func (q *selection) candidates(t *table) []record {
	c, ok := q.keyed(q.query.Where)
	if !ok {
		return t.live()
	}
	f := q.object.field(c.Path[0])
	found := map[string]record{}
	for _, v := range c.Values {
		if r, ok := t.find(f, v.Text); ok && v.Kind == soql.String {
			found[r.id()] = r
		}
	}
	out := make([]record, 0, len(found))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[id])
	}
	return out
}

// keyed finds a comparison by a unique field that every row of the answer must pass.
func (q *selection) keyed(c soql.Condition) (soql.Compare, bool) {
	switch c := c.(type) {
	case soql.And:
		if found, ok := q.keyed(c.Left); ok {
			return found, true
		}
		return q.keyed(c.Right)
	case soql.Compare:
		f := q.object.field(c.Path[0])
		nulls := slices.ContainsFunc(c.Values, func(v soql.Literal) bool { return v.Kind != soql.String || v.Text == "" })
		return c, len(c.Path) == 1 && f != nil && f.unique && !nulls && (c.Operator == "=" || c.Operator == "IN")
	}
	return soql.Compare{}, false
}

// holds evaluates a checked condition on a row.
func (q *selection) holds(c soql.Condition, r record) (bool, *apiError) {
	switch c := c.(type) {
	case soql.And:
		left, err := q.holds(c.Left, r)
		if err != nil || !left {
			return false, err
		}
		return q.holds(c.Right, r)
	case soql.Or:
		left, err := q.holds(c.Left, r)
		if err != nil || left {
			return left, err
		}
		return q.holds(c.Right, r)
	case soql.Not:
		ok, err := q.holds(c.Operand, r)
		return !ok, err
	case soql.Compare:
		return q.compare(c, r)
	}
	return true, nil
}

func (q *selection) compare(c soql.Compare, r record) (bool, *apiError) {
	f, err := q.resolve(c.Path)
	if err != nil {
		return false, err
	}
	v := q.value(r, c.Path)
	switch c.Operator {
	case "IN":
		return slices.ContainsFunc(c.Values, func(l soql.Literal) bool { return against(f, v, l) == equal }), nil
	case "NOT IN":
		return !slices.ContainsFunc(c.Values, func(l soql.Literal) bool { return against(f, v, l) == equal }), nil
	case "LIKE":
		s, ok := v.(string)
		return ok && like(fold(c.Values[0].Text), fold(s)), nil
	}
	order := against(f, v, c.Values[0])
	switch c.Operator {
	case "=":
		return order == equal, nil
	case "!=":
		return order != equal, nil
	case "<":
		return order == less, nil
	case "<=":
		return order == less || order == equal, nil
	case ">":
		return order == greater, nil
	case ">=":
		return order == greater || order == equal, nil
	}
	return false, malformed("unknown operator " + c.Operator)
}

type ordering int

const (
	unordered ordering = iota // one side is null
	less
	equal
	greater
)

func orderingOf(c int) ordering { return equal + ordering(c) }

// against sets a stored value against a literal. Null equals null and is neither more nor less than anything; an
// empty string is null.
func against(f *field, v any, l soql.Literal) ordering {
	if l.Kind == soql.Null || (l.Kind == soql.String && l.Text == "") {
		if v == nil {
			return equal
		}
		return unordered
	}
	if v == nil {
		return unordered
	}
	switch l.Kind {
	case soql.Bool:
		return orderingOf(compareValues(v, l.Bool))
	case soql.Number:
		n, _ := v.(int64)
		want, ok := new(big.Float).SetPrec(128).SetString(l.Text)
		if !ok {
			return unordered
		}
		return orderingOf(new(big.Float).SetPrec(128).SetInt64(n).Cmp(want))
	case soql.Datetime:
		t, ok := parseDatetime(l.Text)
		if !ok {
			return unordered
		}
		return orderingOf(compareValues(v, datetime(t)))
	}
	want := l.Text
	if f.kind == kindID || f.kind == kindReference {
		want, _ = longID(want)
		if v == want { // ids differ in case alone
			return equal
		}
		s, _ := v.(string)
		return orderingOf(strings.Compare(s, want))
	}
	return orderingOf(compareValues(v, want))
}

// like matches % and _; a backslash makes the next character plain. It works byte by byte in linear space and at
// most quadratic time, so no pattern can hang the server.
func like(pattern, s string) bool {
	p, t := patternSteps(pattern), []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(t) {
		switch {
		case i < len(p) && (p[i].any || (!p[i].many && p[i].char == t[j])):
			i, j = i+1, j+1
		case i < len(p) && p[i].many:
			star, mark = i, j
			i++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i].many {
		i++
	}
	return i == len(p)
}

type patternStep struct {
	char      rune
	any, many bool
}

func patternSteps(pattern string) []patternStep {
	var out []patternStep
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped:
			out = append(out, patternStep{char: c})
			escaped = false
		case c == '\\':
			escaped = true
		case c == '%':
			out = append(out, patternStep{many: true})
		case c == '_':
			out = append(out, patternStep{any: true})
		default:
			out = append(out, patternStep{char: c})
		}
	}
	return out
}
