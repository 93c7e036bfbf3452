package action_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fieldpay/action"
)

// What is read as a quantity or a percentage is written in the plain notation,
// which reads as the same again, and no digit of it was made up.
func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"1", "1.5", "0,25", "1 234,5", "1'000.0001", "8.875 %", "", "-1", "00", ".5", "1.", "12,34,567.8"} {
		f.Add(s, "en")
		f.Add(s, "de-CH")
		f.Add(s, "en-IN")
	}
	f.Fuzz(func(t *testing.T, text, locale string) {
		format := action.NumberFormatFor(locale)
		for name, read := range map[string]func(string, action.NumberFormat) (string, error){
			"quantity": action.ParseQuantity, "percentage": action.ParsePercent,
		} {
			plain, err := read(text, format)
			if err != nil {
				if action.CodeOf(err) != action.InvalidPayload {
					t.Errorf("%q is refused as %s", text, action.CodeOf(err))
				}
				continue
			}
			again, err := read(plain, action.PlainNumbers())
			if err != nil || again != plain {
				t.Errorf("%q reads as the %s %q, which reads as %q, %v", text, name, plain, again, err)
			}
			if got, want := digitsOf(plain), digitsOf(text); !strings.Contains("0"+want+"0000", strings.Trim(got, "0")) {
				t.Errorf("%q reads as the %s %q", text, name, plain)
			}
		}
	})
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// An envelope from anywhere: its hash does not depend on white space, its lane
// on nothing but its payload, and what is written reads as the same.
func FuzzAction(f *testing.F) {
	for _, s := range []string{
		`{"id":"0193B1C2-0000-7000-8000-000000000001","type":"log_visit","payload":{ "accountId": "acc-001", "note":"x & y <z> ","outcome":"met"}}`,
		`{"id":"","type":"record_payment","try":-1,"sequence":-5,"payload":null}`, `{"payload":{}}`, `{"createdAt":"0000-01-01T00:00:00Z","payload":[1, 2]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var a action.Action
		if json.Unmarshal(text, &a) != nil {
			return
		}
		written, err := json.Marshal(a)
		if err != nil {
			return // a time that JSON cannot write
		}
		var b action.Action
		if err := json.Unmarshal(written, &b); err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if len(a.Payload) > 0 && a.ContentHash() != b.ContentHash() {
			t.Errorf("%s has another hash than %s", text, written)
		}
		p, err := action.Parse(a)
		if err != nil {
			return
		}
		if q, err := action.Parse(b); err != nil || a.LaneOf(p) != b.LaneOf(q) {
			t.Errorf("%s belongs elsewhere than %s: %v", text, written, err)
		}
	})
}
