// Package salesforce is a Salesforce org that behaves: REST over HTTP with real state, uniqueness, roll-back,
// validation, automation and errors, for tests and for running FieldPay without an org.
//
// New builds a Server; it is an http.Handler for the org's own host, and control.Plane.Wrap adds fault injection.
// Every call runs as one transaction under one lock and, with a data file, is on disk before it is answered.
// What is like the real thing and often forgotten: a Number is sent as a Java double (250000.0, 1.0E7), a time as
// 2024-10-15T10:30:00.000+0000, a token answer has no expires_in, composite answers 200 even when rolled back.
package salesforce

import (
	"cmp"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/kvlog"

	"github.com/rs/zerolog"
)

// Options configures a Server. Only Logger has no useful zero value besides silence.
type Options struct {
	// ClientID and ClientSecret are the connected app's; "fieldpay-sandbox" and "sandbox-secret" by default.
	ClientID, ClientSecret string
	// DataFile keeps the org over restarts; empty keeps it in memory.
	DataFile string
	// DailyCalls is the org's API limit in 24 hours; 100,000 by default.
	DailyCalls int
	// SessionLife is how long an access token lives; two hours by default.
	SessionLife time.Duration
	// RedirectURIs are where the app may have browsers sent back to; nil takes any address.
	RedirectURIs []string
	// JWTKey is the public key of the app's certificate, for the JWT bearer flow; nil refuses that flow.
	JWTKey *rsa.PublicKey
	// Logger tells what the server does; the zero value is silent.
	Logger zerolog.Logger
	// Without lists objects ("Visit__c") and fields ("Visit__c.Note__c") that the org does not have, as if the package
	// was not deployed, or only half; none by default.
	Without []string
	// Plane injects faults into saves; nil means none.
	Plane *control.Plane
}

// Server is one org.
type Server struct {
	opts   Options
	schema *schema
	// mention finds the names of objects in paths, queries and bodies.
	mention *regexp.Regexp

	// signer is the key of ID tokens, made when the first is wanted.
	signer func() (*rsa.PrivateKey, error)

	mu       sync.Mutex
	store    *store
	log      *kvlog.Log
	sessions map[string]session
	grants   map[string]grant
	cursors  map[string]cursor
	calls    []time.Time
	effects  map[string]map[string]int
}

// New opens an org, seeded when its data file is new.
func New(opts Options) (*Server, error) {
	opts.ClientID = cmp.Or(opts.ClientID, "fieldpay-sandbox")
	opts.ClientSecret = cmp.Or(opts.ClientSecret, "sandbox-secret")
	opts.DailyCalls = cmp.Or(opts.DailyCalls, 100_000)
	opts.SessionLife = cmp.Or(opts.SessionLife, 2*time.Hour)
	if opts.DailyCalls < 0 || opts.SessionLife < 0 {
		return nil, errors.New("salesforce sandbox: DailyCalls and SessionLife must not be negative")
	}
	if opts.Plane == nil {
		opts.Plane = control.New()
	}
	s := &Server{opts: opts, schema: newSchema(opts.Without), sessions: map[string]session{}, grants: map[string]grant{},
		mention: regexp.MustCompile(`/sobjects/([A-Za-z0-9_]+)|"type"\s*:\s*"([A-Za-z0-9_]+)"|(?i:\bfrom)[\s+]+([A-Za-z0-9_]+)`)}
	s.signer = sync.OnceValues(newSigner)
	s.forget()
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("opening the salesforce sandbox: %w", err)
	}
	return s, nil
}

// forget clears what is neither data nor sign-in.
func (s *Server) forget() {
	s.cursors, s.calls, s.effects = map[string]cursor{}, nil, map[string]map[string]int{}
}

func (s *Server) open() error {
	s.store = newStore(s.schema)
	if s.opts.DataFile == "" {
		return s.store.seed(time.Now())
	}
	log, values, err := kvlog.Open(s.opts.DataFile)
	if err != nil {
		return err
	}
	s.log = log
	if len(values) > 0 {
		if err := s.store.load(values); err != nil {
			return err
		}
		return s.grow()
	}
	if err := s.store.seed(time.Now()); err != nil {
		return err
	}
	return s.persistAll()
}

// grow gives an org of an older build the seeds that came later.
func (s *Server) grow() error {
	if s.store.tables["Pricebook2"].last > 0 {
		return nil
	}
	if err := s.store.seedPriceList(time.Now()); err != nil {
		return err
	}
	return s.persistAll()
}

// persistAll writes the whole store as the new content of the data file.
func (s *Server) persistAll() error {
	x := s.store.begin()
	for name, t := range s.store.tables {
		for id := range t.rows {
			x.dirty[name+"/"+id] = true
		}
	}
	values, err := x.changes()
	if err != nil {
		return err
	}
	return s.log.Rewrite(values)
}

// Close closes the data file. The server must not be called any more.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Close()
}

// State implements control.Provider.
func (s *Server) State() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, objects := map[string]int{}, map[string][]record{}
	for name, t := range s.store.tables {
		objects[name] = withoutBytes(t.live())
		counts[name] = len(objects[name])
	}
	effects := map[string]map[string]int{}
	for verb, by := range s.effects {
		effects[verb] = map[string]int{}
		for name, n := range by {
			effects[verb][name] = n
		}
	}
	return map[string]any{"service": "salesforce", "counts": counts, "objects": objects, "effects": effects, "apiCalls": len(s.calls)}
}

// Reset implements control.Provider: back to the seeds. Sessions stay good.
func (s *Server) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := newStore(s.schema)
	if err := fresh.seed(time.Now()); err != nil {
		return err
	}
	s.store = fresh
	s.forget()
	return s.persistAll()
}

// ErrorReply implements control.Provider.
func (s *Server) ErrorReply(status int, code, message string) []byte {
	code = cmp.Or(code, defaultCode(status))
	e := &apiError{status: status, code: code, message: cmp.Or(message, "Injected by the sandbox: "+code)}
	raw, err := json.Marshal([]any{e.body()})
	if err != nil {
		return nil
	}
	return raw
}

func defaultCode(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "INVALID_SESSION_ID"
	case http.StatusForbidden:
		return "REQUEST_LIMIT_EXCEEDED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusServiceUnavailable:
		return "SERVER_UNAVAILABLE"
	}
	if status >= 500 {
		return "UNKNOWN_EXCEPTION"
	}
	return "INVALID_INPUT"
}

// commit makes a transaction durable; if that fails it is taken back and the caller told.
func (s *Server) commit(x *tx) *apiError {
	values, err := x.changes()
	if err == nil {
		err = s.log.Append(values)
	}
	if err != nil {
		x.rollback(savepoint{})
		s.opts.Logger.Error().Err(err).Msg("salesforce sandbox: commit failed")
		return internal(errors.New("the change could not be stored"))
	}
	for _, e := range x.effects {
		if s.effects[e.verb] == nil {
			s.effects[e.verb] = map[string]int{}
		}
		s.effects[e.verb][e.object]++
	}
	return nil
}
