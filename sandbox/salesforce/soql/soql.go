// Package soql reads the part of Salesforce's query language that applications use: fields and parent fields,
// child sub-queries, aggregates, conditions, grouping, order and paging. Parse turns text into a Query; running it
// is the caller's.
package soql

// Query is one SELECT.
type Query struct {
	Select  []Column
	From    string
	Where   Condition // nil when there is none
	GroupBy []Path
	OrderBy []Order
	Limit   int // -1 when there is none
	Offset  int
	Count   bool // SELECT COUNT() FROM …
}

// Path is a field, reached over parents: Account__r.External_Id__c has two steps.
type Path []string

// Column is one thing selected: a field, an aggregate of one, or the children of each row.
type Column struct {
	Path     Path
	Function string // upper case: COUNT, SUM, MIN, MAX, AVG, COUNT_DISTINCT; empty for a plain field
	Alias    string
	Children *Query // its From is the name of the child relationship
}

// Order is one key of ORDER BY.
type Order struct {
	Path       Path
	Function   string
	Descending bool
	NullsLast  bool
}

// Condition is a node of WHERE: And, Or, Not or Compare.
type Condition interface{ condition() }

// And holds when both sides do.
type And struct{ Left, Right Condition }

// Or holds when one side does.
type Or struct{ Left, Right Condition }

// Not holds when its operand does not.
type Not struct{ Operand Condition }

// Compare sets a field against literals; all operators but IN and NOT IN have exactly one.
type Compare struct {
	Path     Path
	Operator string // = != < > <= >= LIKE IN, NOT IN
	Values   []Literal
}

func (And) condition()     {}
func (Or) condition()      {}
func (Not) condition()     {}
func (Compare) condition() {}

// LiteralKind tells literals apart.
type LiteralKind int

// The kinds of literals.
const (
	Null LiteralKind = iota
	String
	Number
	Bool
	Date
	Datetime
)

// Literal is a constant in a condition. Text is unescaped; numbers, dates and times stay as written.
type Literal struct {
	Kind LiteralKind
	Text string
	Bool bool
}

// Error is what is wrong with a query, and where.
type Error struct {
	Message string
	Column  int // counted in bytes from 1
}

// Error implements error.
func (e *Error) Error() string { return e.Message }
