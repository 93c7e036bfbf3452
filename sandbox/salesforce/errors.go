package salesforce

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is one entry of Salesforce's error array.
type apiError struct {
	status  int
	code    string
	message string
	fields  []string
}

// Error implements error.
func (e *apiError) Error() string { return e.code + ": " + e.message }

func fail(code string, fields []string, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...), fields: fields}
}

func notFound() *apiError {
	return &apiError{status: http.StatusNotFound, code: "NOT_FOUND", message: "The requested resource does not exist"}
}

func deleted() *apiError {
	return &apiError{status: http.StatusNotFound, code: "ENTITY_IS_DELETED", message: "entity is deleted"}
}

func badSession() *apiError {
	return &apiError{status: http.StatusUnauthorized, code: "INVALID_SESSION_ID", message: "Session expired or invalid"}
}

func limitExceeded() *apiError {
	return &apiError{status: http.StatusForbidden, code: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests Limit exceeded."}
}

func methodNotAllowed(method string, allowed ...string) *apiError {
	return &apiError{status: http.StatusMethodNotAllowed, code: "METHOD_NOT_ALLOWED",
		message: fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are %s", method, strings.Join(allowed, ","))}
}

func badJSON(detail string) *apiError { return fail("JSON_PARSER_ERROR", nil, "%s", detail) }

func internal(err error) *apiError {
	return &apiError{status: http.StatusInternalServerError, code: "UNKNOWN_EXCEPTION", message: "An unexpected error occurred: " + err.Error()}
}

// body is the entry as a REST reply spells it.
func (e *apiError) body() map[string]any {
	m := map[string]any{"message": e.message, "errorCode": e.code}
	if e.fields != nil || e.savesRecord() {
		m["fields"] = e.fieldList()
	}
	return m
}

// member is the entry as a collection's per-record result spells it.
func (e *apiError) member() map[string]any {
	return map[string]any{"message": e.message, "statusCode": e.code, "fields": e.fieldList()}
}

func (e *apiError) fieldList() []string {
	if e.fields == nil {
		return []string{}
	}
	return e.fields
}

// savesRecord tells the errors of a save, which always carry a field list, from those of the request.
func (e *apiError) savesRecord() bool {
	switch e.code {
	case "DUPLICATE_VALUE", "INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED", "DELETE_FAILED", "UNABLE_TO_LOCK_ROW":
		return true
	}
	return false
}

func (e *apiError) reply() reply {
	return reply{status: e.status, body: []any{e.body()}}
}
