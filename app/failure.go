package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"fieldpay/action"
)

// Failure is an error as the screens get it.
type Failure struct {
	// Code is for machines, one of package action.
	Code string `json:"code"`
	// Message is one sentence for a person, Hint what to do about it.
	Message string `json:"message"`
	Hint    string `json:"hint"`
	// Fields names what is wrong in a form, by the path of the field.
	Fields map[string]string `json:"fields"`
}

// FormatError turns an error into the JSON text of a [Failure]. Both hosts use
// it: an object would not survive the window's own bridge. Operations and
// causes stay behind; they are for logs.
func FormatError(err error) string {
	f := failureOf(err)
	text, err := json.Marshal(f)
	if err != nil {
		return `{"code":"internal","message":"","hint":"","fields":{}}`
	}
	return string(text)
}

func failureOf(err error) Failure {
	f := Failure{Code: string(action.CodeOf(err)), Message: action.MessageOf(err), Fields: action.FieldsOf(err)}
	if e, ok := errors.AsType[*action.Error](err); ok {
		f.Hint = e.Hint
	} else if errors.Is(err, context.DeadlineExceeded) {
		f.Hint = "It took too long. Try again"
	}
	if f.Fields == nil {
		f.Fields = map[string]string{}
	}
	return f
}

// panicError is the error of a bound method that panicked: without it the
// screen would wait for an answer for ever.
func panicError(op string, cause any) error {
	return &action.Error{
		Code: action.Internal, Op: op,
		Hint:  "Close FieldPay and open it again. If it happens again, tell support",
		Cause: &panicked{what: describe(cause), stack: debug.Stack()},
	}
}

// panicked is the cause of such an error.
type panicked struct {
	what  string
	stack []byte
}

// Error returns what happened and where.
func (p *panicked) Error() string { return "panic: " + p.what + "\n" + string(p.stack) }

// describe names a panic's value by its type, unless the runtime made it: any
// other text may quote what a person typed.
func describe(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", cause)
}
