package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// body is the fields of a save request, still as JSON.
type body map[string]json.RawMessage

func parseBody(raw []byte) (body, *apiError) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&b); err != nil || b == nil {
		return nil, badJSON("The HTTP entity body is required, but this request has no readable entity body.")
	}
	if dec.More() {
		return nil, badJSON("Unexpected content after the entity body.")
	}
	return b, nil
}

// saver carries what one save needs: the transaction and the way to injected faults.
type saver struct {
	*tx
	now   time.Time
	fault func(object string) *apiError
}

// insert creates a record and returns its id.
func (s *saver) insert(o *object, b body) (string, *apiError) {
	if err := s.fault(o.name); err != nil {
		return "", err
	}
	values, err := s.writable(o, b, true)
	if err != nil {
		return "", err
	}
	r := record{}
	for _, f := range o.fields {
		if f.initial != nil {
			r[f.name] = f.initial
		}
	}
	maps.Copy(r, values)
	n := s.next(o)
	stamp := datetime(s.now)
	r["Id"], r["CreatedDate"], r["LastModifiedDate"], r["SystemModstamp"] = newID(o.prefix, n), stamp, stamp, stamp
	if o.autoName != "" {
		r["Name"] = fmt.Sprintf("%s%05d", o.autoName, n)
	}
	if err := s.save(o, nil, r); err != nil {
		return "", err
	}
	s.did("created", o)
	return r.id(), nil
}

// update changes the given fields of a record.
func (s *saver) update(o *object, id string, b body) *apiError {
	if err := s.fault(o.name); err != nil {
		return err
	}
	prior, err := s.existing(o, id)
	if err != nil {
		return err
	}
	values, err := s.writable(o, b, false)
	if err != nil {
		return err
	}
	r := maps.Clone(prior)
	maps.Copy(r, values)
	stamp := datetime(s.now)
	r["LastModifiedDate"], r["SystemModstamp"] = stamp, stamp
	if err := s.save(o, prior, r); err != nil {
		return err
	}
	s.did("updated", o)
	return nil
}

// save runs the order of execution: before-save automation, required fields, validation rules, references,
// uniqueness, then the write and what follows from it.
func (s *saver) save(o *object, prior, r record) *apiError {
	beforeSave(o, prior, r)
	if err := missing(o, r); err != nil {
		return err
	}
	if err := validate(o, prior, r); err != nil {
		return err
	}
	for _, f := range o.fields {
		if err := s.checkReference(f, r); err != nil {
			return err
		}
	}
	for _, f := range o.fields {
		if err := s.checkUnique(o, f, r); err != nil {
			return err
		}
	}
	if err := s.priced(o, r); err != nil {
		return err
	}
	if err := s.filed(o, prior, r); err != nil {
		return err
	}
	clearGuards(o, r)
	s.put(o, r)
	s.rollUp(o, prior, r)
	return nil
}

func missing(o *object, r record) *apiError {
	var names []string
	for _, f := range o.fields {
		if f.required && r[f.name] == nil {
			names = append(names, f.name)
		}
	}
	if names == nil {
		return nil
	}
	return fail("REQUIRED_FIELD_MISSING", names, "Required fields are missing: [%s]", strings.Join(names, ", "))
}

func (s *saver) checkReference(f *field, r record) *apiError {
	id := r.text(f.name)
	if f.refTo == "" || id == "" {
		return nil
	}
	o, to := s.lookup(id)
	switch {
	case o == nil || o.name != f.refTo:
		return fail("MALFORMED_ID", []string{f.name}, "%s: id value of incorrect type: %s", f.label(), id)
	case to == nil:
		return fail("INVALID_CROSS_REFERENCE_KEY", nil, "invalid cross reference id")
	case to.flag("IsDeleted"):
		return fail("ENTITY_IS_DELETED", nil, "entity is deleted")
	}
	return nil
}

