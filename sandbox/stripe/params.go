package stripe

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params is a form-encoded request: flat names, with brackets for what is nested.
type params struct{ values url.Values }

// allow refuses every parameter whose root is not one of names.
func (p params) allow(names ...string) *apiError {
	for name := range p.values {
		root, _, _ := strings.Cut(name, "[")
		if !slices.Contains(names, root) && root != "expand" {
			return invalid("parameter_unknown", name, "Received unknown parameter: %s", name)
		}
	}
	return nil
}

func (p params) has(name string) bool { return p.values.Has(name) }

func (p params) text(name string) string { return p.values.Get(name) }

// integer reads a whole number; absent gives def.
func (p params) integer(name string, def int64) (int64, *apiError) {
	if !p.has(name) {
		return def, nil
	}
	n, err := strconv.ParseInt(p.text(name), 10, 64)
	if err != nil {
		return 0, invalid("parameter_invalid_integer", name, "Invalid integer: %s", p.text(name))
	}
	return n, nil
}

func (p params) flag(name string) (bool, *apiError) {
	switch p.text(name) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	return false, invalid("parameter_invalid_boolean", name, "Invalid boolean: %s", p.text(name))
}

func (p params) oneOf(name, def string, allowed ...string) (string, *apiError) {
	v := p.text(name)
	if v == "" {
		return def, nil
	}
	if !slices.Contains(allowed, v) {
		return "", invalid("", name, "Invalid %s: must be one of %s", name, strings.Join(allowed, ", "))
	}
	return v, nil
}

// list reads name[], name[0], name[1] … in order.
func (p params) list(name string) []string {
	out := slices.Clone(p.values[name+"[]"])
	for i := 0; p.has(name + "[" + strconv.Itoa(i) + "]"); i++ {
		out = append(out, p.text(name+"["+strconv.Itoa(i)+"]"))
	}
	return out
}

// under is what is nested in name, without it: a[b][c] is b[c] under a.
func (p params) under(name string) params {
	inner := params{url.Values{}}
	for full, v := range p.values {
		rest, ok := strings.CutPrefix(full, name+"[")
		if key, tail, closed := strings.Cut(rest, "]"); ok && closed {
			inner.values[key+tail] = v
		}
	}
	return inner
}

const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

// metadata merges the given metadata into what is there; an empty value removes its key.
func (p params) metadata(old map[string]string) (map[string]string, *apiError) {
	out := make(map[string]string, len(old))
	for k, v := range old {
		out[k] = v
	}
	for name := range p.values {
		rest, ok := strings.CutPrefix(name, "metadata[")
		if !ok {
			continue
		}
		key, ok := strings.CutSuffix(rest, "]")
		value := p.text(name)
		switch {
		case !ok || key == "" || strings.ContainsAny(key, "[]"):
			return nil, invalid("parameter_invalid_empty", name, "Metadata keys may not be empty or hold square brackets")
		case len([]rune(key)) > maxMetadataKey:
			return nil, invalid("", name, "Metadata keys can have up to %d characters", maxMetadataKey)
		case len([]rune(value)) > maxMetadataValue:
			return nil, invalid("", name, "Metadata values can have up to %d characters", maxMetadataValue)
		case value == "":
			delete(out, key)
		default:
			out[key] = value
		}
	}
	if len(out) > maxMetadata {
		return nil, invalid("", "metadata", "You can have up to %d metadata keys", maxMetadata)
	}
	return out, nil
}
