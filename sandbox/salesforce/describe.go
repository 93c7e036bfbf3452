package salesforce

import (
	"net/http"
	"strings"
)

func (w *work) describeGlobal(c call) reply {
	if c.method != http.MethodGet {
		return methodNotAllowed(c.method, "GET", "HEAD").reply()
	}
	list := []any{}
	for _, name := range w.schema.names {
		list = append(list, w.brief(c, w.schema.object(name)))
	}
	return reply{status: 200, body: map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list}}
}

func (w *work) brief(c call, o *object) map[string]any {
	url := c.base + "/sobjects/" + o.name
	return map[string]any{
		"name": o.name, "label": (&field{name: o.name}).label(), "keyPrefix": o.prefix, "custom": strings.HasSuffix(o.name, "__c"),
		"createable": true, "updateable": true, "deletable": true, "queryable": true, "retrieveable": true,
		"urls": map[string]any{"sobject": url, "describe": url + "/describe", "rowTemplate": url + "/{ID}"},
	}
}

// describe answers what a client needs to know of an object's fields.
func (w *work) describe(c call, o *object) reply {
	if c.method != http.MethodGet {
		return methodNotAllowed(c.method, "GET", "HEAD").reply()
	}
	out := w.brief(c, o)
	fields := []any{}
	for _, f := range o.fields {
		fields = append(fields, describeField(f))
	}
	children := []any{}
	for _, ref := range w.schema.references(o.name) {
		children = append(children, map[string]any{"childSObject": ref.object.name, "field": ref.field.name,
			"relationshipName": ref.field.children, "cascadeDelete": ref.field.master})
	}
	out["fields"], out["childRelationships"] = fields, children
	return reply{status: 200, body: out}
}

func describeField(f *field) map[string]any {
	d := map[string]any{
		"name": f.name, "label": f.label(), "type": string(f.kind), "length": f.length, "nillable": !f.required,
		"unique": f.unique, "caseSensitive": false, "externalId": f.externalID, "createable": !f.readOnly,
		"updateable": !f.readOnly && !f.createOnly, "defaultedOnCreate": f.initial != nil, "relationshipName": nil,
		"referenceTo": []string{}, "precision": 0, "scale": 0, "picklistValues": []any{}, "restrictedPicklist": f.kind == kindPicklist,
	}
	if f.refTo != "" {
		d["referenceTo"], d["relationshipName"] = []string{f.refTo}, f.relation
	}
	if f.kind == kindNumber {
		d["precision"] = 18
	}
	values := []any{}
	for _, v := range f.values {
		values = append(values, map[string]any{"value": v, "label": v, "active": true, "defaultValue": v == f.initial})
	}
	d["picklistValues"] = values
	return d
}