func (s *saver) checkUnique(o *object, f *field, r record) *apiError {
	if !f.unique || r.text(f.name) == "" {
		return nil
	}
	other, ok := s.table(o).find(f, r.text(f.name))
	if !ok || other.id() == r.id() {
		return nil
	}
	return fail("DUPLICATE_VALUE", nil, "duplicate value found: %s duplicates value on record with id: %s", f.name, other.id()[:15])
}

// existing finds a live record by its id.
func (s *tx) existing(o *object, id string) (record, *apiError) {
	long, ok := longID(id)
	if !ok {
		return nil, &apiError{status: 400, code: "MALFORMED_ID", message: "malformed id " + id}
	}
	r := s.table(o).rows[long]
	switch {
	case r == nil:
		return nil, notFound()
	case r.flag("IsDeleted"):
		return nil, deleted()
	}
	return r, nil
}

// writable checks the given names and turns the values into what is stored.
func (s *saver) writable(o *object, b body, inserting bool) (record, *apiError) {
	out := record{}
	var refused []string
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if name == "attributes" {
			continue
		}
		f := o.field(name)
		if f == nil {
			if err := s.foreignKey(o, name, b[name], out); err != nil {
				return nil, err
			}
			continue
		}
		if f.readOnly || (f.createOnly && !inserting) {
			refused = append(refused, f.name)
			continue
		}
		v, err := f.coerce(b[name])
		if err != nil {
			return nil, err
		}
		out[f.name] = v
	}
	if refused != nil {
		return nil, fail("INVALID_FIELD_FOR_INSERT_UPDATE", refused,
			"Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
			strings.Join(refused, ", "))
	}
	return out, nil
}

// foreignKey takes a parent named by one of its external ids: {"Account__r": {"External_Id__c": "acc-001"}}.
func (s *saver) foreignKey(o *object, name string, raw json.RawMessage, out record) *apiError {
	f := o.parent(name)
	var keys map[string]json.RawMessage
	if f == nil || json.Unmarshal(raw, &keys) != nil {
		return noColumn(o, name)
	}
	delete(keys, "attributes")
	parent := s.schema.object(f.refTo)
	for field, value := range keys {
		ext := parent.field(field)
		if ext == nil || !ext.externalID || len(keys) != 1 {
			return fail("INVALID_FIELD", nil, "Not an external ID field: %s on %s", field, parent.name)
		}
		v, err := ext.coerce(value)
		if err != nil {
			return err
		}
		text, _ := v.(string)
		row, ok := s.table(parent).find(ext, text)
		if !ok {
			return fail("INVALID_FIELD", nil, "Foreign key external ID: %s not found for field %s in entity %s", text, ext.name, parent.name)
		}
		out[f.name] = row.id()
		return nil
	}
	return noColumn(o, name)
}

func noColumn(o *object, name string) *apiError {
	return fail("INVALID_FIELD", nil, "No such column '%s' on sobject of type %s", name, o.name)
}

// remove puts a record in the bin, and with it the details of which it is the master.
func (s *saver) remove(o *object, id string) *apiError {
	if err := s.fault(o.name); err != nil {
		return err
	}
	r, err := s.existing(o, id)
	if err != nil {
		return err
	}
	for _, ref := range s.schema.references(o.name) {
		if err := s.release(ref, r.id()); err != nil {
			return err
		}
	}
	gone := maps.Clone(r)
	gone["IsDeleted"], gone["SystemModstamp"] = true, datetime(s.now)
	s.put(o, gone)
	s.rollUp(o, r, gone)
	s.did("deleted", o)
	return nil
}

// release deals with the records that point to one about to be deleted.
func (s *saver) release(ref reference, id string) *apiError {
	for _, child := range s.table(ref.object).live() {
		if child.text(ref.field.name) != id {
			continue
		}
		switch {
		case ref.field.master:
			if err := s.remove(ref.object, child.id()); err != nil {
				return err
			}
		case ref.field.required:
			return fail("DELETE_FAILED", nil, "Your attempt to delete the record could not be completed because it is associated with the following %s: %s",
				ref.object.name, child.text("Name"))
		default:
			freed := maps.Clone(child)
			freed[ref.field.name] = nil
			s.put(ref.object, freed)
		}
	}
	return nil
}
