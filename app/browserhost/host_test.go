package browserhost_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"testing/fstest"

	"fieldpay/app/browserhost"
)

// desk is a bridge with one method of each form that a page may call.
type desk struct{}

type order struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

func (desk) Greet(o order) (string, error) {
	if o.Name == "" {
		return "", errors.New("nobody to greet")
	}
	return fmt.Sprintf("hello %s %d", o.Name, o.Count), nil
}
func (desk) Ping() error      { return nil }
func (desk) Count() int       { return 7 }
func (desk) Panic() error     { panic("nil map") }
func (desk) Add(a, b int) int { return a + b }

// site is a running host and a browser that may or may not have been let in.
type site struct {
	*http.Client
	base, address string
	topics        chan []browserhost.Event
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{topics: make(chan []browserhost.Event)}
	host, err := browserhost.New(browserhost.Options{
		Bridge:      desk{},
		FormatError: func(err error) string { return `{"message":"` + err.Error() + `"}` },
		Files:       fstest.MapFS{"index.html": {Data: []byte(`<html><head></head><body>screens __CSP_NONCE__</body></html>`)}},
		Subscribe: func() (browserhost.Events, func()) {
			return browserhost.EventsFunc(func(ctx context.Context) ([]browserhost.Event, error) {
				select {
				case batch := <-s.topics:
					return batch, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}), func() {}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := browserhost.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- host.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the host did not stop cleanly: %v", err)
		}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Client = &http.Client{Jar: jar}
	s.base, s.address = "http://"+ln.Addr().String(), host.Address(ln.Addr())
	return s
}

func (s *site) do(t *testing.T, method, target, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// call posts a call as the page does.
func (s *site) call(t *testing.T, method, args string) (int, string) {
	t.Helper()
	return s.do(t, "POST", s.base+"/host/call", `{"method":"`+method+`","args":`+args+`}`, "Origin", s.base)
}

func (s *site) enter(t *testing.T) *site {
	t.Helper()
	if code, _ := s.do(t, "GET", s.address, ""); code != http.StatusOK {
		t.Fatalf("the printed address answered %d", code)
	}
	return s
}

func TestHost_Gate(t *testing.T) {
	t.Run("without the token nothing is served", func(t *testing.T) {
		s := open(t)
		for _, target := range []string{"/", "/?token=wrong", "/?token=", "/host/shim.js", "/host/events", "/index.html"} {
			if code, body := s.do(t, "GET", s.base+target, ""); code != http.StatusUnauthorized || strings.Contains(body, "screens") {
				t.Errorf("%s answered %d %q", target, code, body)
			}
		}
		if code, _ := s.call(t, "Count", "[]"); code != http.StatusUnauthorized {
			t.Errorf("a call answered %d", code)
		}
	})
	t.Run("the token lets in one browser, once, and leaves the address bar", func(t *testing.T) {
		s := open(t)
		resp, err := s.Get(s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got := resp.Request.URL.String(); got != s.base+"/" {
			t.Errorf("ended at %s", got)
		}
		if code, _ := (&site{Client: &http.Client{}}).do(t, "GET", s.address, ""); code != http.StatusUnauthorized {
			t.Errorf("a second browser got %d", code)
		}
		if code, _ := s.do(t, "GET", s.address, ""); code != http.StatusOK {
			t.Errorf("the first browser, again, got %d", code)
		}
	})
	t.Run("the cookie is out of reach for scripts and other sites", func(t *testing.T) {
		s := open(t)
		s.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := s.Get(s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		cookies := resp.Cookies()
		if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
			t.Errorf("got %+v", cookies)
		}
		if got := resp.Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") {
			t.Errorf("policy %q", got)
		}
	})
	t.Run("another name for the address is refused", func(t *testing.T) {
		s := open(t).enter(t)
		if code, _ := s.do(t, "GET", s.base+"/", "", "Host", "evil.example:80"); code != http.StatusMisdirectedRequest {
			t.Errorf("got %d", code)
		}
	})
	t.Run("another site cannot call, nor can one that hides where it is from", func(t *testing.T) {
		s := open(t).enter(t)
		body := `{"method":"Count","args":[]}`
		for _, header := range [][]string{
			{}, {"Origin", "null"}, {"Origin", "https://evil.example"}, {"Origin", "http://127.0.0.1:1"},
			{"Origin", s.base, "Sec-Fetch-Site", "cross-site"}, {"Origin", s.base, "Sec-Fetch-Site", "same-site"},
		} {
			if code, _ := s.do(t, "POST", s.base+"/host/call", body, header...); code != http.StatusForbidden {
				t.Errorf("%v got %d", header, code)
			}
		}
	})
}

func TestHost_Call(t *testing.T) {
	s := open(t).enter(t)
	t.Run("a value, an error and neither come back as the window gives them", func(t *testing.T) {
		for call, want := range map[string]string{
			`Greet [{"name":"Ada","count":2}]`: `{"result":"hello Ada 2"}`,
			`Greet [{"name":""}]`:              `{"result":null,"error":"{\"message\":\"nobody to greet\"}"}`,
			`Ping []`:                          `{"result":null}`,
			`Count []`:                         `{"result":7}`,
			`Add [2,3]`:                        `{"result":5}`,
		} {
			name, args, _ := strings.Cut(call, " ")
			if code, body := s.call(t, name, args); code != http.StatusOK || body != want {
				t.Errorf("%s: got %d %s, want %s", call, code, body, want)
			}
		}
	})
	t.Run("wrong arguments and a panic are errors, and the host lives on", func(t *testing.T) {
		for _, call := range []string{`Greet []`, `Greet ["text"]`, `Greet [{"count":"x"}]`, `Add [1]`, `Panic []`} {
			name, args, _ := strings.Cut(call, " ")
			code, body := s.call(t, name, args)
			var answer struct{ Error string }
			if err := json.Unmarshal([]byte(body), &answer); err != nil || code != http.StatusOK || answer.Error == "" {
				t.Errorf("%s: got %d %s", call, code, body)
			}
		}
	})
	t.Run("what is not a call is refused", func(t *testing.T) {
		if code, _ := s.call(t, "Missing", "[]"); code != http.StatusNotFound {
			t.Errorf("an unknown method got %d", code)
		}
		if code, _ := s.do(t, "POST", s.base+"/host/call", "nonsense", "Origin", s.base); code != http.StatusBadRequest {
			t.Errorf("nonsense got %d", code)
		}
		huge := `{"method":"Greet","args":[{"name":"` + strings.Repeat("a", 2<<20) + `"}]}`
		if code, _ := s.do(t, "POST", s.base+"/host/call", huge, "Origin", s.base); code != http.StatusRequestEntityTooLarge {
			t.Errorf("a huge body got %d", code)
		}
	})
}

func TestHost_Events(t *testing.T) {
	s := open(t).enter(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.base+"/host/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	s.topics <- []browserhost.Event{{Name: "fieldpay:changed", Data: "outbox"}, {Name: "fieldpay:changed", Data: "status"}}
	lines := bufio.NewScanner(resp.Body)
	var got []string
	for len(got) < 2 && lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			got = append(got, text)
		}
	}
	want := []string{`{"name":"fieldpay:changed","data":"outbox"}`, `{"name":"fieldpay:changed","data":"status"}`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHost_Page(t *testing.T) {
	s := open(t).enter(t)
	code, body := s.do(t, "GET", s.base+"/outbox", "")
	if code != http.StatusOK || !strings.Contains(body, `<head><script src="/host/shim.js"></script>`) {
		t.Errorf("got %d %q", code, body)
	}
	if code, body := s.do(t, "GET", s.base+"/host/shim.js", ""); code != http.StatusOK || !strings.Contains(body, "window.go") {
		t.Errorf("the shim answered %d %q", code, body)
	}
}

func TestListen(t *testing.T) {
	t.Run("an address that others can reach is refused", func(t *testing.T) {
		for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "[::]:0", "example.com:0", "127.0.0.1"} {
			if ln, err := browserhost.Listen(t.Context(), address); err == nil {
				ln.Close()
				t.Errorf("%s was accepted", address)
			}
		}
	})
}

func TestNew(t *testing.T) {
	t.Run("a bridge that a page cannot call is refused", func(t *testing.T) {
		for _, bridge := range []any{nil, struct{}{}, twoValues{}} {
			if _, err := browserhost.New(browserhost.Options{Bridge: bridge}); err == nil {
				t.Errorf("%T was accepted", bridge)
			}
		}
	})
}

type twoValues struct{}

func (twoValues) Split() (int, int, error) { return 0, 0, nil }

func ExampleHost_Address() {
	host, err := browserhost.New(browserhost.Options{Bridge: desk{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	address := host.Address(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711})
	before, _, _ := strings.Cut(address, "=")
	fmt.Println(before)
	// Output: http://127.0.0.1:4711/?token
}
