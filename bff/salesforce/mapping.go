package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fieldpay/action"
)

// Mapping says what the objects and fields that FieldPay uses are called in an
// org. The zero value is the package as it is shipped.
type Mapping struct {
	// Namespace is the prefix of the package's names when it was installed as a
	// managed one, e.g. "fp" for fp__Invoice__c. A name given below is used as
	// it is.
	Namespace string `json:"namespace,omitempty"`
	// Objects maps an object's name in the package to what this org says.
	Objects map[string]ObjectMapping `json:"objects,omitempty"`
	// PriceBook is the name of the price book whose prices are offered.
	// Default: the standard one.
	PriceBook string `json:"priceBook,omitempty"`
	// Currency is the currency of all prices, for an org that has only one (it
	// has no CurrencyIsoCode then). Default: each entry names its own.
	Currency action.Currency `json:"currency,omitempty"`
}

// ObjectMapping is what one object and its fields are called in an org.
type ObjectMapping struct {
	// Name is the object's API name. Default: that of the package.
	Name string `json:"name,omitempty"`
	// Fields maps a field's name in the package to its API name.
	Fields map[string]string `json:"fields,omitempty"`
}

var apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,78}$`)

// ParseMapping reads a mapping file: the JSON form of [Mapping]. A name that
// the package does not have is an error, because a typing mistake there would
// else only show in an org.
func ParseMapping(raw []byte) (Mapping, error) {
	var m Mapping
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Mapping{}, fmt.Errorf("reading the mapping of Salesforce's names: %w", err)
	}
	if dec.More() {
		return Mapping{}, errors.New("the mapping of Salesforce's names has something after its end")
	}
	return m, m.check()
}

func (m Mapping) check() error {
	var wrong []error
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("mapping: "+format, args...)) }
	if m.Namespace != "" && !apiName.MatchString(m.Namespace) {
		complain("the namespace is not one")
	}
	if m.Currency != "" && !m.Currency.Known() {
		complain("the currency is none of ISO 4217")
	}
	all := schemas()
	for name, o := range m.Objects {
		known, ok := objectNamed(all, name)
		if !ok {
			complain("FieldPay has no object %.80q", name)
			continue
		}
		if o.Name != "" && !apiName.MatchString(o.Name) {
			complain("%.80q is not an API name", o.Name)
		}
		for field, to := range o.Fields {
			if !slices.ContainsFunc(known.fields, func(f fieldSchema) bool { return f.name == field }) {
				complain("%s has no field %.80q in FieldPay", name, field)
			}
			if !apiName.MatchString(to) {
				complain("%.80q is not an API name", to)
			}
		}
	}
	return errors.Join(wrong...)
}

// names are the two ways between our names and an org's.
type names struct {
	objects map[string]*objectNames // by our name
	ours    map[string]string       // an org's object to ours
}

type objectNames struct {
	name string
	// out has our names of fields and relations, in the org's.
	out map[string]string
	// in has the org's in ours.
	in map[string]string
	// parents maps one of our relations to the object it leads to.
	parents map[string]string
}

// newNames returns nil when every name is the package's own, which is the usual
// case: then nothing is translated.
func newNames(m Mapping) *names {
	if m.Namespace == "" && len(m.Objects) == 0 {
		return nil
	}
	n := &names{objects: map[string]*objectNames{}, ours: map[string]string{}}
	for _, o := range schemas() {
		given := m.Objects[o.name]
		on := &objectNames{name: m.name(o.name, given.Name), out: map[string]string{}, in: map[string]string{}, parents: map[string]string{}}
		for _, f := range o.fields {
			on.add(f.name, m.name(f.name, given.Fields[f.name]))
			if f.relation != "" {
				on.parents[f.relation] = f.parent
				if custom(f.relation) {
					on.add(f.relation, strings.TrimSuffix(on.out[f.name], "__c")+"__r")
				}
			}
		}
		n.objects[o.name], n.ours[on.name] = on, o.name
	}
	return n
}

func (o *objectNames) add(ours, theirs string) { o.out[ours], o.in[theirs] = theirs, ours }

// name is what the org calls one of our names.
func (m Mapping) name(ours, given string) string {
	switch {
	case given != "":
		return given
	case m.Namespace != "" && custom(ours):
		return m.Namespace + "__" + ours
	default:
		return ours
	}
}

// field translates a field of one of our objects, or leaves the name.
func (o *objectNames) field(ours string) string {
	if o == nil {
		return ours
	}
	if theirs, ok := o.out[ours]; ok {
		return theirs
	}
	return ours
}
