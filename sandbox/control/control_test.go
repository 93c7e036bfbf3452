package control_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/sandbox/control"
)

// counter is a provider that counts the work it did.
type counter struct{ done int }

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.done++
	w.Header().Set("X-Done", fmt.Sprint(c.done))
	_, _ = io.WriteString(w, `{"done":true}`)
}

func (c *counter) State() map[string]any { return map[string]any{"done": c.done} }

func (c *counter) Reset() error { c.done = 0; return nil }

func (c *counter) ErrorReply(_ int, code, message string) []byte {
	return fmt.Appendf(nil, `{"code":%q,"message":%q}`, code, message)
}

func (c *counter) Route(r *http.Request) string { return r.Method + " " + r.URL.Path }

func (c *counter) Objects(_ *http.Request, body []byte) []string { return strings.Fields(string(body)) }

// bench is a provider behind a plane.
type bench struct {
	t        *testing.T
	provider *counter
	handler  http.Handler
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, provider: &counter{}}
	b.handler = control.New().Wrap(b.provider)
	return b
}

// call makes a request; cut reports that the connection was dropped.
func (b *bench) call(method, path, body string) (w *httptest.ResponseRecorder, cut bool) {
	b.t.Helper()
	w = httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				b.t.Errorf("panic: %v", p)
			}
			cut = true
		}
	}()
	b.handler.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w, false
}

func (b *bench) rules(json string) {
	b.t.Helper()
	if w, _ := b.call("POST", "/__control/faults", json); w.Code != 200 {
		b.t.Fatalf("rules: %d %s", w.Code, w.Body)
	}
}

// pattern calls n times and draws a refused call as x.
func (b *bench) pattern(n int, method, path, body string) string {
	b.t.Helper()
	var out strings.Builder
	for range n {
		if w, cut := b.call(method, path, body); cut || w.Code != 200 {
			out.WriteByte('x')
		} else {
			out.WriteByte('.')
		}
	}
	return out.String()
}

