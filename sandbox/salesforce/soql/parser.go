package soql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxDepth bounds nesting, so that no text can exhaust the stack.
const maxDepth = 50

// Parse reads one query.
func Parse(src string) (*Query, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, p.unexpected()
	}
	return q, nil
}

type parser struct {
	tokens []token
	at     int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) unexpected() error {
	t := p.peek()
	return &Error{Message: fmt.Sprintf("unexpected token: '%s'", t.text), Column: t.at + 1}
}

// word takes the next token if it is one of the keywords.
func (p *parser) word(keywords ...string) bool {
	t := p.peek()
	if t.kind != tokenName || !slices.ContainsFunc(keywords, func(k string) bool { return strings.EqualFold(k, t.text) }) {
		return false
	}
	p.next()
	return true
}

func (p *parser) sign(s string) bool {
	if t := p.peek(); t.kind != tokenSign || t.text != s {
		return false
	}
	p.next()
	return true
}

func (p *parser) needWord(k string) error {
	if !p.word(k) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) needSign(s string) error {
	if !p.sign(s) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) name() (string, error) {
	if p.peek().kind != tokenName {
		return "", p.unexpected()
	}
	return p.next().text, nil
}

func (p *parser) query() (*Query, error) {
	q := &Query{Limit: -1}
	if err := p.needWord("SELECT"); err != nil {
		return nil, err
	}
	if err := p.columns(q); err != nil {
		return nil, err
	}
	if err := p.needWord("FROM"); err != nil {
		return nil, err
	}
	from, err := p.name()
	if err != nil {
		return nil, err
	}
	q.From = from
	if p.word("WHERE") {
		if q.Where, err = p.or(); err != nil {
			return nil, err
		}
	}
	if err := p.tail(q); err != nil {
		return nil, err
	}
	return q, nil
}

