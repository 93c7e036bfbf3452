package browserhost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"fieldpay/action"
)

// method is one exported method of the bridge, ready to be called with JSON.
type method struct {
	fn   reflect.Value
	args []reflect.Type
	// value says that the first result is a value; fails that the last is an
	// error.
	value, fails bool
}

// methodsOf lists what a page may call on bridge.
func methodsOf(bridge any) (map[string]method, error) {
	v := reflect.ValueOf(bridge)
	if !v.IsValid() || v.NumMethod() == 0 {
		return nil, errors.New("the bridge has no methods")
	}
	failure := reflect.TypeFor[error]()
	methods := make(map[string]method, v.NumMethod())
	for i := range v.NumMethod() {
		fn, name := v.Method(i), v.Type().Method(i).Name
		t := fn.Type()
		m := method{fn: fn}
		for a := range t.NumIn() {
			m.args = append(m.args, t.In(a))
		}
		results := t.NumOut()
		m.fails = results > 0 && t.Out(results-1) == failure
		if m.fails {
			results--
		}
		m.value = results == 1
		if results > 1 || t.IsVariadic() {
			return nil, fmt.Errorf("method %s of the bridge has a form that a page cannot call", name)
		}
		methods[name] = m
	}
	return methods, nil
}

// call is what the page posts, and answer what it gets.
type call struct {
	Method string            `json:"method"`
	Args   []json.RawMessage `json:"args"`
}

type answer struct {
	Result any    `json:"result"`
	Error  string `json:"error,omitempty"`
}

func (h *Host) serveCall(w http.ResponseWriter, r *http.Request) {
	var c call
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&c)
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
		http.Error(w, fmt.Sprintf("a call is at most %d bytes", tooLong.Limit), http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "the call is not JSON", http.StatusBadRequest)
		return
	}
	m, known := h.methods[c.Method]
	if !known {
		http.Error(w, "there is no such method", http.StatusNotFound)
		return
	}
	var a answer
	result, err := m.call(c.Args)
	if err != nil {
		a.Error = h.format(err)
	} else {
		a.Result = result
	}
	body, err := json.Marshal(a)
	if err != nil {
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	// A failed write means that the page went away; there is nobody to tell.
	_, _ = w.Write(body)
}

// call decodes the arguments, runs the method and splits its results. A panic
// of the method becomes an error: the page always gets an answer.
func (m method) call(raw []json.RawMessage) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, &action.Error{Code: action.Internal, Op: "calling the bridge", Cause: fmt.Errorf("panic: %v", p)}
		}
	}()
	if len(raw) != len(m.args) {
		return nil, badCall(fmt.Errorf("%d arguments instead of %d", len(raw), len(m.args)))
	}
	in := make([]reflect.Value, len(raw))
	for i, text := range raw {
		arg := reflect.New(m.args[i])
		if err := json.Unmarshal(text, arg.Interface()); err != nil {
			return nil, badCall(fmt.Errorf("argument %d: %w", i+1, err))
		}
		in[i] = arg.Elem()
	}
	out := m.fn.Call(in)
	if m.fails {
		if failed, ok := out[len(out)-1].Interface().(error); ok {
			return nil, failed
		}
	}
	if m.value {
		result = out[0].Interface()
	}
	return result, nil
}

func badCall(cause error) error {
	return &action.Error{Code: action.BadRequest, Op: "reading a call of the page", Cause: cause}
}

// serveEvents streams announcements as server-sent events until the page or
// the host goes away.
func (h *Host) serveEvents(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if h.subscribe == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	events, release := h.subscribe()
	defer release()
	// The first bytes tell the page that nothing is missed from now on.
	if _, err := w.Write([]byte("retry: 1000\n\n")); err != nil || control.Flush() != nil {
		return
	}
	for {
		batch, err := events.Next(r.Context())
		if err != nil {
			return
		}
		if writeEvents(w, batch) != nil || control.Flush() != nil {
			return
		}
	}
}

func writeEvents(w http.ResponseWriter, batch []Event) error {
	for _, e := range batch {
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encoding an event: %w", err)
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return fmt.Errorf("writing an event: %w", err)
		}
	}
	return nil
}

var _ Events = EventsFunc(nil)

// EventsFunc is a function as [Events].
type EventsFunc func(ctx context.Context) ([]Event, error)

// Next calls f.
func (f EventsFunc) Next(ctx context.Context) ([]Event, error) { return f(ctx) }
