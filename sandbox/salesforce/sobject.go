package salesforce

import (
	"fmt"
	"net/http"
	"strings"
)

// work is one request being served: the server, and the transaction that its saves belong to.
type work struct {
	*saver
	server *Server
}

// dispatch routes a call, from the wire or from inside a composite.
func (w *work) dispatch(c call) reply {
	head, rest := "", []string(nil)
	if len(c.path) > 0 {
		head, rest = c.path[0], c.path[1:]
	}
	switch head {
	case "":
		return w.resources(c)
	case "sobjects":
		return w.sobjects(c, rest)
	case "composite":
		return w.composite(c, rest)
	case "query", "queryAll":
		return w.query(c, rest)
	case "limits":
		used := len(w.server.calls)
		return reply{status: 200, body: map[string]any{"DailyApiRequests": map[string]any{
			"Max": w.server.opts.DailyCalls, "Remaining": w.server.opts.DailyCalls - used}}}
	}
	return notFound().reply()
}

func (w *work) resources(c call) reply {
	out := map[string]string{}
	for _, name := range []string{"sobjects", "composite", "query", "limits"} {
		out[name] = c.base + "/" + name
	}
	return reply{status: 200, body: out}
}

// sobjects serves /sobjects/… .
func (w *work) sobjects(c call, path []string) reply {
	if len(path) == 0 {
		return w.describeGlobal(c)
	}
	o := w.schema.object(path[0])
	if o == nil {
		return notFound().reply()
	}
	switch {
	case len(path) == 1:
		return w.collection(c, o)
	case len(path) == 2 && path[1] == "describe":
		return w.describe(c, o)
	case len(path) == 2:
		return w.row(c, o, path[1])
	case len(path) == 3 && o.name == "ContentVersion" && path[2] == fieldVersionData:
		return w.fileData(c, o, path[1])
	case len(path) == 3:
		return w.rowByKey(c, o, path[1], path[2])
	}
	return notFound().reply()
}

// collection serves /sobjects/Object.
func (w *work) collection(c call, o *object) reply {
	switch c.method {
	case http.MethodPost:
		b, err := parseBody(c.body)
		if err != nil {
			return err.reply()
		}
		id, err := w.insertAtomic(o, b)
		if err != nil {
			return err.reply()
		}
		return saved(http.StatusCreated, c, o, id, nil)
	case http.MethodGet:
		return reply{status: 200, body: map[string]any{"objectDescribe": w.brief(c, o), "recentItems": []any{}}}
	}
	return methodNotAllowed(c.method, "GET", "HEAD", "POST").reply()
}

func saved(status int, c call, o *object, id string, created *bool) reply {
	b := map[string]any{"id": id, "success": true, "errors": []any{}}
	if created != nil {
		b["created"] = *created
	}
	r := reply{status: status, body: b}
	if status == http.StatusCreated {
		r.header = map[string]string{"Location": recordURL(c.base, o, id)}
	}
	return r
}

func recordURL(base string, o *object, id string) string {
	return fmt.Sprintf("%s/sobjects/%s/%s", base, o.name, id)
}

// row serves /sobjects/Object/id.
func (w *work) row(c call, o *object, id string) reply {
	switch c.method {
	case http.MethodGet, http.MethodHead:
		r, err := w.existing(o, id)
		if err != nil {
			return err.reply()
		}
		return w.show(c, o, r)
	case http.MethodPatch:
		b, err := parseBody(c.body)
		if err != nil {
			return err.reply()
		}
		if err := w.updateAtomic(o, id, b); err != nil {
			return err.reply()
		}
		return reply{status: http.StatusNoContent}
	case http.MethodDelete:
		if err := w.removeAtomic(o, id); err != nil {
			return err.reply()
		}
		return reply{status: http.StatusNoContent}
	}
	return methodNotAllowed(c.method, "DELETE", "GET", "HEAD", "PATCH").reply()
}

// rowByKey serves /sobjects/Object/ExternalId__c/value.
func (w *work) rowByKey(c call, o *object, name, value string) reply {
	f := o.field(name)
	if f == nil || (!f.externalID && f.kind != kindID) {
		return (&apiError{status: 404, code: "NOT_FOUND", message: "Provided external ID field does not exist or is not accessible: " + name}).reply()
	}
	if f.kind == kindID {
		return w.row(c, o, value)
	}
	if c.method == http.MethodPatch {
		return w.upsertCall(c, o, f, value)
	}
	r, ok := w.table(o).find(f, strings.TrimSpace(value))
	if !ok {
		return notFound().reply()
	}
	return w.row(c, o, r.id())
}

func (w *work) upsertCall(c call, o *object, f *field, value string) reply {
	b, err := parseBody(c.body)
	if err != nil {
		return err.reply()
	}
	id, created, err := w.upsert(o, f, value, b, c.query.Get("updateOnly") == "true")
	if err != nil {
		return err.reply()
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return saved(status, c, o, id, &created)
}

// upsert updates the record whose external id is value, or creates it.
func (w *work) upsert(o *object, f *field, value string, b body, updateOnly bool) (id string, created bool, failed *apiError) {
	for name := range b {
		if strings.EqualFold(name, f.name) {
			return "", false, fail("INVALID_FIELD", nil, "The %s field should not be specified in the sobject data.", f.name)
		}
	}
	v, failed := f.coerceText(strings.TrimSpace(value))
	if failed != nil {
		return "", false, failed
	}
	text, _ := v.(string)
	if text == "" {
		return "", false, fail("MISSING_ARGUMENT", nil, "%s not specified", f.name)
	}
	if r, ok := w.table(o).find(f, text); ok {
		return r.id(), false, w.updateAtomic(o, r.id(), b)
	}
	if updateOnly {
		return "", false, notFound()
	}
	b[f.name] = quote(text)
	id, failed = w.insertAtomic(o, b)
	return id, true, failed
}

// The saves of one record are atomic whatever surrounds them.

func (w *work) insertAtomic(o *object, b body) (string, *apiError) {
	at := w.mark()
	id, err := w.insert(o, b)
	if err != nil {
		w.rollback(at)
	}
	return id, err
}

func (w *work) updateAtomic(o *object, id string, b body) *apiError {
	at := w.mark()
	err := w.update(o, id, b)
	if err != nil {
		w.rollback(at)
	}
	return err
}

func (w *work) removeAtomic(o *object, id string) *apiError {
	at := w.mark()
	err := w.remove(o, id)
	if err != nil {
		w.rollback(at)
	}
	return err
}

// show is a record as GET answers it, all fields or those of ?fields=.
func (w *work) show(c call, o *object, r record) reply {
	out := map[string]any{"attributes": attributes(c.base, o, r.id())}
	names := c.query.Get("fields")
	if names == "" {
		for _, f := range o.fields {
			out[f.name] = shown(c.base, o, r, f)
		}
		return reply{status: 200, body: out}
	}
	for name := range strings.SplitSeq(names, ",") {
		f := o.field(strings.TrimSpace(name))
		if f == nil {
			return noColumn(o, strings.TrimSpace(name)).reply()
		}
		out[f.name] = shown(c.base, o, r, f)
	}
	return reply{status: 200, body: out}
}

func attributes(base string, o *object, id string) map[string]any {
	return map[string]any{"type": o.name, "url": recordURL(base, o, id)}
}
