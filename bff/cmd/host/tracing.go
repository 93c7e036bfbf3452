package host

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"fieldpay/internal/buildinfo"
)

const (
	traceName = "fieldpay-bff"
	// tracePath is where a collector takes traces.
	// https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
	tracePath = "/v1/traces"
	// flushTime is how long the last spans may take at the end.
	flushTime = 5 * time.Second
)

// tracing makes spans and sends them to a collector. The zero value is off.
type tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// newTracing makes the tracing that the configuration asks for: none without a
// collector. Nothing of the process but its name and version is told: arguments
// and environment may hold secrets.
func (c Config) newTracing(ctx context.Context, log zerolog.Logger) (tracing, error) {
	if c.TraceEndpoint == "" {
		return tracing{}, nil
	}
	to, err := url.JoinPath(c.TraceEndpoint, tracePath)
	if err != nil {
		return tracing{}, fmt.Errorf("reading OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(to))
	if err != nil {
		return tracing{}, fmt.Errorf("making the exporter of traces: %w", err)
	}
	// The trace of a caller is taken over, its wish to be recorded is not: who
	// asks must not decide what this costs.
	share := sdktrace.TraceIDRatioBased(cmp.Or(c.TraceShare, 1))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(quietExporter{exporter, log}),
		sdktrace.WithSampler(sdktrace.ParentBased(share,
			sdktrace.WithRemoteParentSampled(share), sdktrace.WithRemoteParentNotSampled(share))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", traceName), attribute.String("service.version", buildinfo.Version()),
			attribute.String("service.instance.id", uuid.NewString()),
			attribute.String("deployment.environment.name", c.Environment),
		)),
	)
	return tracing{provider: provider, tracer: provider.Tracer(traceName)}, nil
}

// close sends what is left. A collector that is away costs traces and nothing
// else.
func (t tracing) close(ctx context.Context, log zerolog.Logger) {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		log.Warn().Err(err).Msg("sending the last traces")
	}
}

// quietExporter says in the log of the server that traces are lost, rather than
// through what the library shares among everything in a process.
type quietExporter struct {
	sdktrace.SpanExporter
	log zerolog.Logger
}

// ExportSpans implements sdktrace.SpanExporter.
func (e quietExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.Warn().Err(err).Int("spans", len(spans)).Msg("traces were not taken")
	}
	return nil
}

// traceCall begins the span of a call of a provider, and tells the provider the
// trace. Neither the address nor the body is in it: they name customers.
func (u *upstream) traceCall(r *http.Request) (*http.Request, trace.Span) {
	if u.tracer == nil {
		return r, nil
	}
	ctx, span := u.tracer.Start(r.Context(), u.name+" "+r.Method, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("peer.service", u.name), attribute.String("http.request.method", r.Method)))
	r = r.Clone(ctx) // a transport may not change the request itself
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
	return r, span
}

func endCall(span trace.Span, status int) {
	if span == nil {
		return
	}
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status == 0 || status >= http.StatusBadRequest {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
