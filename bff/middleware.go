package bff

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzhttp"
	ogenmiddleware "github.com/ogen-go/ogen/middleware"
	"github.com/rs/zerolog"

	"fieldpay/action"
)

const (
	// protocolHeader marks every answer of ours: a device counts a reply only
	// with it.
	protocolHeader  = "FieldPay-Protocol"
	protocolVersion = "1"
	requestIDHeader = "X-Request-Id"
	// maxBody limits a request, as it arrives and unpacked, unless the options
	// say otherwise.
	maxBody = 1 << 20
	// packFrom is the size of an answer in bytes from which it is packed: what
	// fits into one packet of a network does not arrive sooner.
	packFrom = 1 << 10
)

var errTooLarge = errors.New("the unpacked body is too large")

// outermost gives a request its id, its headers and its line in the log, and
// answers for a handler that panicked.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{requestID: uuid.NewString(), remote: callerOf(r, s.o.TrustedProxies), bearer: bearerOf(r.Header), began: time.Now(), header: w.Header()}
		r = s.traceRequest(r.WithContext(context.WithValue(r.Context(), callKey{}, c)), c)
		w.Header().Set(protocolHeader, protocolVersion)
		w.Header().Set(requestIDHeader, c.requestID)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if s.o.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if fault := recover(); fault != nil {
				s.log.Error().Str("request", c.requestID).Str("fault", fmt.Sprintf("%T", fault)).Msg("a handler panicked")
				if !rec.wrote {
					writeProblem(rec, problemOf(r.Context(), &action.Error{Code: action.Internal}), nil)
				}
			}
			s.logAccess(r, rec, c)
		}()
		next.ServeHTTP(rec, r)
	})
}

// logAccess writes no path parameter, no query and no address: they may say who
// the customer is.
func (s *Server) logAccess(r *http.Request, rec *recorder, c *call) {
	s.o.Meter.Request(routeOf(r.URL.Path), methodOf(r.Method), rec.status, time.Since(c.began))
	endTrace(r.Context(), rec.status, c.code)
	level := zerolog.InfoLevel
	if r.URL.Path == "/health" && rec.status < http.StatusBadRequest {
		level = zerolog.DebugLevel // probes come every few seconds from every device
	}
	s.log.WithLevel(level).Str("request", c.requestID).Str("method", r.Method).Str("route", routeOf(r.URL.Path)).
		Int("status", rec.status).Str("code", string(c.code)).Str("user", c.principal.User.ID).
		Dur("took", time.Since(c.began)).Msg("request")
}

// methodOf keeps what a stranger made up out of the names of a metric.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodOptions, http.MethodHead:
		return method
	default:
		return "other"
	}
}

func routeOf(path string) string {
	for _, collection := range []string{"/salesforce/accounts/", "/salesforce/invoices/"} {
		if rest, ok := strings.CutPrefix(path, collection); ok {
			_, after, more := strings.Cut(rest, "/")
			if more && after == "contacts" {
				return collection + "{id}/contacts"
			}
			return collection + "{id}"
		}
	}
	if strings.HasPrefix(path, consolePath) {
		return consolePath
	}
	if strings.HasPrefix(path, attachmentPath) {
		return attachmentPath + "{sha256}"
	}
	switch path {
	case "/health", "/ready", "/auth/login", "/auth/refresh", enrolPath, "/auth/logout", "/auth/salesforce", "/auth/salesforce/callback",
		"/auth/salesforce/token", "/salesforce/accounts", "/salesforce/invoices", "/salesforce/prices",
		"/stripe/payment-intent", "/stripe/webhook", "/sync/actions", "/sync/check", handOverPath, "/sync/outcomes", "/telemetry":
		return path
	default:
		return "other"
	}
}

type recorder struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.ResponseWriter.Write(b)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// packing compresses answers for who can read them: those to a batch would
// else take longer on a thin line than the batch itself.
func packing() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(
		gzhttp.MinSize(packFrom), gzhttp.EnableZstd(false), gzhttp.ContentTypes([]string{"application/json", "application/problem+json"}),
	)
}

// limitBody bounds what is read, as it arrives.
func (s *Server) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := s.bodyLimit(r)
		if r.ContentLength > limit {
			s.handleError(r.Context(), w, r, tooLarge(nil))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

// unpack bounds what a packed body grows to.
func (s *Server) unpack(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Content-Encoding") {
		case "", "identity":
		case "gzip":
			unpacked, err := gzip.NewReader(r.Body)
			if err != nil {
				s.handleError(r.Context(), w, r, &action.Error{Code: action.BadRequest, Cause: err})
				return
			}
			r.Body = &boundedBody{Reader: io.LimitReader(unpacked, s.o.MaxBody+1), closer: r.Body, most: s.o.MaxBody}
			r.ContentLength = -1
			r.Header.Del("Content-Encoding")
		default:
			s.handleError(r.Context(), w, r, statusError{
				error: &action.Error{Code: action.BadRequest, Message: "Only gzip is read as a content encoding"}, status: http.StatusUnsupportedMediaType,
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// boundedBody fails once more than most bytes came out of it.
type boundedBody struct {
	io.Reader
	closer     io.Closer
	read, most int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.read += int64(n); b.read > b.most {
		return 0, errTooLarge
	}
	return n, err
}

func (b *boundedBody) Close() error { return b.closer.Close() }

// crossOrigin lets pages of this machine call a development server, as the
// reference does. Other pages, and any page in production, are not let in.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || !s.o.AllowLoopbackOrigins || !isLoopback(origin) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", protocolHeader+", "+requestIDHeader)
		h.Add("Vary", "Origin")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func isLoopback(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// keepRawBody saves the bytes of the body for handlers that check a signature.
func keepRawBody(req ogenmiddleware.Request, next ogenmiddleware.Next) (ogenmiddleware.Response, error) {
	if c := callOf(req.Context); c != nil {
		c.rawBody = req.RawBody
	}
	return next(req)
}
