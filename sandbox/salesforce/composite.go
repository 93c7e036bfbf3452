package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxSubrequests   = 25
	maxGraphs        = 75
	maxNodes         = 500
	maxFailedGraphs  = 14
	maxCompositeNest = 1
)

type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Body        json.RawMessage   `json:"body"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
}

type subresponse struct {
	Body           any               `json:"body"`
	HTTPHeaders    map[string]string `json:"httpHeaders"`
	HTTPStatusCode int               `json:"httpStatusCode"`
	ReferenceID    string            `json:"referenceId"`
}

func (r subresponse) failed() bool { return r.HTTPStatusCode >= 400 }

// composite serves /composite and what is below it.
func (w *work) composite(c call, path []string) reply {
	switch {
	case len(path) > 0 && path[0] == "sobjects":
		return w.records(c, path[1:])
	case c.method != http.MethodPost:
		return methodNotAllowed(c.method, "HEAD", "POST").reply()
	case c.depth >= maxCompositeNest:
		return fail("INVALID_INPUT", nil, "Subrequests of this kind cannot be nested in a composite request.").reply()
	case len(path) == 0:
		return w.compositeCall(c)
	case len(path) == 1 && path[0] == "graph":
		return w.graphCall(c)
	}
	return notFound().reply()
}

func (w *work) compositeCall(c call) reply {
	var in struct {
		AllOrNone        bool         `json:"allOrNone"`
		CompositeRequest []subrequest `json:"compositeRequest"`
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return badJSON("the composite request cannot be read: " + err.Error()).reply()
	}
	if n := len(in.CompositeRequest); n == 0 || n > maxSubrequests {
		return fail("LIMIT_EXCEEDED", nil, "A composite request takes 1 to %d subrequests, not %d.", maxSubrequests, n).reply()
	}
	if err := checkReferenceIDs(in.CompositeRequest); err != nil {
		return err.reply()
	}
	out, _ := w.runAll(c, in.CompositeRequest, in.AllOrNone)
	return reply{status: 200, body: map[string]any{"compositeResponse": out}}
}

func (w *work) graphCall(c call) reply {
	var in struct {
		Graphs []struct {
			GraphID          string       `json:"graphId"`
			CompositeRequest []subrequest `json:"compositeRequest"`
		} `json:"graphs"`
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return badJSON("the graph request cannot be read: " + err.Error()).reply()
	}
	if n := len(in.Graphs); n == 0 || n > maxGraphs {
		return fail("LIMIT_EXCEEDED", nil, "A request takes 1 to %d graphs, not %d.", maxGraphs, n).reply()
	}
	nodes, ids := 0, map[string]bool{}
	for _, g := range in.Graphs {
		nodes += len(g.CompositeRequest)
		if g.GraphID == "" || ids[g.GraphID] {
			return fail("INVALID_INPUT", nil, "graphId is missing or used twice: %q", g.GraphID).reply()
		}
		ids[g.GraphID] = true
		if err := checkReferenceIDs(g.CompositeRequest); err != nil {
			return err.reply()
		}
	}
	if nodes > maxNodes {
		return fail("LIMIT_EXCEEDED", nil, "A request takes at most %d nodes, not %d.", maxNodes, nodes).reply()
	}
	out, bad := []any{}, 0
	for _, g := range in.Graphs {
		var responses []subresponse
		good := false
		if bad < maxFailedGraphs {
			responses, good = w.runAll(c, g.CompositeRequest, true)
		} else {
			responses = halted(g.CompositeRequest)
		}
		if !good {
			bad++
		}
		out = append(out, map[string]any{"graphId": g.GraphID, "isSuccessful": good,
			"graphResponse": map[string]any{"compositeResponse": responses}})
	}
	return reply{status: 200, body: map[string]any{"graphs": out}}
}

func checkReferenceIDs(subs []subrequest) *apiError {
	seen := map[string]bool{}
	for _, s := range subs {
		if s.ReferenceID == "" || s.ReferenceID[0] == '_' || strings.Trim(s.ReferenceID, base62+"_") != "" {
			return fail("INVALID_INPUT", nil, "Invalid reference id %q: letters, digits and underscores only", s.ReferenceID)
		}
		if seen[s.ReferenceID] {
			return fail("DUPLICATE_REFERENCE_ID", nil, "Reference id %q is used twice", s.ReferenceID)
		}
		seen[s.ReferenceID] = true
	}
	return nil
}

// runAll runs subrequests in order and reports whether all went well. With allOrNone one failure takes everything
// back and every other answer becomes PROCESSING_HALTED.
func (w *work) runAll(c call, subs []subrequest, allOrNone bool) ([]subresponse, bool) {
	at := w.mark()
	out := make([]subresponse, 0, len(subs))
	results := map[string]any{}
	good := true
	for i, sub := range subs {
		response := w.runOne(c, sub, results)
		out = append(out, response)
		if !response.failed() {
			continue
		}
		good = false
		if allOrNone {
			w.rollback(at)
			all := halted(subs)
			all[i] = response
			return all, false
		}
	}
	return out, good
}

func halted(subs []subrequest) []subresponse {
	out := make([]subresponse, len(subs))
	for i, s := range subs {
		e := fail("PROCESSING_HALTED", nil, "The transaction was rolled back since another operation in the same transaction failed.")
		out[i] = subresponse{Body: []any{e.body()}, HTTPHeaders: map[string]string{}, HTTPStatusCode: e.status, ReferenceID: s.ReferenceID}
	}
	return out
}

func (w *work) runOne(c call, sub subrequest, results map[string]any) subresponse {
	r := w.subreply(c, sub, results)
	if r.status < 400 && r.body != nil {
		// What later references see is the answer as it goes over the wire.
		if raw, err := json.Marshal(r.body); err == nil {
			if seen, err := decodeTree(raw); err == nil {
				results[sub.ReferenceID] = seen
			}
		}
	}
	headers := map[string]string{}
	for k, v := range r.header {
		headers[k] = v
	}
	return subresponse{Body: r.body, HTTPHeaders: headers, HTTPStatusCode: r.status, ReferenceID: sub.ReferenceID}
}

func (w *work) subreply(c call, sub subrequest, results map[string]any) reply {
	url, failed := resolve(sub.URL, results)
	if failed != nil {
		return failed.reply()
	}
	raw, failed := resolveJSON(sub.Body, results)
	if failed != nil {
		return failed.reply()
	}
	escaped, query, _ := strings.Cut(url, "?")
	inner, failed := parseCall(strings.ToUpper(sub.Method), escaped, query, http.Header{}, raw)
	if failed != nil {
		return failed.reply()
	}
	for k, v := range sub.HTTPHeaders {
		inner.header.Set(k, v)
	}
	inner.depth = c.depth + 1
	return w.dispatch(inner)
}

var referenceUse = regexp.MustCompile(`@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}`)
var referenceStep = regexp.MustCompile(`\.([A-Za-z0-9_]+)|\[(\d+)\]`)

// resolve replaces each @{reference.path} by what that earlier subrequest answered.
func resolve(s string, results map[string]any) (string, *apiError) {
	var failed *apiError
	out := referenceUse.ReplaceAllStringFunc(s, func(use string) string {
		m := referenceUse.FindStringSubmatch(use)
		v, ok := follow(results[m[1]], m[2])
		if !ok {
			failed = fail("PROCESSING_HALTED", nil, "Invalid reference specified. No value for %s found in %s",
				strings.Trim(use, "@{}"), m[1])
			return use
		}
		return v
	})
	return out, failed
}

func follow(v any, path string) (string, bool) {
	for _, step := range referenceStep.FindAllStringSubmatch(path, -1) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step[1]]
		case []any:
			i, err := strconv.Atoi(step[2])
			if err != nil || i >= len(at) {
				return "", false
			}
			v = at[i]
		default:
			return "", false
		}
	}
	switch v.(type) {
	case nil, map[string]any, []any:
		return "", false
	}
	return fmt.Sprint(v), true
}

// resolveJSON resolves the references in the strings of a body.
func resolveJSON(raw json.RawMessage, results map[string]any) (json.RawMessage, *apiError) {
	if !referenceUse.Match(raw) {
		return raw, nil
	}
	tree, err := decodeTree(raw)
	if err != nil {
		return nil, badJSON("the body of a subrequest cannot be read")
	}
	tree, failed := resolveTree(tree, results)
	if failed != nil {
		return nil, failed
	}
	out, err := json.Marshal(tree)
	if err != nil {
		return nil, internal(err)
	}
	return out, nil
}

func resolveTree(v any, results map[string]any) (any, *apiError) {
	var failed *apiError
	switch at := v.(type) {
	case string:
		return resolve(at, results)
	case map[string]any:
		for k, inner := range at {
			if at[k], failed = resolveTree(inner, results); failed != nil {
				return nil, failed
			}
		}
	case []any:
		for i, inner := range at {
			if at[i], failed = resolveTree(inner, results); failed != nil {
				return nil, failed
			}
		}
	}
	return v, nil
}

// decodeTree reads any JSON and keeps numbers as they are written.
func decodeTree(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	err := dec.Decode(&tree)
	return tree, err
}

func quote(s string) json.RawMessage {
	raw, err := json.Marshal(s)
	if err != nil {
		return json.RawMessage(`""`)
	}
	return raw
}