func TestPlane_Match(t *testing.T) {
	const effect = `"effect":{"status":503}}]`
	tests := []struct{ name, match, method, path, body, want string }{
		{"an empty match takes all", `{}`, "GET", "/a", "", "xxxx"},
		{"a method", `{"method":"post"}`, "GET", "/a", "", "...."},
		{"a path prefix", `{"path":"/a/"}`, "GET", "/a/b", "", "xxxx"},
		{"another path", `{"path":"/b"}`, "GET", "/a", "", "...."},
		{"an expression", `{"pathRegex":"/v[0-9]+/"}`, "GET", "/x/v63/y", "", "xxxx"},
		{"an object", `{"object":"invoice"}`, "POST", "/a", "Account Invoice", "xxxx"},
		{"another object", `{"object":"visit"}`, "POST", "/a", "Account Invoice", "...."},
		{"the first two", `{"times":2}`, "GET", "/a", "", "xx.."},
		{"after the first", `{"after":1}`, "GET", "/a", "", ".xxx"},
		{"the third alone", `{"after":2,"times":1}`, "GET", "/a", "", "..x."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.rules(`[{"match":` + tt.match + `,` + effect)
			if got := b.pattern(4, tt.method, tt.path, tt.body); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	t.Run("chance repeats with its seed", func(t *testing.T) {
		run := func() string {
			b := newBench(t)
			b.rules(`[{"match":{"probability":0.5,"seed":7},` + effect)
			return b.pattern(40, "GET", "/", "")
		}
		first := run()
		if n := strings.Count(first, "x"); first != run() || n < 8 || n > 32 {
			t.Errorf("got %s", first)
		}
	})
}

func TestPlane_Effects(t *testing.T) {
	t.Run("a status comes in the provider's shape, before any work", func(t *testing.T) {
		b := newBench(t)
		b.rules(`[{"match":{},"effect":{"status":429,"errorCode":"busy","message":"later","retryAfter":"3","headers":{"X-A":"b"}}}]`)
		w, _ := b.call("GET", "/", "")
		if w.Code != 429 || w.Body.String() != `{"code":"busy","message":"later"}` || w.Header().Get("Retry-After") != "3" || w.Header().Get("X-A") != "b" || b.provider.done != 0 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
	t.Run("or in any other, after the work", func(t *testing.T) {
		b := newBench(t)
		b.rules(`[{"match":{},"effect":{"status":502,"body":"<html>","contentType":"text/html","afterCommit":true}}]`)
		w, _ := b.call("GET", "/", "")
		if w.Code != 502 || w.Body.String() != "<html>" || w.Header().Get("Content-Type") != "text/html" || w.Header().Get("X-Done") != "" || b.provider.done != 1 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
	for effect, want := range map[string]int{`"cut":true`: 0, `"dropAfterCommit":true`: 1, `"truncate":true`: 1} {
		t.Run("the line is cut by "+effect, func(t *testing.T) {
			b := newBench(t)
			b.rules(`[{"match":{"times":1},"effect":{` + effect + `}}]`)
			if _, cut := b.call("GET", "/", ""); !cut || b.provider.done != want {
				t.Errorf("cut %v, work done %d times", cut, b.provider.done)
			}
		})
	}
	t.Run("delays take their time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.rules(`[{"match":{},"effect":{"delayMs":2000,"delayReplyMs":3000}}]`)
			start := time.Now()
			w, _ := b.call("GET", "/", "")
			if took := time.Since(start); took != 5*time.Second || w.Header().Get("X-Done") != "1" {
				t.Errorf("took %v, %v", took, w.Header())
			}
		})
	})
}

func TestPlane_Control(t *testing.T) {
	b := newBench(t)
	b.rules(`[{"name":"one","match":{"times":1},"effect":{"status":500}}]`)
	b.pattern(3, "GET", "/a", "")
	state := func() map[string]any {
		w, _ := b.call("GET", "/__control/state", "")
		var m map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	t.Run("the state counts calls and what the rules did", func(t *testing.T) {
		got := state()
		fault := got["faults"].([]any)[0].(map[string]any)
		if got["done"] != 2.0 || got["requestsTotal"] != 3.0 || got["requests"].(map[string]any)["GET /a"] != 3.0 || fault["acted"] != 1.0 || fault["matched"] != 3.0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a reset clears it all", func(t *testing.T) {
		b.call("POST", "/__control/reset", "")
		if got := state(); got["done"] != 0.0 || got["requestsTotal"] != 0.0 || len(got["faults"].([]any)) != 0 {
			t.Errorf("got %v", got)
		}
	})
	for name, body := range map[string]string{
		"not a list": `{}`, "an unknown field": `[{"effekt":{}}]`, "no effect": `[{"match":{}}]`, "a bad expression": `[{"match":{"pathRegex":"("},"effect":{"cut":true}}]`,
		"a bad chance": `[{"match":{"probability":2},"effect":{"cut":true}}]`, "a bad status": `[{"match":{},"effect":{"status":42}}]`,
	} {
		t.Run("rules are refused for "+name, func(t *testing.T) {
			if w, _ := b.call("POST", "/__control/faults", body); w.Code != 400 || !strings.Contains(w.Body.String(), "error") {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
	t.Run("other controls do not exist", func(t *testing.T) {
		if w, _ := b.call("GET", "/__control/faults", ""); w.Code != 404 {
			t.Errorf("got %d", w.Code)
		}
	})
}

func ExamplePlane_SetRules() {
	plane := control.New()
	h := plane.Wrap(&counter{})
	err := plane.SetRules([]control.Rule{{Match: control.Match{Path: "/orders", Times: 1}, Effect: control.Effect{Status: 503}}})
	fmt.Println(err)
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/orders/1", nil))
		fmt.Println(w.Code)
	}
	// Output:
	// <nil>
	// 503
	// 200
}
