package bffclient_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// writeRaw takes the connection over, reads the request and writes text as the
// whole answer.
func writeRaw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = buffer.WriteString(text)
		_ = buffer.Flush()
	}
}

func page(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func problemOf(status int, code action.Code) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, code, nil) }
}

const ourHeaders = "HTTP/1.1 200 OK\r\nFieldPay-Protocol: 1\r\nContent-Type: application/json\r\n"

func TestClient_Send_TellsFailuresApart(t *testing.T) {
	cases := []struct {
		name  string
		route http.HandlerFunc
		want  action.Code
	}{
		{"the connection is cut after the request", writeRaw(""), action.AnswerLost},
		{"the answer is cut in its head", writeRaw("HTTP/1.1 200 OK\r\nFieldPay-Pro"), action.AnswerLost},
		{"the answer is cut in its body", writeRaw(ourHeaders + "Content-Length: 900\r\n\r\n{\"results\":["), action.AnswerLost},
		{"the answer is not JSON", writeRaw(ourHeaders + "Content-Length: 3\r\n\r\n{ok"), action.AnswerLost},
		{"the answer is JSON of another form", writeRaw(ourHeaders + "Content-Length: 13\r\n\r\n{\"results\":1}"), action.AnswerLost},
		{"the answer is empty", writeRaw(ourHeaders + "Content-Length: 2\r\n\r\n{}"), action.AnswerLost},
		{"the answer never ends", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, strings.Repeat("x", 2<<20))
		}, action.AnswerLost},
		{"a portal shows its page", page(200, "text/html", "<html>Welcome to the hotel"), action.Portal},
		{"a portal says it is JSON", page(200, "application/json", `{"results":[]}`), action.Portal},
		{"a portal wants authentication", page(511, "text/html", "sign in"), action.Portal},
		{"a gateway has no server behind it", page(502, "text/html", "bad gateway"), action.Portal},
		{"a foreign 400", page(400, "application/json", `{"error":"no"}`), action.Portal},
		{"a foreign 401", page(401, "application/json", `{"error":"no"}`), action.Portal},
		{"a problem without a code", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("FieldPay-Protocol", "1")
			page(500, "application/problem+json", `{"title":"x"}`)(w, nil)
		}, action.Portal},
		{"our header on another media type", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("FieldPay-Protocol", "1")
			page(200, "text/plain", "{}")(w, nil)
		}, action.Portal},
		{"the protocol of a later server", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("FieldPay-Protocol", "2")
			page(200, "application/json", "{}")(w, nil)
		}, action.UpdateNeeded},
		{"400 of ours", problemOf(400, action.BadRequest), action.BadRequest},
		{"403 for a blocked device", problemOf(403, action.Revoked), action.Revoked},
		{"403 for a missing right", problemOf(403, action.NotAllowed), action.NotAllowed},
		{"404 for the route", problemOf(404, action.NotFound), action.UnknownType},
		{"405", problemOf(405, action.BadRequest), action.UnknownType},
		{"408", problemOf(408, action.Busy), action.AnswerLost},
		{"409 with a code", problemOf(409, action.ContentChanged), action.ContentChanged},
		{"413", problemOf(413, action.TooLarge), action.TooLarge},
		{"425", problemOf(425, "too_early"), action.Busy},
		{"426", problemOf(426, action.UpdateNeeded), action.UpdateNeeded},
		{"426 of a gateway", page(426, "text/plain", "upgrade"), action.UpdateNeeded},
		{"429", problemOf(429, action.RateLimited), action.RateLimited},
		{"500", problemOf(500, action.Internal), action.Internal},
		{"501", problemOf(501, action.Internal), action.UnknownType},
		{"502 of ours", problemOf(502, "not_known_yet"), action.Busy},
		{"503", problemOf(503, action.SalesforceDown), action.SalesforceDown},
		{"504", problemOf(504, action.Busy), action.Busy},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on("/sync/actions", tc.route)
			tokens := newWallet()
			_, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10))
			e := wantCode(t, err, tc.want)
			if e.Message == "" {
				t.Error("a person is told nothing")
			}
			if len(tokens.history) != 0 {
				t.Errorf("the sign-in was touched: %v", tokens.history)
			}
		})
	}
}

func TestClient_Send_DoesNotBelieveCodesAServerCannotKnow(t *testing.T) {
	cases := map[action.Code]int{
		action.Offline: 400, action.Portal: 400, action.UnsafeNetwork: 500, action.AnswerLost: 503,
		action.DiskFull: 500, action.JournalDamaged: 422, action.SignInNeeded: 403, action.Revoked: 503,
	}
	for code, status := range cases {
		t.Run(string(code), func(t *testing.T) {
			s := newServer(t)
			s.on("/sync/actions", problemOf(status, code))
			_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
			if got := action.CodeOf(err); got == code {
				t.Errorf("status %d made the device believe %q", status, got)
			}
		})
	}
}

// Every code that a server gives about a call arrives as it was sent, under the
// status it has there.
func TestClient_Send_KeepsTheServersCode(t *testing.T) {
	for _, code := range action.Codes() {
		status := 0
		switch code.Class() {
		case action.Invalid:
			status = 422
		case action.Gone:
			status = 410
		case action.Conflict, action.Integrity, action.Held:
			status = 409
		case action.Transient, action.Operator, action.VersionSkew:
			status = 503
		case action.Declined, action.CustomerAction:
			status = 402
		case action.Barred:
			status = 403
		default:
			continue
		}
		t.Run(string(code), func(t *testing.T) {
			s := newServer(t)
			s.on("/sync/actions", problemOf(status, code))
			_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
			wantCode(t, err, code)
		})
	}
}

