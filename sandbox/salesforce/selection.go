package salesforce

import (
	"cmp"
	"slices"
	"strings"

	"fieldpay/sandbox/salesforce/soql"
)

// selection runs one parsed query over the rows of an object.
type selection struct {
	*tx
	object *object
	query  *soql.Query
	base   string
}

// rows are the answers in their wire shape, paged by LIMIT and OFFSET.
func (q *selection) rows(from []record) ([]any, *apiError) {
	if err := q.check(); err != nil {
		return nil, err
	}
	kept := make([]record, 0, len(from))
	for _, r := range from {
		ok, err := q.holds(q.query.Where, r)
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, r)
		}
	}
	if q.query.Count {
		return make([]any, min(len(kept), q.limit())), nil
	}
	if q.aggregates() {
		return q.groups(kept)
	}
	q.sort(kept)
	kept = window(kept, q.query.Offset, q.limit())
	out := make([]any, 0, len(kept))
	for _, r := range kept {
		row, err := q.show(r)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

func (q *selection) limit() int {
	if q.query.Limit < 0 {
		return int(^uint(0) >> 1)
	}
	return q.query.Limit
}

func window[T any](rows []T, offset, limit int) []T {
	rows = rows[min(offset, len(rows)):]
	return rows[:min(limit, len(rows))]
}

func (q *selection) aggregates() bool {
	return len(q.query.GroupBy) > 0 || slices.ContainsFunc(q.query.Select, func(c soql.Column) bool { return c.Function != "" })
}

// check refuses unknown columns before any row is looked at, so that an empty table refuses them too.
func (q *selection) check() *apiError {
	if q.query.Offset > maxOffset {
		return fail("NUMBER_OUTSIDE_VALID_RANGE", nil, "Maximum SOQL offset allowed is %d", maxOffset)
	}
	for _, c := range q.query.Select {
		if c.Children != nil {
			continue
		}
		f, err := q.resolve(c.Path)
		if err != nil {
			return err
		}
		if (c.Function == "SUM" || c.Function == "AVG") && f.kind != kindNumber {
			return malformed("field " + f.name + " does not support aggregate operator " + c.Function)
		}
		if c.Function == "" && q.aggregates() && !q.grouped(c.Path) {
			return malformed("Field must be grouped or aggregated: " + strings.Join(c.Path, "."))
		}
	}
	for _, path := range q.query.GroupBy {
		if _, err := q.resolve(path); err != nil {
			return err
		}
	}
	for _, o := range q.query.OrderBy {
		if o.Function != "" && !q.aggregates() {
			return malformed("Ordered field must be grouped or aggregated")
		}
		if _, err := q.resolve(o.Path); o.Path != nil && err != nil {
			return err
		}
	}
	return q.checkCondition(q.query.Where)
}

func (q *selection) grouped(path soql.Path) bool {
	return slices.ContainsFunc(q.query.GroupBy, func(g soql.Path) bool {
		return strings.EqualFold(strings.Join(g, "."), strings.Join(path, "."))
	})
}

// resolve finds the field at the end of a path.
func (q *selection) resolve(path soql.Path) (*field, *apiError) {
	o := q.object
	steps := path
	if len(steps) > 1 && strings.EqualFold(steps[0], o.name) && o.parent(steps[0]) == nil {
		steps = steps[1:] // Invoice__c.Name is Name
	}
	for _, step := range steps[:max(0, len(steps)-1)] {
		f := o.parent(step)
		if f == nil {
			return nil, fail("INVALID_FIELD", nil, "Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.", step)
		}
		o = q.schema.object(f.refTo)
	}
	if len(steps) == 0 {
		return nil, malformed("a field is missing")
	}
	f := o.field(steps[len(steps)-1])
	if f == nil {
		return nil, noColumn(o, steps[len(steps)-1])
	}
	return f, nil
}

// value reads a path from a row; a missing parent makes it nil.
func (q *selection) value(r record, path soql.Path) any {
	o := q.object
	if len(path) > 1 && strings.EqualFold(path[0], o.name) && o.parent(path[0]) == nil {
		path = path[1:]
	}
	for _, step := range path[:len(path)-1] {
		f := o.parent(step)
		if o, r = q.lookup(r.text(f.name)); r == nil {
			return nil
		}
	}
	return r[o.field(path[len(path)-1]).name]
}

func (q *selection) sort(rows []record) {
	slices.SortStableFunc(rows, func(a, b record) int {
		for _, o := range q.query.OrderBy {
			if c := orderValues(q.value(a, o.Path), q.value(b, o.Path), o); c != 0 {
				return c
			}
		}
		return 0
	})
}

// orderValues puts nulls first unless asked otherwise, whatever the direction, as Salesforce does.
func orderValues(a, b any, o soql.Order) int {
	if a == nil || b == nil {
		c := cmp.Compare(btoi(a != nil), btoi(b != nil))
		if o.NullsLast {
			return -c
		}
		return c
	}
	c := compareValues(a, b)
	if o.Descending {
		return -c
	}
	return c
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareValues orders two values of one kind; text is compared without regard to case.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case int64:
		y, _ := b.(int64)
		return cmp.Compare(x, y)
	case float64:
		y, _ := b.(float64)
		return cmp.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		return cmp.Compare(btoi(x), btoi(y))
	case string:
		y, _ := b.(string)
		return cmp.Compare(fold(x), fold(y))
	}
	return 0
}

// show is one row with its parents and children nested.
func (q *selection) show(r record) (map[string]any, *apiError) {
	out := map[string]any{"attributes": attributes(q.base, q.object, r.id())}
	for _, c := range q.query.Select {
		if c.Children != nil {
			name, list, err := q.children(r, c.Children)
			if err != nil {
				return nil, err
			}
			out[name] = list
			continue
		}
		q.place(out, q.object, r, c.Path)
	}
	return out, nil
}

// place puts the value of a path into a row, making the nested parents on the way.
func (q *selection) place(out map[string]any, o *object, r record, path soql.Path) {
	if len(path) > 1 && strings.EqualFold(path[0], o.name) && o.parent(path[0]) == nil {
		path = path[1:]
	}
	for _, step := range path[:len(path)-1] {
		f := o.parent(step)
		parent, row := q.lookup(r.text(f.name))
		if row == nil {
			out[f.relation] = nil
			return
		}
		nested, ok := out[f.relation].(map[string]any)
		if !ok {
			nested = map[string]any{"attributes": attributes(q.base, parent, row.id())}
			out[f.relation] = nested
		}
		out, o, r = nested, parent, row
	}
	f := o.field(path[len(path)-1])
	out[f.name] = shown(q.base, o, r, f)
}

// children runs a sub-query over the details of one row; none at all is null, as in the real answer.
func (q *selection) children(r record, sub *soql.Query) (string, any, *apiError) {
	for _, ref := range q.schema.references(q.object.name) {
		if !strings.EqualFold(ref.field.children, sub.From) {
			continue
		}
		var rows []record
		for _, child := range q.table(ref.object).live() {
			if child.text(ref.field.name) == r.id() {
				rows = append(rows, child)
			}
		}
		inner := &selection{tx: q.tx, object: ref.object, query: sub, base: q.base}
		list, err := inner.rows(rows)
		if err != nil || len(list) == 0 {
			return ref.field.children, nil, err
		}
		return ref.field.children, map[string]any{"totalSize": len(list), "done": true, "records": list}, nil
	}
	return "", nil, fail("INVALID_TYPE", nil, "Didn't understand relationship '%s' in FROM part of query call.", sub.From)
}
