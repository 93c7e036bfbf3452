package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"fieldpay/action"
	"fieldpay/app/event"
)

// Bridge is what the screens may call, in the window and in a browser. Its
// methods lie in files by noun (bridge_invoice.go, bridge_payment.go, …); they
// take and give flat values, answer within callTimeout, and turn a panic into
// an error.
type Bridge struct{ app *App }

// Limits of what a screen may send. They are wider than those of the domain,
// whose answers name the field; these only keep nonsense out.
const (
	maxInputText  = 256 << 10
	maxInputItems = 1000
)

// bound runs one bound method of those who were let in: a locked screen gets
// [action.Locked] and nothing else.
func bound[In, Out any](b *Bridge, name string, in In, do func(context.Context, *running, In) (Out, error)) (Out, error) {
	return atDoor(b, name, in, func(ctx context.Context, r *running, in In) (Out, error) {
		if err := r.door.pass(); err != nil {
			var none Out
			return none, err
		}
		return do(ctx, r, in)
	})
}

// atDoor runs one bound method, for a locked screen too: it checks the input,
// waits for the device, limits the time and catches panics. What it answers is
// for whoever passes by.
func atDoor[In, Out any](b *Bridge, name string, in In, do func(context.Context, *running, In) (Out, error)) (out Out, err error) {
	var r *running
	defer func() {
		if p := recover(); p != nil {
			var none Out
			out, err = none, panicError("calling "+name, p)
		}
		if err != nil && r != nil {
			r.failed(name, err)
		}
	}()
	if err := checkInput(reflect.ValueOf(in)); err != nil {
		return out, err
	}
	ctx, cancel := context.WithTimeout(b.app.calls, callTimeout)
	defer cancel()
	using, done, err := b.app.use(ctx)
	if err != nil {
		return out, err
	}
	defer done()
	r = using
	return do(ctx, r, in)
}

// none is the input or the result of a method that has no such thing.
type none = struct{}

// failed notes a call that failed: by method and code, never by content. A form
// that needs another look is no fault and is not noted.
func (r *running) failed(method string, err error) {
	code := action.CodeOf(err)
	line := r.device.log.Info()
	if code == action.Internal {
		line = r.device.log.Error().Str("kind", kindOf(err))
	}
	line.Str("method", method).Str("code", string(code)).Msg("bridge call failed")
	if code.Class() != action.Invalid && code != action.Locked {
		r.device.record(event.BridgeFailed, event.Fields{"method": method, "code": code, "panic": isPanic(err)})
	}
}

// isPanic reports whether an error is a panic that was caught.
func isPanic(err error) bool {
	var p *panicked
	return errors.As(err, &p)
}

// kindOf describes a fault without the texts of foreign errors, which may quote
// what a person typed: where it was, of what type it is, and for a panic the
// stack.
func kindOf(err error) string {
	var parts []string
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := err.(*action.Error); ok {
			parts = append(parts, e.Op)
		}
		if p, ok := err.(*panicked); ok {
			return strings.Join(append(parts, p.Error()), ": ")
		}
		if errors.Unwrap(err) == nil {
			parts = append(parts, fmt.Sprintf("%T", err))
		}
	}
	return strings.Join(parts, ": ")
}

// checkInput walks through what a screen sent and refuses text that is not
// UTF-8 and anything that is far too long.
func checkInput(v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		limit := maxInputText
		if v.Type() == reflect.TypeFor[Base64]() {
			limit = maxFileText
		}
		if v.Len() > limit || !utf8.ValidString(v.String()) {
			return &action.Error{Code: action.BadRequest, Message: "A text is too long or cannot be read"}
		}
	case reflect.Slice:
		if v.Len() > maxInputItems {
			return &action.Error{Code: action.BadRequest, Message: fmt.Sprintf("A list has more than %d entries", maxInputItems)}
		}
		for i := range v.Len() {
			if err := checkInput(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := checkInput(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// stamp writes a time for a screen: RFC 3339 in UTC with milliseconds, "" for
// none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// window limits a part of a list that a screen asks for.
func window(limit, offset, length, usual, most int) (from, to int) {
	if limit <= 0 {
		limit = usual
	}
	from = min(max(offset, 0), length)
	return from, min(from+min(limit, most), length)
}
