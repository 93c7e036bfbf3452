package stripe

import (
	"encoding/json"
	"slices"
	"strings"
)

const (
	defaultPage = 10
	maxPage     = 100
)

// page is Stripe's list object.
type page struct {
	Object  string `json:"object"`
	URL     string `json:"url"`
	HasMore bool   `json:"has_more"`
	Data    []any  `json:"data"`
}

// list answers the objects that keep selects, youngest first, one page of them.
func list[T any](r *request, url string, s *shelf[T], identify func(T) (id string, created int64), keep func(T) bool) (any, *apiError) {
	limit, failed := r.integer("limit", defaultPage)
	if failed != nil {
		return nil, failed
	}
	if limit < 1 || limit > maxPage {
		return nil, invalid("parameter_invalid_integer", "limit", "This value must be between 1 and %d.", maxPage)
	}
	inTime, failed := createdFilter(r)
	if failed != nil {
		return nil, failed
	}
	all := s.newest(func(v T) bool {
		_, created := identify(v)
		return inTime(created) && keep(v)
	})
	at := func(id string) int {
		return slices.IndexFunc(all, func(v T) bool { got, _ := identify(v); return got == id })
	}
	if id := r.text("starting_after"); id != "" {
		i := at(id)
		if i < 0 {
			return nil, missing("object", "starting_after", id)
		}
		all = all[i+1:]
	}
	if id := r.text("ending_before"); id != "" {
		i := at(id)
		if i < 0 {
			return nil, missing("object", "ending_before", id)
		}
		all = all[max(0, i-int(limit)):i]
	}
	out := page{Object: "list", URL: url, HasMore: len(all) > int(limit), Data: []any{}}
	for _, v := range all[:min(len(all), int(limit))] {
		out.Data = append(out.Data, v)
	}
	return out, nil
}

// createdFilter reads created=t and created[gt|gte|lt|lte]=t.
func createdFilter(r *request) (func(int64) bool, *apiError) {
	var tests []func(int64) bool
	for name, holds := range map[string]func(created, bound int64) bool{
		"created":      func(c, b int64) bool { return c == b },
		"created[gt]":  func(c, b int64) bool { return c > b },
		"created[gte]": func(c, b int64) bool { return c >= b },
		"created[lt]":  func(c, b int64) bool { return c < b },
		"created[lte]": func(c, b int64) bool { return c <= b },
	} {
		if !r.has(name) {
			continue
		}
		bound, failed := r.integer(name, 0)
		if failed != nil {
			return nil, failed
		}
		tests = append(tests, func(c int64) bool { return holds(c, bound) })
	}
	return func(c int64) bool {
		for _, t := range tests {
			if !t(c) {
				return false
			}
		}
		return true
	}, nil
}

// listing names the parameters that every list takes, and more.
func listing(more ...string) []string {
	return append([]string{"limit", "starting_after", "ending_before", "created"}, more...)
}

// expanded encodes an answer and puts whole objects where expand[] asks for them.
func (r *request) expanded(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	paths := r.list("expand")
	if err != nil || len(paths) == 0 {
		return raw, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	for _, path := range paths {
		r.expand(tree, strings.Split(path, "."))
	}
	return json.Marshal(tree)
}

func (r *request) expand(node any, path []string) {
	if items, ok := node.([]any); ok {
		for _, item := range items {
			r.expand(item, path)
		}
		return
	}
	m, ok := node.(map[string]any)
	if !ok || len(path) == 0 {
		return
	}
	if id, ok := m[path[0]].(string); ok {
		if found := r.find(id); found != nil {
			m[path[0]] = found
		}
	}
	r.expand(m[path[0]], path[1:])
}

// find returns any object by its id, as a JSON tree.
func (r *request) find(id string) any {
	var found any
	if v, ok := r.customers.get(id); ok {
		found = v
	} else if v, ok := r.methods.get(id); ok {
		found = v
	} else if v, ok := r.intents.get(id); ok {
		found = v
	} else if v, ok := r.charges.get(id); ok {
		found = v
	}
	raw, err := json.Marshal(found)
	if err != nil {
		return nil
	}
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return nil
	}
	return tree
}