func TestClient_NothingIsSent(t *testing.T) {
	t.Run("when nobody listens", func(t *testing.T) {
		s := newServer(t)
		s.Close()
		_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.Offline)
	})
	t.Run("when the name is not known", func(t *testing.T) {
		c := newClient(t, "https://fieldpay.invalid", newWallet(), func(o *bffclient.Options) {
			o.HTTP = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "fieldpay.invalid", IsNotFound: true}
			}}}
		})
		_, err := c.Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.Offline)
	})
	t.Run("when the caller has given up already", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := newClient(t, newServer(t).URL, newWallet()).Send(ctx, batch(1, 10))
		wantCode(t, err, action.Offline)
	})
	t.Run("when plain http leads off the machine", func(t *testing.T) {
		if bffclient.RefuseRemote("tcp", "192.0.2.7:80", nil) == nil {
			t.Error("the connection was allowed")
		}
		if err := bffclient.RefuseRemote("tcp", "[::1]:80", nil); err != nil {
			t.Error(err)
		}
	})
}

func TestClient_FollowsNoRedirect(t *testing.T) {
	var visits atomic.Int64
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		answer(w, http.StatusOK, map[string]any{})
	}))
	defer portal.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newServer(t)
		s.on("/sync/actions", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, portal.URL, status)
		})
		_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.Portal)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("the portal was visited %d times", n)
	}
}

func TestClient_TLS(t *testing.T) {
	s := unstartedServer(t)
	s.Server = httptest.NewTLSServer(s)
	defer s.Close()
	transport := s.Client().Transport.(*http.Transport)
	use := func(change func(*tls.Config)) func(*bffclient.Options) {
		return func(o *bffclient.Options) {
			tr := transport.Clone()
			change(tr.TLSClientConfig)
			o.HTTP = &http.Client{Transport: tr}
		}
	}
	t.Run("is good with a known authority", func(t *testing.T) {
		if _, err := newClient(t, s.URL, newWallet(), use(func(*tls.Config) {})).Send(t.Context(), batch(1, 10)); err != nil {
			t.Error(err)
		}
	})
	t.Run("is unsafe with an unknown authority", func(t *testing.T) {
		_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.UnsafeNetwork)
	})
	t.Run("is unsafe for another host", func(t *testing.T) {
		_, err := newClient(t, s.URL, newWallet(), use(func(c *tls.Config) { c.ServerName = "other.example.org" })).Probe(t.Context())
		wantCode(t, err, action.UnsafeNetwork)
	})
	t.Run("points at the clock outside the certificate's time", func(t *testing.T) {
		late := func() time.Time { return time.Now().AddDate(200, 0, 0) }
		_, err := newClient(t, s.URL, newWallet(), use(func(c *tls.Config) { c.Time = late })).Probe(t.Context())
		e := wantCode(t, err, action.UnsafeNetwork)
		if !strings.Contains(e.Hint, "date") {
			t.Errorf("hint %q", e.Hint)
		}
	})
	t.Run("counts for nothing when it was not verified", func(t *testing.T) {
		_, err := newClient(t, s.URL, newWallet(), use(func(c *tls.Config) { c.InsecureSkipVerify = true })).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.Portal)
	})
	t.Run("is unsafe where a server speaks plainly", func(t *testing.T) {
		plain := newServer(t)
		_, err := newClient(t, "https"+strings.TrimPrefix(plain.URL, "http"), newWallet()).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.UnsafeNetwork)
	})
}

func TestClient_Proxy(t *testing.T) {
	cases := map[int]action.Code{407: action.Portal, 302: action.Portal, 511: action.Portal, 503: action.Offline}
	for status, want := range cases {
		t.Run(http.StatusText(status), func(t *testing.T) {
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			defer proxy.Close()
			at, err := url.Parse(proxy.URL)
			if err != nil {
				t.Fatal(err)
			}
			transport := bffclient.NewTransport(false)
			transport.Proxy = http.ProxyURL(at)
			c := newClient(t, "https://fieldpay.example.com", newWallet(), func(o *bffclient.Options) {
				o.HTTP = &http.Client{Transport: transport}
			})
			_, err = c.Send(t.Context(), batch(1, 10))
			wantCode(t, err, want)
		})
	}
}

// pipeTransport is a transport over connections in memory, so that time can be
// virtual. Each connection is served by serve.
func pipeTransport(serve func(net.Conn)) *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serve(server)
		return client, nil
	}}
}

func TestClient_WaitsForALimitedTime(t *testing.T) {
	t.Run("for an answer that does not come", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			silent := pipeTransport(func(conn net.Conn) {
				_, _ = io.Copy(io.Discard, bufio.NewReader(conn))
				_ = conn.Close()
			})
			c := newClient(t, "http://127.0.0.1:1", newWallet(), func(o *bffclient.Options) { o.HTTP = &http.Client{Transport: silent} })
			began := time.Now()
			_, err := c.Send(t.Context(), batch(1, 10))
			wantCode(t, err, action.AnswerLost)
			if took := time.Since(began); took != time.Minute {
				t.Errorf("gave up after %v", took)
			}
			_, err = c.Probe(t.Context())
			wantCode(t, err, action.Offline)
		})
	})
	t.Run("for a connection that does not come about", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hanging := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}
			c := newClient(t, "http://127.0.0.1:1", newWallet(), func(o *bffclient.Options) { o.HTTP = &http.Client{Transport: hanging} })
			_, err := c.Send(t.Context(), batch(1, 10))
			wantCode(t, err, action.Offline)
			hanging.CloseIdleConnections()
		})
	})
}
