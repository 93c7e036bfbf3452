package host

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/internal/buildinfo"
)

// metrics is what the server tells Prometheus. No label names a person, a
// device or a record, and each has few values.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	outcomes  *prometheus.HistogramVec
	throttled *prometheus.CounterVec
	calls     *prometheus.HistogramVec
	open      *prometheus.GaugeVec
}

var _ bff.Meter = (*metrics)(nil)

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fieldpay_http_request_seconds", Help: "Requests of devices, by route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method", "status"}),
		outcomes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fieldpay_action_seconds", Help: "Attempts at actions, by type and by the class of what came of them.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"type", "class"}),
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fieldpay_throttled_total", Help: "Requests that were refused because there were too many.",
		}, []string{"by"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fieldpay_upstream_call_seconds", Help: "Calls of Salesforce and Stripe; status 0 is no answer, open a call that the breaker kept back.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"upstream", "status"}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "fieldpay_upstream_open", Help: "1 while the breaker keeps calls of an upstream back.",
		}, []string{"upstream"}),
	}
	version := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "fieldpay_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": buildinfo.Version()},
	})
	version.Set(1)
	m.registry.MustRegister(m.requests, m.outcomes, m.throttled, m.calls, m.open, version,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Request implements bff.Meter.
func (m *metrics) Request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// Outcome implements bff.Meter.
func (m *metrics) Outcome(t action.Type, class action.Class, took time.Duration) {
	m.outcomes.WithLabelValues(string(t), string(class)).Observe(took.Seconds())
}

// Throttled implements bff.Meter.
func (m *metrics) Throttled(by string) { m.throttled.WithLabelValues(by).Inc() }

func (m *metrics) call(upstream, status string, took time.Duration) {
	m.calls.WithLabelValues(upstream, status).Observe(took.Seconds())
}

// backlog is asked for when Prometheus asks, from the ledger that all servers
// share.
type backlog struct {
	of   bff.Backlogger
	ping func(context.Context) error
	log  zerolog.Logger
}

const (
	backlogName = "fieldpay_ledger_open"
	oldestName  = "fieldpay_ledger_oldest_seconds"
	storeName   = "fieldpay_store_up"
	askTimeout  = 5 * time.Second
)

// Describe implements prometheus.Collector: what is collected is not known
// before.
func (b backlog) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (b backlog) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	gauge := func(name, help string, value float64) {
		into <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, value)
	}
	left, err := b.of.Backlog(ctx)
	if err = errors.Join(err, b.ping(ctx)); err != nil {
		b.log.Warn().Err(err).Msg("the store was not counted")
		gauge(storeName, "1 while the store answers.", 0)
		return
	}
	gauge(storeName, "1 while the store answers.", 1)
	gauge(backlogName, "Actions in the ledger that are not settled.", float64(left.Open))
	age := 0.0
	if !left.Oldest.IsZero() {
		age = time.Since(left.Oldest).Seconds()
	}
	gauge(oldestName, "Age of the oldest of them.", age)
}

// serveMetrics listens on an address of its own, which belongs to no device.
func (h *Host) serveMetrics(ctx context.Context) error {
	if ledger, ok := h.stores.Ledger.(bff.Backlogger); ok {
		h.metrics.registry.MustRegister(backlog{of: ledger, ping: h.stores.Ping, log: h.log})
	}
	if h.config.MetricsListen == "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.config.MetricsListen)
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", promhttp.HandlerFor(h.metrics.registry, promhttp.HandlerOpts{}))
	h.metricsURL = localURL(listener.Addr().String()) + "/metrics"
	h.metricsServer = &http.Server{Handler: routes, ReadHeaderTimeout: askTimeout, ReadTimeout: askTimeout, WriteTimeout: 2 * askTimeout}
	go func() {
		if err := h.metricsServer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			h.log.Error().Err(err).Msg("serving metrics")
		}
	}()
	return nil
}

// MetricsURL is where metrics are read, or empty.
func (h *Host) MetricsURL() string { return h.metricsURL }
