package bff

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"fieldpay/action"
)

// The names of what spans say. None of it names a person, a device or a record:
// an action is known by its id, which says nothing to a stranger.
const (
	attrMethod  = attribute.Key("http.request.method")
	attrRoute   = attribute.Key("http.route")
	attrStatus  = attribute.Key("http.response.status_code")
	attrRequest = attribute.Key("fieldpay.request.id")
	attrCode    = attribute.Key("fieldpay.code")
	attrAction  = attribute.Key("fieldpay.action.id")
	attrType    = attribute.Key("fieldpay.action.type")
	attrAttempt = attribute.Key("fieldpay.action.attempt")
	attrClass   = attribute.Key("fieldpay.class")
	attrActions = attribute.Key("fieldpay.actions")
	attrSettled = attribute.Key("fieldpay.settled")
)

// traceRequest begins the span of a request, as a part of the caller's trace if
// it names one; endTrace ends it. Probes have none: they come every few seconds from every device.
// Without a tracer the request is as it was.
func (s *Server) traceRequest(r *http.Request, c *call) *http.Request {
	route := routeOf(r.URL.Path)
	if s.o.Tracer == nil || route == "/health" || route == "/ready" {
		return r
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	// What vendors put beside the ids is the caller's text, and goes no further.
	from := trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{})
	ctx, _ = s.o.Tracer.Start(trace.ContextWithRemoteSpanContext(ctx, from), methodOf(r.Method)+" "+route,
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attrMethod.String(methodOf(r.Method)), attrRoute.String(route), attrRequest.String(c.requestID)))
	return r.WithContext(ctx)
}

// endTrace ends the span of a request.
func endTrace(ctx context.Context, status int, code action.Code) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attrStatus.Int(status))
	if code != "" {
		span.SetAttributes(attrCode.String(string(code)))
	}
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, string(code))
	}
	span.End()
}

// traceEvent begins the span of an event's handling.
func (w *webhooks) traceEvent(ctx context.Context) (context.Context, func(error)) {
	if w.tracer == nil {
		return ctx, func(error) {}
	}
	ctx, span := w.tracer.Start(ctx, "event", trace.WithSpanKind(trace.SpanKindConsumer))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, string(action.CodeOf(err)))
		}
		span.End()
	}
}

// traceCall begins the span of a call that jobs share. It is a part of the
// request that waits for them; where several do, it is linked to each.
func (p *Processor) traceCall(jobs []*job) (context.Context, trace.Span) {
	if p.o.Tracer == nil {
		return p.base, nil
	}
	ctx, opts := p.base, []trace.SpanStartOption{trace.WithAttributes(attrActions.Int(len(jobs)))}
	if from := p.origins(jobs); len(from) == 1 {
		ctx = trace.ContextWithSpanContext(ctx, from[0])
	} else {
		for _, of := range from {
			opts = append(opts, trace.WithLinks(trace.Link{SpanContext: of}))
		}
	}
	first := jobs[0].entry
	opts = append(opts, trace.WithAttributes(attrType.String(string(first.Action.Type))))
	if len(jobs) == 1 {
		opts = append(opts, trace.WithAttributes(attrAction.String(first.Action.ID), attrAttempt.Int(first.Attempts)))
	}
	return p.o.Tracer.Start(ctx, "apply "+string(first.Action.Type), opts...)
}

// origins are the requests that wait for jobs.
func (p *Processor) origins(jobs []*job) []trace.SpanContext {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []trace.SpanContext
	for _, j := range jobs {
		for _, it := range p.watched[j.entry.Action.ID] {
			of := it.of.origin
			known := slices.ContainsFunc(found, func(other trace.SpanContext) bool { return other.SpanID() == of.SpanID() })
			if of.IsValid() && !known {
				found = append(found, of)
			}
		}
	}
	return found
}

// endCall ends the span of a call with what came of its jobs.
func endCall(span trace.Span, done []finished) {
	if span == nil {
		return
	}
	settled := 0
	for _, f := range done {
		if f.result.Outcome.Class.Settles() {
			settled++
		}
	}
	span.SetAttributes(attrSettled.Int(settled))
	if len(done) == 1 {
		out := done[0].result.Outcome
		span.SetAttributes(attrClass.String(string(out.Class)), attrCode.String(string(out.Code)))
	}
	if settled < len(done) {
		span.SetStatus(codes.Error, "not all settled")
	}
	span.End()
}
