package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// record is the stored fields of one row. Records are never changed in place, so a reference to one is a snapshot.
type record map[string]any

func (r record) id() string { return r.text("Id") }

func (r record) text(name string) string {
	s, _ := r[name].(string)
	return s
}

func (r record) number(name string) int64 {
	n, _ := r[name].(int64)
	return n
}

func (r record) flag(name string) bool {
	b, _ := r[name].(bool)
	return b
}

// table is the rows of one object.
type table struct {
	object *object
	rows   map[string]record
	unique map[string]map[string]string // field name, folded value, id
	last   int64                        // number of the youngest record
}

func newTable(o *object) *table {
	t := &table{object: o, rows: map[string]record{}, unique: map[string]map[string]string{}}
	for _, f := range o.fields {
		if f.unique {
			t.unique[f.name] = map[string]string{}
		}
	}
	return t
}

// live are the rows that are not in the bin, oldest first.
func (t *table) live() []record {
	out := make([]record, 0, len(t.rows))
	for _, id := range slices.Sorted(maps.Keys(t.rows)) {
		if r := t.rows[id]; !r.flag("IsDeleted") {
			out = append(out, r)
		}
	}
	return out
}

// find looks a live row up by a unique field.
func (t *table) find(f *field, value string) (record, bool) {
	id, ok := t.unique[f.name][fold(value)]
	if !ok {
		return nil, false
	}
	return t.rows[id], true
}

func fold(s string) string { return strings.ToLower(s) }

// set puts r (or nothing) in the place of the row id and keeps the unique indexes in step.
func (t *table) set(id string, r record) {
	for name, index := range t.unique {
		if old := t.rows[id]; old != nil && index[fold(old.text(name))] == id {
			delete(index, fold(old.text(name)))
		}
		if r != nil && !r.flag("IsDeleted") && r.text(name) != "" {
			index[fold(r.text(name))] = id
		}
	}
	if r == nil {
		delete(t.rows, id)
		return
	}
	t.rows[id] = r
}

// store is the data of the org. The server's lock guards it.
type store struct {
	schema *schema
	tables map[string]*table
}

func newStore(s *schema) *store {
	st := &store{schema: s, tables: map[string]*table{}}
	for _, name := range s.names {
		st.tables[name] = newTable(s.object(name))
	}
	return st
}

func (s *store) table(o *object) *table { return s.tables[o.name] }

// lookup finds the row that an id names, whatever its object.
func (s *store) lookup(id string) (*object, record) {
	for _, t := range s.tables {
		if strings.HasPrefix(id, t.object.prefix) {
			return t.object, t.rows[id]
		}
	}
	return nil, nil
}

// tx is a set of changes that becomes visible at once and can be taken back. Since the server runs one at a time,
// changes are made in place and an undo list takes them back.
type tx struct {
	*store
	undo    []func()
	dirty   map[string]bool // "object/id" of every touched row
	effects []effect
}

// effect is one record saved, for the control page.
type effect struct{ verb, object string }

func (s *store) begin() *tx { return &tx{store: s, dirty: map[string]bool{}} }

// mark is a place to roll back to.
func (x *tx) mark() savepoint { return savepoint{undo: len(x.undo), effects: len(x.effects)} }

type savepoint struct{ undo, effects int }

func (x *tx) rollback(to savepoint) {
	for _, undo := range slices.Backward(x.undo[to.undo:]) {
		undo()
	}
	x.undo, x.effects = x.undo[:to.undo], x.effects[:to.effects]
}

func (x *tx) put(o *object, r record) {
	t, id := x.table(o), r.id()
	old := t.rows[id]
	t.set(id, r)
	x.dirty[o.name+"/"+id] = true
	x.undo = append(x.undo, func() { t.set(id, old) })
}

// next draws the number of a new record. As in the real thing a roll-back leaves a gap in the numbers.
func (x *tx) next(o *object) int64 {
	t := x.table(o)
	t.last++
	return t.last
}

func (x *tx) did(verb string, o *object) { x.effects = append(x.effects, effect{verb, o.name}) }

// changes are the commit for the log.
func (x *tx) changes() (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(x.dirty))
	for k := range x.dirty {
		name, id, _ := strings.Cut(k, "/")
		r := x.tables[name].rows[id]
		if r == nil {
			continue // made and rolled back inside this transaction
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", k, err)
		}
		out[k] = raw
		out["last/"+name] = json.RawMessage(strconv.FormatInt(x.tables[name].last, 10))
	}
	return out, nil
}

// load fills an empty store from a log.
func (s *store) load(values map[string]json.RawMessage) error {
	for k, raw := range values {
		name, id, _ := strings.Cut(k, "/")
		if name == "last" {
			n, err := strconv.ParseInt(string(raw), 10, 64)
			if err != nil || s.tables[id] == nil {
				return fmt.Errorf("reading %s: unexpected value", k)
			}
			s.tables[id].last = n
			continue
		}
		t := s.tables[name]
		if t == nil {
			return fmt.Errorf("reading %s: no such object", k)
		}
		r, err := decodeRecord(t.object, raw)
		if err != nil {
			return fmt.Errorf("reading %s: %w", k, err)
		}
		t.set(id, r)
	}
	return nil
}

func decodeRecord(o *object, raw json.RawMessage) (record, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var r record
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("decoding the record: %w", err)
	}
	for name, v := range r {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		i, err := n.Int64()
		if err != nil {
			return nil, fmt.Errorf("decoding %s: %w", o.name, err)
		}
		r[name] = i
	}
	return r, nil
}
