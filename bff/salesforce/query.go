package salesforce

import (
	"context"
	"net/url"
	"strings"

	"fieldpay/action"
)

// maxOffset is where SOQL's OFFSET ends.
// https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_offset.htm
const maxOffset = 2000

// maxPages bounds one list: at 2,000 records a page more than anybody keeps in
// memory. An org that keeps naming a next page does not keep us for ever.
const maxPages = 500

// page is one part of what a query selects.
type page[T any] struct {
	Records        []T    `json:"records"`
	Done           bool   `json:"done"`
	NextRecordsURL string `json:"nextRecordsUrl"`
}

// query reads every record that a SOQL statement selects, page by page.
func query[T any](ctx context.Context, c *Client, soql string) ([]T, error) {
	records := []T{}
	next := "/query?q=" + url.QueryEscape(soql)
	for range maxPages {
		var p page[T]
		if err := c.get(ctx, next, &p); err != nil {
			return nil, err
		}
		if p.Records == nil {
			// Not "none": what is missing must not look like a record that is gone.
			return nil, foreignAnswer()
		}
		records = append(records, p.Records...)
		if p.Done || p.NextRecordsURL == "" {
			return records, nil
		}
		// Only a path, so that the host stays the one that the sign-in named,
		// and never the same page again.
		if p.NextRecordsURL == next || !strings.HasPrefix(p.NextRecordsURL, dataPath) {
			break
		}
		next = p.NextRecordsURL
	}
	return nil, &action.Error{Code: action.SalesforceDown, Op: "paging"}
}

// literal writes s as a string of SOQL.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`).Replace(s) + "'"
}

// contains writes the LIKE pattern for a field that has s in it. A backslash
// of s matches any character, because the two levels of escaping in LIKE leave
// no way to ask for one that every version reads alike.
func contains(s string) string {
	inner := strings.NewReplacer(`\`, `_`, `'`, `\'`, `"`, `\"`, `%`, `\%`, `_`, `\_`,
		"\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`).Replace(s)
	return "'%" + inner + "%'"
}

// sameRecord is the condition that finds one record by its id on the wire.
func sameRecord(key, id string) string {
	if isServerID(id) {
		return "Id = " + literal(id)
	}
	return key + " = " + literal(id)
}

// oneOf is the condition that finds records by their ids on the wire; nothing for
// no ids.
func oneOf(key string, ids []string) string {
	var own, server []string
	for _, id := range ids {
		if isServerID(id) {
			server = append(server, id)
		} else {
			own = append(own, id)
		}
	}
	var conditions []string
	if len(own) > 0 {
		conditions = append(conditions, key+inList(own))
	}
	if len(server) > 0 {
		conditions = append(conditions, "Id"+inList(server))
	}
	return strings.Join(conditions, " OR ")
}
