package host_test

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
)

// traceCollector takes traces as a collector does, and keeps them.
type traceCollector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*tracepb.Span
	text  strings.Builder
}

func newTraceCollector(t *testing.T) *traceCollector {
	t.Helper()
	c := &traceCollector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := c.take(r); err != nil {
			t.Errorf("traces that cannot be read: %v", err)
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *traceCollector) take(r *http.Request) error {
	if r.URL.Path != "/v1/traces" {
		return fmt.Errorf("sent to %s", r.URL.Path)
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return err
		}
		body = unpacked
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var sent collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(raw, &sent); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.WriteString(sent.String())
	for _, of := range sent.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
	return nil
}

// in returns the spans of a trace by name.
func (c *traceCollector) in(trace string) map[string]*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]*tracepb.Span{}
	for _, s := range c.spans {
		if hex.EncodeToString(s.TraceId) == trace {
			found[s.Name] = s
		}
	}
	return found
}

func (c *traceCollector) told() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

func TestStart_traces(t *testing.T) {
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	took := newTraceCollector(t)
	h := start(t, host.Config{DataDir: t.TempDir(), TraceEndpoint: took.URL})
	c := signedIn(t, h.URL())
	id := action.NewID()
	body := `{"actions":[{"id":"` + id + `","type":"create_invoice","payload":{"accountId":"acc-001","currency":"usd","lines":[{"description":"canary-line","quantity":"1","unitPrice":100}],"description":"canary-text"}}]}`
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.URL()+"/sync/actions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Traceparent", "00-"+trace+"-"+parent+"-01")
	req.Header.Set("Tracestate", "vendor=canary-state")
	req.Header.Set("Baggage", "who=canary-baggage")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != 200 {
		t.Fatalf("%d %v", res.StatusCode, err)
	}
	c.call("GET", "/salesforce/accounts?search=canary-search", "", 200, nil)
	c.call("GET", "/salesforce/accounts/acc-001/contacts", "", 200, nil)
	closeHost(t, h) // sends what is left

	spans := took.in(trace)
	request, apply := spans["POST /sync/actions"], spans["apply create_invoice"]
	t.Run("a request is a part of its caller's trace", func(t *testing.T) {
		if request == nil || hex.EncodeToString(request.ParentSpanId) != parent {
			t.Fatalf("%v", spans)
		}
	})
	t.Run("an effect is a part of the request that brought it, and a call of the effect", func(t *testing.T) {
		if apply == nil || string(apply.ParentSpanId) != string(request.SpanId) {
			t.Fatalf("%v", spans)
		}
		call := spans["salesforce POST"]
		if call == nil || string(call.ParentSpanId) != string(apply.SpanId) {
			t.Errorf("%v", spans)
		}
		if !strings.Contains(apply.String(), id) {
			t.Errorf("which action it was is not told: %v", apply)
		}
	})
	t.Run("a trace tells nothing about customers, and no token", func(t *testing.T) {
		told := took.told()
		for _, canary := range []string{"canary", c.token, "demo123", "demo@fieldpay.com", "acc-001", "sandbox-secret", "Jordan"} {
			if strings.Contains(told, canary) {
				t.Errorf("a trace contains %q", canary)
			}
		}
		if !strings.Contains(told, "/salesforce/accounts/{id}/contacts") {
			t.Error("the trace of a request is missing")
		}
	})
}

func TestStart_collectorRefuses(t *testing.T) {
	away := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(away.Close)
	var log lockedLog
	h, err := host.Start(t.Context(), host.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir(), TraceEndpoint: away.URL}, zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	signedIn(t, h.URL())
	if err := h.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("a collector that takes nothing keeps the server from its end: %v", err)
	}
	if !strings.Contains(log.String(), "traces") {
		t.Errorf("nobody is told: %s", log.String())
	}
}

type lockedLog struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
