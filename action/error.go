package action

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Error is the one error type of the module. Code is for machines and crosses
// every boundary unchanged; Message and Hint are for people; Fields names what
// is wrong in a form, by JSON path; Op and Cause are for operators and never
// leave the process.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Fields  map[string]string
	// RetryAfter is how long the other end asked to be left alone.
	RetryAfter time.Duration
	Op         string
	Cause      error
}

// Error returns the operation, the message and the cause on one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	if e.Message != "" {
		b.WriteString(e.Message)
	} else {
		b.WriteString(string(e.Code))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		b.WriteString("; " + name + " " + e.Fields[name])
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an *Error of the same code, so that
// errors.Is(err, &Error{Code: c}) asks for a code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Message == ""
}

// CodeOf returns the code of err: of the first *Error in its chain, Internal
// for a foreign error, and the empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// MessageOf returns what a person may read of err. A foreign error has a
// neutral sentence, so that no internal text reaches a screen.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Message != "" {
			return e.Message
		}
		return e.Code.Message()
	}
	if err == nil {
		return ""
	}
	return Internal.Message()
}

// FieldsOf returns the wrong fields of err by JSON path, or nil.
func FieldsOf(err error) map[string]string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// fieldErrors collects everything that is wrong with one form, so that a
// person mends it in one go.
type fieldErrors map[string]string

func (f *fieldErrors) add(field, message string) {
	if *f == nil {
		*f = fieldErrors{}
	}
	if _, told := (*f)[field]; !told {
		(*f)[field] = message
	}
}

func (f fieldErrors) err(code Code) error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Code: code, Message: code.Message(), Fields: f}
}
