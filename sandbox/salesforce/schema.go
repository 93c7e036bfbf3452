package salesforce

import (
	"slices"
	"strings"
)

// kind is the type of a field, as describe names it.
type kind string

const (
	kindID        kind = "id"
	kindString    kind = "string"
	kindTextarea  kind = "textarea"
	kindEmail     kind = "email"
	kindPhone     kind = "phone"
	kindURL       kind = "url"
	kindNumber    kind = "double"   // all our numbers are Number(18,0)
	kindCurrency  kind = "currency" // in the major unit of a currency, with up to three decimals
	kindBase64    kind = "base64"
	kindBoolean   kind = "boolean"
	kindDate      kind = "date"
	kindDatetime  kind = "datetime"
	kindPicklist  kind = "picklist"
	kindReference kind = "reference"
)

// field describes one column of an object.
type field struct {
	name       string
	kind       kind
	length     int
	required   bool
	unique     bool
	externalID bool
	readOnly   bool   // no caller may write it
	createOnly bool   // callers may write it on insert only: the parent of a master-detail
	refTo      string // object that a reference points to
	relation   string // name of the parent in SOQL and JSON ("Account__r")
	children   string // name of the child list on the parent ("Payments__r")
	master     bool   // master-detail: deleting the parent deletes the children
	values     []string
	initial    any // default on insert
}

// label is the name that people see, which error messages carry.
func (f *field) label() string {
	if f.kind == kindReference && strings.HasSuffix(f.name, "Id") {
		return strings.TrimSuffix(f.name, "Id") + " ID"
	}
	return strings.ReplaceAll(strings.TrimSuffix(f.name, "__c"), "_", " ")
}

// object describes one table.
type object struct {
	name     string
	prefix   string // first three characters of its ids
	autoName string // "INV-" when Name is an auto-number
	fields   []*field
	byName   map[string]*field // lower-case name
	byParent map[string]*field // lower-case relationship name
}

func (o *object) field(name string) *field { return o.byName[strings.ToLower(name)] }

// parent returns the reference field behind a relationship name.
func (o *object) parent(relation string) *field { return o.byParent[strings.ToLower(relation)] }

// schema is every object of the org.
type schema struct {
	objects map[string]*object // lower-case name
	names   []string           // in the order of definition
	partial bool               // something of it was left out
}

func (s *schema) object(name string) *object { return s.objects[strings.ToLower(name)] }

// references are the fields of all objects that point to the named one.
func (s *schema) references(to string) []reference {
	var out []reference
	for _, name := range s.names {
		o := s.object(name)
		for _, f := range o.fields {
			if f.refTo == to {
				out = append(out, reference{object: o, field: f})
			}
		}
	}
	return out
}

// reference is a field seen from the object it points to.
type reference struct {
	object *object
	field  *field
}

func newSchema(without []string) *schema {
	s := &schema{objects: map[string]*object{}, partial: len(without) > 0}
	for _, o := range definitions() {
		if slices.Contains(without, o.name) {
			continue
		}
		o.fields = append(systemFields(o), o.fields...)
		o.fields = slices.DeleteFunc(o.fields, func(f *field) bool { return slices.Contains(without, o.name+"."+f.name) })
		o.byName, o.byParent = map[string]*field{}, map[string]*field{}
		for _, f := range o.fields {
			o.byName[strings.ToLower(f.name)] = f
			if f.relation != "" {
				o.byParent[strings.ToLower(f.relation)] = f
			}
		}
		s.objects[strings.ToLower(o.name)] = o
		s.names = append(s.names, o.name)
	}
	return s
}

func systemFields(o *object) []*field {
	name := text("Name", 80)
	name.required = true
	switch {
	case o.autoName != "":
		name.required, name.readOnly = false, true
	case o.name == "Contact", o.name == "PricebookEntry":
		name.required, name.readOnly = false, true // composed by the org
	}
	fields := []*field{
		{name: "Id", kind: kindID, readOnly: true},
		name,
		{name: "IsDeleted", kind: kindBoolean, readOnly: true, initial: false},
		{name: "CreatedDate", kind: kindDatetime, readOnly: true},
		{name: "LastModifiedDate", kind: kindDatetime, readOnly: true},
		{name: "SystemModstamp", kind: kindDatetime, readOnly: true},
	}
	if nameless(o.name) {
		return slices.DeleteFunc(fields, func(f *field) bool { return f.name == "Name" })
	}
	return fields
}

func text(name string, length int) *field {
	return &field{name: name, kind: kindString, length: length}
}

func longText(name string) *field { return &field{name: name, kind: kindTextarea, length: 32000} }

func number(name string) *field { return &field{name: name, kind: kindNumber} }

// key is an External ID: unique, whatever the case.
func key(name string, length int) *field {
	return &field{name: name, kind: kindString, length: length, unique: true, externalID: true}
}

func picklist(name string, values ...string) *field {
	return &field{name: name, kind: kindPicklist, length: 255, values: values}
}

func lookup(name, to, relation, children string) *field {
	return &field{name: name, kind: kindReference, refTo: to, relation: relation, children: children}
}

func masterDetail(name, to, relation, children string) *field {
	f := lookup(name, to, relation, children)
	f.required, f.createOnly, f.master = true, true, true
	return f
}

func required(f *field) *field { f.required = true; return f }

func byDefault(f *field, v any) *field { f.initial = v; return f }
