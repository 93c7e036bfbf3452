package salesforce

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// A call is written in our names and translated as a whole, at the one place
// where calls are made. What stands in a record is never touched, only the
// names of objects and fields.

// outbound translates the path and the body of a call into the org's names.
func (n *names) outbound(path string, raw []byte) (string, []byte) {
	if n == nil {
		return path, raw
	}
	translated, object := n.path(path)
	if len(raw) == 0 {
		return translated, raw
	}
	body, err := decodeAny(raw)
	if err != nil {
		return translated, raw // ours is always JSON
	}
	out, err := json.Marshal(n.body(object, body))
	if err != nil {
		return translated, raw
	}
	return translated, out
}

// path translates a path below or above the API version, and names the object
// that it is about, if any.
func (n *names) path(path string) (translated, object string) {
	route, query, hasQuery := strings.Cut(path, "?")
	before, rest, ok := strings.Cut(route, "/sobjects/")
	if ok {
		segments := strings.Split(rest, "/")
		object = segments[0]
		if on := n.objects[object]; on != nil {
			segments[0] = on.name
			if len(segments) > 2 {
				segments[1] = on.field(segments[1])
			}
		}
		route = before + "/sobjects/" + strings.Join(segments, "/")
	}
	if !hasQuery {
		return route, object
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return route + "?" + query, object
	}
	if q := values.Get("q"); q != "" {
		soql, from := n.soql(q)
		values.Set("q", soql)
		return route + "?" + values.Encode(), from
	}
	if fields := values.Get("fields"); fields != "" {
		list := strings.Split(fields, ",")
		for i, f := range list {
			list[i] = n.objects[object].field(f)
		}
		values.Set("fields", strings.Join(list, ","))
		// A comma is plain in the value of a query, and Salesforce's own
		// examples leave it so.
		return route + "?" + strings.ReplaceAll(values.Encode(), "%2C", ","), object
	}
	return route + "?" + query, object
}

// body translates a request body: a record of object, or the steps, graphs or
// records of a composite call.
func (n *names) body(object string, v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for _, list := range []string{"compositeRequest", "graphs", "records"} {
		items, ok := m[list].([]any)
		if !ok {
			continue
		}
		for i, item := range items {
			items[i] = n.member(item)
		}
		return m
	}
	return n.record(object, m)
}

// member translates a step of a composite, a graph or a record of a collection.
func (n *names) member(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if _, isGraph := m["compositeRequest"]; isGraph {
		return n.body("", m)
	}
	if at, isURL := m["url"].(string); isURL {
		translated, object := n.path(at)
		m["url"] = translated
		if b, ok := m["body"].(map[string]any); ok {
			m["body"] = n.record(object, b)
		}
		return m
	}
	attributes, _ := m["attributes"].(map[string]any)
	object, _ := attributes["type"].(string)
	return n.record(object, m)
}

// record translates the names of a record's fields; a nested map is a parent
// named by its External ID. A reference to another step stays: those that are
// used name standard fields, which are the same everywhere.
func (n *names) record(object string, r map[string]any) map[string]any {
	on := n.objects[object]
	out := make(map[string]any, len(r))
	for name, value := range r {
		switch nested := value.(type) {
		case map[string]any:
			if name == "attributes" {
				if t, ok := nested["type"].(string); ok && n.objects[t] != nil {
					nested["type"] = n.objects[t].name
				}
			} else if on != nil {
				value = n.record(on.parents[name], nested)
			}
		}
		out[on.field(name)] = value
	}
	return out
}

// soql translates a statement of ours: one FROM, no sub-query, strings in single
// quotes.
func (n *names) soql(statement string) (translated, object string) {
	tokens := soqlTokens(statement)
	for i, t := range tokens {
		if strings.EqualFold(t, "FROM") && i+2 < len(tokens) {
			object = tokens[i+2] // a blank is between them
		}
	}
	on := n.objects[object]
	if on == nil {
		return statement, object
	}
	for i, t := range tokens {
		switch {
		case t == object && i > 1 && strings.EqualFold(tokens[i-2], "FROM"):
			tokens[i] = on.name
		case t != "" && isLetter(t[0]):
			tokens[i] = n.dotted(on, t)
		}
	}
	return strings.Join(tokens, ""), object
}

// dotted translates a path such as Invoice__r.Amount__c.
func (n *names) dotted(on *objectNames, path string) string {
	steps := strings.Split(path, ".")
	for i, step := range steps {
		if on == nil {
			break
		}
		steps[i] = on.field(step)
		on = n.objects[on.parents[step]]
	}
	return strings.Join(steps, ".")
}

// soqlTokens cuts a statement into names (with points), strings and the rest,
// character by character.
func soqlTokens(s string) []string {
	var tokens []string
	for i := 0; i < len(s); {
		end := i + 1
		switch {
		case s[i] == '\'':
			for end < len(s) && s[end] != '\'' {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(s))
		case isLetter(s[i]):
			for end < len(s) && (isLetter(s[end]) || s[end] >= '0' && s[end] <= '9' || s[end] == '_' || s[end] == '.') {
				end++
			}
		}
		tokens = append(tokens, s[i:end])
		i = end
	}
	return tokens
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// inbound translates an answer into our names. Objects are told by the type
// that every record carries, and the fields of errors by the call's object.
func (n *names) inbound(raw []byte) []byte {
	if n == nil || len(raw) == 0 {
		return raw
	}
	v, err := decodeAny(raw)
	if err != nil {
		return raw
	}
	out, err := json.Marshal(n.answer(v))
	if err != nil {
		return raw
	}
	return out
}

func (n *names) answer(v any) any {
	switch x := v.(type) {
	case []any:
		for i := range x {
			x[i] = n.answer(x[i])
		}
	case map[string]any:
		return n.answered(x)
	}
	return v
}

func (n *names) answered(m map[string]any) map[string]any {
	attributes, _ := m["attributes"].(map[string]any)
	kind, _ := attributes["type"].(string)
	on := n.objects[n.ours[kind]]
	out := make(map[string]any, len(m))
	for name, value := range m {
		switch {
		case name == "fields":
			value = n.faultFields(value)
		case name == "message":
			value = n.faultMessage(value)
		default:
			value = n.answer(value)
		}
		if on != nil && on.in[name] != "" {
			name = on.in[name]
		}
		out[name] = value
	}
	return out
}

// faultFields are the fields that an error names. The error does not say of
// which object; a name of the org's that is of one field of ours only is that.
func (n *names) faultFields(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	for i, item := range list {
		if name, ok := item.(string); ok {
			list[i] = n.anyField(name)
		}
	}
	return list
}

func (n *names) anyField(theirs string) string {
	for _, on := range n.objects {
		if ours, ok := on.in[theirs]; ok && ours != theirs {
			return ours
		}
	}
	return theirs
}

// faultMessage puts our name of the object into the one message that is read:
// a parent that is not there is told by it only.
func (n *names) faultMessage(v any) any {
	message, ok := v.(string)
	if !ok || !strings.HasPrefix(message, "Foreign key external ID:") {
		return v
	}
	at := strings.LastIndex(message, " in entity ") + len(" in entity ")
	if at < len(" in entity ") {
		return v
	}
	if ours, ok := n.ours[message[at:]]; ok {
		return message[:at] + ours
	}
	return v
}

// decodeAny keeps numbers as they were written.
func decodeAny(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}