// tail reads what may follow the conditions.
func (p *parser) tail(q *Query) error {
	if p.word("GROUP") {
		if err := p.needWord("BY"); err != nil {
			return err
		}
		for {
			path, err := p.path()
			if err != nil {
				return err
			}
			q.GroupBy = append(q.GroupBy, path)
			if !p.sign(",") {
				break
			}
		}
	}
	if p.word("ORDER") {
		if err := p.order(q); err != nil {
			return err
		}
	}
	var err error
	if p.word("LIMIT") {
		if q.Limit, err = p.count(); err != nil {
			return err
		}
	}
	if p.word("OFFSET") {
		if q.Offset, err = p.count(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) count() (int, error) {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n < 0 {
		return 0, p.unexpected()
	}
	p.next()
	return n, nil
}

func (p *parser) columns(q *Query) error {
	for {
		c, err := p.column()
		if err != nil {
			return err
		}
		q.Select = append(q.Select, c)
		if !p.sign(",") {
			break
		}
	}
	if c := q.Select[0]; len(q.Select) == 1 && c.Function == "COUNT" && c.Path == nil {
		q.Count, q.Select = true, nil
	}
	if i := slices.IndexFunc(q.Select, func(c Column) bool { return c.Function != "" && c.Path == nil }); i >= 0 {
		return &Error{Message: "Grouped query cannot use COUNT() with other fields", Column: 1}
	}
	return nil
}

func (p *parser) column() (Column, error) {
	if p.sign("(") {
		return p.children()
	}
	path, function, err := p.operand()
	if err != nil {
		return Column{}, err
	}
	c := Column{Path: path, Function: function}
	if t := p.peek(); t.kind == tokenName && !strings.EqualFold(t.text, "FROM") {
		c.Alias = p.next().text
		if function == "" && !strings.EqualFold(p.peek().text, "FROM") && p.peek().text != "," {
			return Column{}, p.unexpected()
		}
	}
	return c, nil
}

func (p *parser) children() (Column, error) {
	if err := p.enter(); err != nil {
		return Column{}, err
	}
	defer p.leave()
	q, err := p.query()
	if err != nil {
		return Column{}, err
	}
	return Column{Children: q}, p.needSign(")")
}

func isFunction(name string) bool {
	return slices.Contains([]string{"COUNT", "SUM", "MIN", "MAX", "AVG", "COUNT_DISTINCT"}, name)
}

// operand reads a field or an aggregate of one.
func (p *parser) operand() (Path, string, error) {
	path, err := p.path()
	if err != nil || !p.sign("(") {
		return path, "", err
	}
	function := strings.ToUpper(path[0])
	if len(path) != 1 || !isFunction(function) {
		return nil, "", &Error{Message: "unknown function: " + strings.Join(path, "."), Column: p.peek().at + 1}
	}
	if function == "COUNT" && p.sign(")") {
		return nil, function, nil
	}
	if path, err = p.path(); err != nil {
		return nil, "", err
	}
	return path, function, p.needSign(")")
}

func (p *parser) path() (Path, error) {
	var out Path
	for {
		step, err := p.name()
		if err != nil {
			return nil, err
		}
		out = append(out, step)
		if !p.sign(".") {
			return out, nil
		}
	}
}

func (p *parser) order(q *Query) error {
	if err := p.needWord("BY"); err != nil {
		return err
	}
	for {
		path, function, err := p.operand()
		if err != nil {
			return err
		}
		o := Order{Path: path, Function: function}
		if p.word("DESC") {
			o.Descending = true
		} else {
			p.word("ASC")
		}
		if p.word("NULLS") {
			o.NullsLast = p.word("LAST")
			if !o.NullsLast && !p.word("FIRST") {
				return p.unexpected()
			}
		}
		q.OrderBy = append(q.OrderBy, o)
		if !p.sign(",") {
			return nil
		}
	}
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return &Error{Message: "the query is nested too deeply", Column: p.peek().at + 1}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// or reads a chain of ORs or ANDs; as in the real language the two do not mix without parentheses.
func (p *parser) or() (Condition, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	and, or := false, false
	for {
		switch {
		case !or && p.word("AND"):
			and = true
		case !and && p.word("OR"):
			or = true
		default:
			return left, nil
		}
		right, err := p.term()
		if err != nil {
			return nil, err
		}
		if and {
			left = And{left, right}
		} else {
			left = Or{left, right}
		}
	}
}

func (p *parser) term() (Condition, error) {
	if p.word("NOT") {
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		c, err := p.term()
		return Not{c}, err
	}
	if p.sign("(") {
		c, err := p.or()
		if err != nil {
			return nil, err
		}
		return c, p.needSign(")")
	}
	return p.compare()
}

func (p *parser) compare() (Condition, error) {
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	c := Compare{Path: path}
	switch {
	case p.word("NOT"):
		if err := p.needWord("IN"); err != nil {
			return nil, err
		}
		c.Operator = "NOT IN"
	case p.word("IN"):
		c.Operator = "IN"
	case p.word("LIKE"):
		c.Operator = "LIKE"
	default:
		t := p.peek()
		if t.kind != tokenSign || !slices.Contains([]string{"=", "!=", "<", ">", "<=", ">="}, t.text) {
			return nil, p.unexpected()
		}
		c.Operator = p.next().text
	}
	if strings.HasSuffix(c.Operator, "IN") {
		c.Values, err = p.list()
		return c, err
	}
	v, err := p.literal(c.Operator == "LIKE")
	c.Values = []Literal{v}
	return c, err
}

func (p *parser) list() ([]Literal, error) {
	if err := p.needSign("("); err != nil {
		return nil, err
	}
	var out []Literal
	for {
		v, err := p.literal(false)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if !p.sign(",") {
			return out, p.needSign(")")
		}
	}
}

func (p *parser) literal(pattern bool) (Literal, error) {
	t := p.peek()
	switch {
	case t.kind == tokenString:
		p.next()
		if pattern {
			return Literal{Kind: String, Text: t.text}, nil
		}
		return Literal{Kind: String, Text: plain(t.text)}, nil
	case pattern:
		return Literal{}, p.unexpected()
	case p.word("NULL"):
		return Literal{Kind: Null}, nil
	case p.word("TRUE"):
		return Literal{Kind: Bool, Bool: true}, nil
	case p.word("FALSE"):
		return Literal{Kind: Bool}, nil
	case t.kind == tokenNumber:
		kind, ok := numberKind(t.text)
		if !ok {
			return Literal{}, p.unexpected()
		}
		p.next()
		return Literal{Kind: kind, Text: t.text}, nil
	}
	return Literal{}, p.unexpected()
}

func numberKind(s string) (LiteralKind, bool) {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return Number, true
	}
	if _, err := time.Parse("2006-01-02", s); err == nil {
		return Date, true
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if _, err := time.Parse(form, s); err == nil {
			return Datetime, true
		}
	}
	return 0, false
}
