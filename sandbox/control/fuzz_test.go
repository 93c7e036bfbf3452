package control_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fieldpay/sandbox/control"
)

// Rules from anywhere are taken or refused; a set that is refused changes none.
func FuzzPlane_Faults(f *testing.F) {
	for _, s := range []string{`[]`, `[{}]`, `[{"effect":"status","status":503,"times":1}]`, `[{"effect":"nothing"}]`, `{}`, `[{"delayMs":-1}]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rules string) {
		h := control.New().Wrap(&counter{})
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/__control/faults", strings.NewReader(rules)))
		if rec.Code != http.StatusOK && rec.Code != http.StatusBadRequest {
			t.Errorf("%q is answered by %d", rules, rec.Code)
		}
		state := httptest.NewRecorder()
		h.ServeHTTP(state, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/__control/state", http.NoBody))
		if state.Code != http.StatusOK || rec.Code != http.StatusOK && !strings.Contains(state.Body.String(), `"faults":[]`) {
			t.Errorf("after %q: %d %s", rules, state.Code, state.Body)
		}
	})
}
