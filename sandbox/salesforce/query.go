package salesforce

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fieldpay/sandbox/salesforce/soql"
)

const (
	maxBatch   = 2000
	minBatch   = 200
	cursorLife = 48 * time.Hour
	maxOffset  = 2000
	maxQuery   = 100_000
)

// cursor is a query result that has not been read to its end.
type cursor struct {
	rows  []any
	batch int
	made  time.Time
}

// query serves /query?q= and /query/locator.
func (w *work) query(c call, path []string) reply {
	if c.method != http.MethodGet {
		return methodNotAllowed(c.method, "GET", "HEAD").reply()
	}
	if len(path) == 1 {
		return w.queryMore(c, path[0])
	}
	if len(path) > 1 {
		return notFound().reply()
	}
	text := c.query.Get("q")
	if strings.TrimSpace(text) == "" {
		return malformed("A query string has to be specified").reply()
	}
	if len(text) > maxQuery {
		return malformed("SOQL statements cannot be longer than 100000 characters.").reply()
	}
	q, err := soql.Parse(text)
	if err != nil {
		var at *soql.Error
		if errors.As(err, &at) {
			return malformed(fmt.Sprintf("\n%s\n%s^\nERROR at Row:1:Column:%d\n%s",
				text, strings.Repeat(" ", max(0, at.Column-1)), at.Column, at.Message)).reply()
		}
		return malformed(err.Error()).reply()
	}
	o := w.schema.object(q.From)
	if o == nil {
		return fail("INVALID_TYPE", nil, "sObject type '%s' is not supported.", q.From).reply()
	}
	run := &selection{tx: w.tx, object: o, query: q, base: c.base}
	rows, failed := run.rows(run.candidates(w.table(o)))
	if failed != nil {
		return failed.reply()
	}
	if q.Count {
		return reply{status: 200, body: map[string]any{"totalSize": len(rows), "done": true, "records": []any{}}}
	}
	return w.page(c, rows)
}

func malformed(message string) *apiError { return fail("MALFORMED_QUERY", nil, "%s", message) }

// page answers the first batch and keeps the rest for queryMore.
func (w *work) page(c call, rows []any) reply {
	batch := batchSize(c.header.Get("Sforce-Query-Options"))
	out := map[string]any{"totalSize": len(rows), "done": true, "records": rows}
	if len(rows) > batch {
		id := fmt.Sprintf("01gFP0%09d", len(w.server.cursors)+1) + "AAA"
		w.server.cursors[id] = cursor{rows: rows, batch: batch, made: w.now}
		out["done"], out["records"] = false, rows[:batch]
		out["nextRecordsUrl"] = fmt.Sprintf("%s/query/%s-%d", c.base, id, batch)
	}
	return reply{status: 200, body: out}
}

// batchSize reads "batchSize=200"; the real server corrects what is out of its range.
func batchSize(header string) int {
	for option := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(option), "=")
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && strings.EqualFold(strings.TrimSpace(name), "batchSize") {
			return min(max(n, minBatch), maxBatch)
		}
	}
	return maxBatch
}

func (w *work) queryMore(c call, locator string) reply {
	id, position, _ := strings.Cut(locator, "-")
	from, err := strconv.Atoi(position)
	cur, ok := w.server.cursors[id]
	if err != nil || !ok || w.now.Sub(cur.made) > cursorLife || from < 0 || from >= len(cur.rows) {
		return fail("INVALID_QUERY_LOCATOR", nil, "invalid query locator").reply()
	}
	to := min(from+cur.batch, len(cur.rows))
	out := map[string]any{"totalSize": len(cur.rows), "done": to == len(cur.rows), "records": cur.rows[from:to]}
	if to < len(cur.rows) {
		out["nextRecordsUrl"] = fmt.Sprintf("%s/query/%s-%d", c.base, id, to)
	}
	return reply{status: 200, body: out}
}
