package browserhost_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Whatever is posted as a call is answered in order: by JSON, or by a refusal.
func FuzzHost_Call(f *testing.F) {
	for _, s := range []string{
		`{"method":"Greet","args":[{"name":"x","count":1}]}`, `{"method":"Panic","args":[]}`, `{"method":"Add","args":[1]}`, `{"method":"Add","args":[1e400,null]}`,
		`{"args":{}}`, `[`, ``, `{"method":"Count","args":null}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := open(t).enter(t)
		code, text := s.do(t, "POST", s.base+"/host/call", body, "Origin", s.base)
		switch code {
		case http.StatusOK:
			if !json.Valid([]byte(text)) {
				t.Errorf("%q is answered by %q", body, text)
			}
		case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("%q is answered by %d", body, code)
		}
	})
}
