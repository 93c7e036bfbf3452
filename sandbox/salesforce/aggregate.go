package salesforce

import (
	"fmt"
	"slices"
	"strings"

	"fieldpay/sandbox/salesforce/soql"
)

// group is the rows that share the values of GROUP BY.
type group struct {
	keys []any
	rows []record
}

// groups answers a query with aggregates: one AggregateResult per group.
func (q *selection) groups(rows []record) ([]any, *apiError) {
	var all []*group
	byKey := map[string]*group{}
	for _, r := range rows {
		keys := make([]any, len(q.query.GroupBy))
		for i, path := range q.query.GroupBy {
			keys[i] = q.value(r, path)
		}
		name := fold(fmt.Sprintf("%#v", keys))
		if byKey[name] == nil {
			byKey[name] = &group{keys: keys}
			all = append(all, byKey[name])
		}
		byKey[name].rows = append(byKey[name].rows, r)
	}
	if len(q.query.GroupBy) == 0 && len(all) == 0 {
		all = []*group{{}} // SUM over nothing is one row of null
	}
	q.sortGroups(all)
	all = window(all, q.query.Offset, q.limit())
	out := make([]any, 0, len(all))
	for _, g := range all {
		out = append(out, q.result(g))
	}
	return out, nil
}

func (q *selection) result(g *group) map[string]any {
	row := map[string]any{"attributes": map[string]any{"type": "AggregateResult"}}
	unnamed := 0
	for _, c := range q.query.Select {
		name := c.Alias
		if name == "" && c.Function == "" {
			name = c.Path[len(c.Path)-1]
		}
		if name == "" {
			name = fmt.Sprintf("expr%d", unnamed)
			unnamed++
		}
		if c.Function == "" {
			row[name] = render(q.value(g.rows[0], c.Path))
			continue
		}
		row[name] = q.aggregate(g.rows, c.Function, c.Path)
	}
	return row
}

// aggregate computes one function over the non-null values of a group. Counts are plain integers, sums doubles.
func (q *selection) aggregate(rows []record, function string, path soql.Path) any {
	var values []any
	for _, r := range rows {
		if path == nil {
			values = append(values, true)
		} else if v := q.value(r, path); v != nil {
			values = append(values, v)
		}
	}
	switch function {
	case "COUNT":
		return len(values)
	case "COUNT_DISTINCT":
		slices.SortFunc(values, compareValues)
		return len(slices.CompactFunc(values, func(a, b any) bool { return compareValues(a, b) == 0 }))
	}
	if len(values) == 0 {
		return nil
	}
	switch function {
	case "MIN":
		return render(slices.MinFunc(values, compareValues))
	case "MAX":
		return render(slices.MaxFunc(values, compareValues))
	}
	var sum int64
	for _, v := range values {
		n, _ := v.(int64)
		sum += n
	}
	if function == "AVG" {
		return javaFloat(float64(sum) / float64(len(values)))
	}
	return javaNumber(sum)
}

// javaFloat is an average in the real server's spelling.
type javaFloat float64

// MarshalJSON implements json.Marshaler.
func (f javaFloat) MarshalJSON() ([]byte, error) { return []byte(javaDouble(float64(f))), nil }

func (q *selection) sortGroups(all []*group) {
	slices.SortStableFunc(all, func(a, b *group) int {
		for _, o := range q.query.OrderBy {
			if c := orderValues(q.groupValue(a, o), q.groupValue(b, o), o); c != 0 {
				return c
			}
		}
		return 0
	})
}

func (q *selection) groupValue(g *group, o soql.Order) any {
	if o.Function == "" {
		for i, path := range q.query.GroupBy {
			if strings.EqualFold(strings.Join(path, "."), strings.Join(o.Path, ".")) {
				return g.keys[i]
			}
		}
		return nil
	}
	switch v := q.aggregate(g.rows, o.Function, o.Path).(type) {
	case int:
		return int64(v)
	case javaNumber:
		return int64(v)
	case javaFloat:
		return float64(v)
	default:
		return v
	}
}
