package salesforce

import (
	"encoding/json"
	"net/http"
	"strings"
)

const maxRecords = 200

// records serves /composite/sobjects: many records of any object in one call.
func (w *work) records(c call, path []string) reply {
	switch {
	case len(path) == 0 && c.method == http.MethodPost:
		return w.saveRecords(c, w.insertMember)
	case len(path) == 0 && c.method == http.MethodPatch:
		return w.saveRecords(c, w.updateMember)
	case len(path) == 0 && c.method == http.MethodDelete:
		return w.removeRecords(c)
	case len(path) == 2 && c.method == http.MethodPatch:
		return w.upsertRecords(c, path[0], path[1])
	case len(path) == 1 && c.method == http.MethodGet:
		return w.showRecords(c, path[0])
	case len(path) == 0:
		return methodNotAllowed(c.method, "DELETE", "PATCH", "POST").reply()
	}
	return notFound().reply()
}

// member is what came of one record of a collection.
type member struct {
	id      string
	created *bool
	err     *apiError
}

func (m member) body() map[string]any {
	if m.err != nil {
		return map[string]any{"success": false, "errors": []any{m.err.member()}}
	}
	out := map[string]any{"id": m.id, "success": true, "errors": []any{}}
	if m.created != nil {
		out["created"] = *m.created
	}
	return out
}

func (w *work) saveRecords(c call, save func(body) member) reply {
	var in struct {
		AllOrNone bool   `json:"allOrNone"`
		Records   []body `json:"records"`
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return badJSON("the collection cannot be read: " + err.Error()).reply()
	}
	if failed := checkCount(len(in.Records)); failed != nil {
		return failed.reply()
	}
	return w.collect(in.AllOrNone, len(in.Records), func(i int) member { return save(in.Records[i]) })
}

func checkCount(n int) *apiError {
	if n == 0 || n > maxRecords {
		return fail("EXCEEDED_ID_LIMIT", nil, "record limit reached: a collection takes 1 to %d records, not %d", maxRecords, n)
	}
	return nil
}

// collect runs the members in order; with allOrNone one failure takes the others back.
func (w *work) collect(allOrNone bool, n int, run func(int) member) reply {
	at := w.mark()
	members := make([]member, n)
	bad := false
	for i := range members {
		members[i] = run(i)
		bad = bad || members[i].err != nil
	}
	if allOrNone && bad {
		w.rollback(at)
		for i := range members {
			if members[i].err == nil {
				members[i].err = fail("ALL_OR_NONE_OPERATION_ROLLED_BACK", nil,
					"Record rolled back because not all records were valid and the request was using AllOrNone header")
			}
		}
	}
	out := make([]any, n)
	for i, m := range members {
		out[i] = m.body()
	}
	return reply{status: 200, body: out}
}

// typeOf reads attributes.type of a member.
func (w *work) typeOf(b body) (*object, *apiError) {
	var a struct{ Type string }
	if err := json.Unmarshal(b["attributes"], &a); err != nil || a.Type == "" {
		return nil, fail("INVALID_TYPE", nil, "the record has no attributes.type")
	}
	o := w.schema.object(a.Type)
	if o == nil {
		return nil, fail("INVALID_TYPE", nil, "sObject type '%s' is not supported.", a.Type)
	}
	return o, nil
}

func (w *work) insertMember(b body) member {
	o, err := w.typeOf(b)
	if err != nil {
		return member{err: err}
	}
	id, err := w.insertAtomic(o, b)
	return member{id: id, err: err}
}

func (w *work) updateMember(b body) member {
	o, err := w.typeOf(b)
	if err != nil {
		return member{err: err}
	}
	var id string
	for name, raw := range b {
		if strings.EqualFold(name, "id") && json.Unmarshal(raw, &id) == nil {
			delete(b, name)
		}
	}
	if id == "" {
		return member{err: fail("MISSING_ARGUMENT", nil, "Id not specified in an update call")}
	}
	return member{id: id, err: w.updateAtomic(o, id, b)}
}

func (w *work) upsertRecords(c call, object, fieldName string) reply {
	o := w.schema.object(object)
	if o == nil {
		return notFound().reply()
	}
	f := o.field(fieldName)
	if f == nil || !f.externalID {
		return (&apiError{status: 404, code: "NOT_FOUND", message: "Provided external ID field does not exist or is not accessible: " + fieldName}).reply()
	}
	return w.saveRecords(c, func(b body) member {
		var value string
		for name, raw := range b {
			if strings.EqualFold(name, f.name) && json.Unmarshal(raw, &value) == nil {
				delete(b, name)
			}
		}
		id, created, err := w.upsert(o, f, value, b, false)
		return member{id: id, created: &created, err: err}
	})
}

func (w *work) removeRecords(c call) reply {
	ids := strings.Split(c.query.Get("ids"), ",")
	if failed := checkCount(len(ids)); failed != nil {
		return failed.reply()
	}
	return w.collect(c.query.Get("allOrNone") == "true", len(ids), func(i int) member {
		id, ok := longID(strings.TrimSpace(ids[i]))
		o, _ := w.lookup(id)
		if !ok || o == nil {
			return member{err: fail("MALFORMED_ID", nil, "malformed id %s", ids[i])}
		}
		return member{id: id, err: w.removeAtomic(o, id)}
	})
}

// showRecords serves GET /composite/sobjects/Object?ids=…&fields=… ; a record that is not there is null.
func (w *work) showRecords(c call, object string) reply {
	o := w.schema.object(object)
	if o == nil {
		return notFound().reply()
	}
	if c.query.Get("fields") == "" {
		return fail("MISSING_ARGUMENT", nil, "fields not specified").reply()
	}
	out := []any{}
	for id := range strings.SplitSeq(c.query.Get("ids"), ",") {
		r, err := w.existing(o, strings.TrimSpace(id))
		if err != nil {
			out = append(out, nil)
			continue
		}
		shown := w.show(c, o, r)
		if shown.status != 200 {
			return shown
		}
		out = append(out, shown.body)
	}
	return reply{status: 200, body: out}
}
