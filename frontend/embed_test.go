package frontend_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fieldpay/frontend"
)

const page = `<html><head><meta name="csp-nonce" content="__CSP_NONCE__"></head><body></body></html>`

func handler(t *testing.T, head string) http.Handler {
	t.Helper()
	n := 0
	h, err := frontend.Handler(frontend.Options{
		Head:  head,
		Nonce: func() string { n++; return fmt.Sprintf("nonce-%d", n) },
		Files: fstest.MapFS{
			"index.html":         {Data: []byte(page)},
			"assets/main-abc.js": {Data: []byte("export {}")},
			"icon.svg":           {Data: []byte("<svg/>")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestHandler(t *testing.T) {
	h := handler(t, `<script src="/host.js"></script>`)
	t.Run("each load of the page has its own nonce and is not cached", func(t *testing.T) {
		first, second := get(h, "GET", "/"), get(h, "GET", "/")
		if first.Body.String() == second.Body.String() || !strings.Contains(first.Body.String(), "nonce-1") {
			t.Errorf("got %q then %q", first.Body, second.Body)
		}
		if strings.Contains(first.Body.String(), "__CSP_NONCE__") {
			t.Error("the place of the nonce is still there")
		}
		if got := first.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control = %q", got)
		}
	})
	t.Run("the host's markup comes first in the head", func(t *testing.T) {
		if got := get(h, "GET", "/").Body.String(); !strings.Contains(got, `<head><script src="/host.js"></script><meta`) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a route of the screens is the page too", func(t *testing.T) {
		w := get(h, "GET", "/invoices/inv-001")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "csp-nonce") {
			t.Errorf("got %d %q", w.Code, w.Body)
		}
	})
	t.Run("an asset is served with its type and may be kept for good", func(t *testing.T) {
		w := get(h, "GET", "/assets/main-abc.js")
		if w.Body.String() != "export {}" || !strings.Contains(w.Header().Get("Content-Type"), "javascript") {
			t.Errorf("got %q as %q", w.Body, w.Header().Get("Content-Type"))
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("Cache-Control = %q", w.Header().Get("Cache-Control"))
		}
	})
	t.Run("a missing file and a path that climbs out are not found", func(t *testing.T) {
		for _, target := range []string{"/assets/gone.js", "/../embed.go", "/assets/../../go.mod.txt"} {
			if w := get(h, "GET", target); w.Code != http.StatusNotFound {
				t.Errorf("%s: got %d", target, w.Code)
			}
		}
	})
	t.Run("nothing can be posted", func(t *testing.T) {
		if w := get(h, "POST", "/"); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("got %d", w.Code)
		}
	})
	t.Run("a program without screens says how to build them", func(t *testing.T) {
		empty, err := frontend.Handler(frontend.Options{Files: fstest.MapFS{}})
		if err != nil {
			t.Fatal(err)
		}
		if w := get(empty, "GET", "/"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "make build") {
			t.Errorf("got %d %q", w.Code, w.Body)
		}
	})
}

func ExampleHandler() {
	h, err := frontend.Handler(frontend.Options{
		Files: fstest.MapFS{"index.html": {Data: []byte(page)}},
		Nonce: func() string { return "r4nd0m" },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Body)
	// Output: <html><head><meta name="csp-nonce" content="r4nd0m"></head><body></body></html>
}
