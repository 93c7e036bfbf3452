package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"fieldpay/action"
)

// Codes of Salesforce that are asked for by name.
const (
	duplicateValue = "DUPLICATE_VALUE"
	lockedRow      = "UNABLE_TO_LOCK_ROW"
	requestLimit   = "REQUEST_LIMIT_EXCEEDED"
	notFound       = "NOT_FOUND"
	invalidField   = "INVALID_FIELD"
	ruleBroken     = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
	triggerFailed  = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
	halted         = "PROCESSING_HALTED"
	rolledBack     = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
)

// treatments is the one table from Salesforce's codes to ours. Salesforce uses
// a code under several statuses, so the code decides and the status only where
// the code is not here.
var treatments = [...]struct {
	salesforce string
	code       action.Code
}{
	{"INVALID_SESSION_ID", action.UpstreamLogin},
	{"INVALID_AUTH_HEADER", action.UpstreamLogin},
	{"API_DISABLED_FOR_ORG", action.UpstreamLogin},

	{lockedRow, action.RecordLocked},
	{requestLimit, action.RateLimited},
	{"SERVER_UNAVAILABLE", action.SalesforceDown},
	{"UNKNOWN_EXCEPTION", action.SalesforceDown},
	{"QUERY_TIMEOUT", action.SalesforceDown},
	{"REQUEST_RUNNING_TOO_LONG", action.SalesforceDown},
	{"API_CURRENTLY_DISABLED", action.SalesforceDown},
	{"INVALID_QUERY_LOCATOR", action.SalesforceDown},
	{halted, action.SalesforceDown}, // only when no sibling names the cause
	{rolledBack, action.SalesforceDown},

	{notFound, action.RecordDeleted},
	{"ENTITY_IS_DELETED", action.RecordDeleted},
	{"INVALID_CROSS_REFERENCE_KEY", action.RecordDeleted},
	{"MALFORMED_ID", action.RecordDeleted},
	{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", action.RecordDeleted},

	{duplicateValue, action.DuplicateRecord},
	{"DUPLICATES_DETECTED", action.DuplicateRecord},
	{"MULTIPLE_CHOICES", action.DuplicateRecord},

	{"INSUFFICIENT_ACCESS", action.UpstreamRefused},
	{"INSUFFICIENT_ACCESS_OR_READONLY", action.UpstreamRefused},
	{triggerFailed, action.UpstreamRefused},

	{ruleBroken, action.UpstreamInvalid},
	{"FIELD_FILTER_VALIDATION_EXCEPTION", action.UpstreamInvalid},
	{"FIELD_INTEGRITY_EXCEPTION", action.UpstreamInvalid},
	{"REQUIRED_FIELD_MISSING", action.UpstreamInvalid},
	{"STRING_TOO_LONG", action.UpstreamInvalid},
	{"NUMBER_OUTSIDE_VALID_RANGE", action.UpstreamInvalid},
	{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", action.UpstreamInvalid},
	{"INVALID_EMAIL_ADDRESS", action.UpstreamInvalid},
	{invalidField, action.UpstreamInvalid},
	{"INVALID_FIELD_FOR_INSERT_UPDATE", action.UpstreamInvalid},
	{"INVALID_TYPE_ON_FIELD_IN_RECORD", action.UpstreamInvalid},
	{"JSON_PARSER_ERROR", action.UpstreamInvalid},
}

// fault is one entry of Salesforce's error array. A reply of its own spells the
// code errorCode, an entry inside a collection statusCode.
type fault struct {
	ErrorCode  string   `json:"errorCode"`
	StatusCode string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
}

// code is the fault's code; a trigger's failure is looked into, because the
// lock that it ran into is what matters.
func (f fault) code() string {
	code := f.ErrorCode
	if code == "" {
		code = f.StatusCode
	}
	if code == triggerFailed && strings.Contains(f.Message, lockedRow) {
		return lockedRow
	}
	return code
}

// consequence reports that the fault only says that another one was the cause.
func (f fault) consequence() bool { return f.code() == halted || f.code() == rolledBack }

// crowded reports a limit on calls at a time, which is over in a moment.
func (f fault) crowded() bool { return strings.HasPrefix(f.Message, "ConcurrentRequests") }

// parseFaults reads an error array; anything else has no faults.
func parseFaults(body []byte) []fault {
	var faults []fault
	if json.Unmarshal(body, &faults) != nil {
		return nil
	}
	return slices.DeleteFunc(faults, func(f fault) bool { return f.code() == "" })
}

// refusal is a no of Salesforce's. Its text names the code and the fields and
// nothing that stands in them.
type refusal struct {
	status     int
	reference  string // of the subrequest it was the answer to
	faults     []fault
	retryAfter time.Duration
}

// Error implements error.
func (r *refusal) Error() string {
	f := r.cause()
	text := "salesforce answered " + strconv.Itoa(r.status)
	if plainWord(f.code()) {
		text += " " + f.code()
	}
	for _, name := range f.Fields {
		if plainWord(name) {
			text += " " + name
		}
	}
	return text
}

// plainWord reports what looks like a code or the name of a field. Nothing else
// of an answer gets into an error.
func plainWord(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
	return s != "" && len(s) <= 80 && strings.Trim(s, letters) == ""
}

// cause is the first fault that is not the consequence of another.
func (r *refusal) cause() fault {
	for _, f := range r.faults {
		if !f.consequence() {
			return f
		}
	}
	if len(r.faults) > 0 {
		return r.faults[0]
	}
	return fault{}
}

// refused turns an answer that is not a success into a *refusal, or into an
// *action.Error when Salesforce did not speak at all: a page of a proxy or of
// maintenance says nothing about an action.
func (a answer) refused() error {
	faults := parseFaults(a.body)
	if len(faults) > 0 || a.status == http.StatusMultipleChoices {
		return &refusal{status: a.status, faults: faults, retryAfter: a.retryAfter}
	}
	e := &action.Error{Code: action.SalesforceDown, RetryAfter: a.retryAfter, Cause: fmt.Errorf("answered %d without a reason", a.status)}
	switch a.status {
	case http.StatusUnauthorized:
		e.Code = action.UpstreamLogin
	case http.StatusTooManyRequests:
		e.Code = action.RateLimited
	}
	return e
}

// isRefusal reports whether err is a refusal because of code.
func isRefusal(err error, code string) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.cause().code() == code
}

// atStep reports whether err is the refusal of one step of a call.
func atStep(err error, reference string) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.reference == reference
}

