package app_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

// Whatever a page hands to a bound method as JSON, it gets a result or an error
// with a code and a sentence; nothing panics.
func FuzzBridge(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `{"accountId":"acc-001","currency":"usd","lines":[{"quantity":"1,5","unitPrice":"3.50","taxRate":"19"}]}`,
		`{"invoiceId":"inv-002","amount":"1e9","method":"cash","tendered":"-1"}`, `{"limit":-1,"offset":9007199254740993,"filter":"x"}`, `"\ud800"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := newRep(t, "http://127.0.0.1:1").start()
		bridge := reflect.ValueOf(r.Bridge)
		for i := range bridge.NumMethod() {
			name, method := bridge.Type().Method(i).Name, bridge.Method(i)
			if name == "SignIn" || name == "SyncNow" || method.Type().NumIn() != 1 {
				continue // they call the server
			}
			arg := reflect.New(method.Type().In(0))
			if json.Unmarshal(text, arg.Interface()) != nil {
				continue
			}
			out := method.Call([]reflect.Value{arg.Elem()})
			err, failed := out[len(out)-1].Interface().(error)
			if !failed {
				continue
			}
			var told app.Failure
			if json.Unmarshal([]byte(app.FormatError(err)), &told) != nil || told.Message == "" || action.CodeOf(err) == action.Internal {
				t.Errorf("%s(%s) fails as %v", name, text, err)
			}
		}
	})
}