// failed turns the error of a call into an *action.Error that names the
// operation. nil stays nil.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		return fmt.Errorf("%s: %w", op, err)
	}
	f := r.cause()
	e := &action.Error{Code: codeOf(r.status, f), Op: op, Cause: r, RetryAfter: r.retryAfter}
	switch e.Code {
	case action.UpstreamInvalid:
		e.Fields = wireFields(f)
		if f.code() == ruleBroken {
			// What the org's own rule says is for the person, not for a log.
			e.Hint = clip(f.Message, action.MaxName)
		}
	case action.RateLimited:
		e.RetryAfter = limitPause
		if f.crowded() {
			e.RetryAfter = crowdPause
		}
	}
	return e
}

// failedFor is failed for a call about one record: that it is not there is then
// the record's own code.
func failedFor(op string, missing action.Code, err error) error {
	r, ok := errors.AsType[*refusal](err)
	if !ok || r.cause().code() != notFound {
		return failed(op, err)
	}
	if r.reference == ledgerStep {
		missing = notDeployed
	}
	return &action.Error{Code: missing, Op: op, Cause: err}
}

// notDeployed is the code for an object or a field that the server's own user
// cannot see. The action is as good as before, so it waits for the office.
const notDeployed = action.UpstreamLogin

func codeOf(status int, f fault) action.Code {
	code := f.code()
	if parent, ok := missingParent(code, f); ok {
		return parent
	}
	if code == invalidField && strings.HasPrefix(f.Message, "No such column") {
		return notDeployed
	}
	if code == ruleBroken && strings.HasPrefix(f.Message, versionConflict) {
		return action.VersionConflict
	}
	for _, t := range treatments {
		if t.salesforce == code {
			return t.code
		}
	}
	switch {
	case status == http.StatusMultipleChoices:
		return action.DuplicateRecord
	case status == http.StatusPreconditionFailed:
		return action.VersionConflict
	case status >= 500:
		return action.SalesforceDown
	default:
		return action.UpstreamRefused
	}
}

// versionConflict begins the message of the org's rule on Base_Version__c.
const versionConflict = "VERSION_CONFLICT:"

// missingParent returns the code of a parent record that a save pointed to and
// that is not there.
func missingParent(code string, f fault) (action.Code, bool) {
	switch code {
	case invalidField:
		// A parent named by its External ID; only the message tells which.
		if at := strings.LastIndex(f.Message, " in entity "); at >= 0 && strings.HasPrefix(f.Message, "Foreign key external ID:") {
			return unknownCode(f.Message[at+len(" in entity "):])
		}
	case "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":
		for _, name := range f.Fields {
			if unknown, ok := unknownCode(strings.TrimSuffix(name, "Id")); ok {
				return unknown, true
			}
		}
	}
	return "", false
}

// unknownCode is the code for a missing record of an object, which is named by
// itself or by the lookup field to it.
func unknownCode(object string) (action.Code, bool) {
	switch strings.TrimSuffix(object, "__c") {
	case accountObject:
		return action.UnknownAccount, true
	case contactObject:
		return action.UnknownContact, true
	case strings.TrimSuffix(invoiceObject, "__c"):
		return action.UnknownInvoice, true
	case strings.TrimSuffix(visitObject, "__c"):
		return action.UnknownVisit, true
	default:
		return "", false
	}
}

// wireFields names the fields of a fault as forms know them, with a sentence of
// ours: Salesforce's may repeat the value.
func wireFields(f fault) map[string]string {
	var fields map[string]string
	for _, name := range f.Fields {
		wire, known := wireName(name)
		if !known {
			continue
		}
		if fields == nil {
			fields = map[string]string{}
		}
		fields[wire] = complaint(f.code())
	}
	return fields
}

func complaint(code string) string {
	switch code {
	case "REQUIRED_FIELD_MISSING":
		return "is required by Salesforce"
	case "STRING_TOO_LONG":
		return "is too long for Salesforce"
	case "NUMBER_OUTSIDE_VALID_RANGE":
		return "is outside the range that Salesforce takes"
	case "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":
		return "is not one of Salesforce's choices"
	case ruleBroken, "FIELD_FILTER_VALIDATION_EXCEPTION":
		return "is refused by a rule in Salesforce"
	default:
		return "is not accepted by Salesforce"
	}
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
