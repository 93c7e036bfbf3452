package salesforce

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
)

const (
	// defaultVersion is the version of the REST API that the adapter was
	// written against.
	defaultVersion = "v63.0"
	// callTimeout is for one call: Salesforce itself gives up after ten
	// minutes, a lane of ours must not wait that long.
	callTimeout = 30 * time.Second
	// maxConnections keeps the server well below the 25 long calls at a time
	// that Salesforce allows an org.
	// https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html
	maxConnections = 16
	// maxAnswer bounds what is read of one answer: 2,000 full records.
	maxAnswer = 32 << 20
	// pingFresh is how long a good answer stands for a ping, so that probes do
	// not eat the org's daily calls.
	pingFresh = 30 * time.Second
)

// Options configures a Client. BaseURL, ClientID and ClientSecret are required.
type Options struct {
	// BaseURL is the login address: the org's My Domain host.
	BaseURL string
	// ClientID and ClientSecret are those of the server's own external client
	// app (client credentials flow). With JWT no secret is needed.
	ClientID, ClientSecret string
	// JWT signs the server in by a key instead of a secret. Default: nil.
	JWT *JWTBearer
	// APIVersion is "v63.0" by default.
	APIVersion string
	// HTTP is by default a client with a 30 s time-out and at most 16
	// connections. Redirects are never followed, whatever it says.
	HTTP *http.Client
	// Mapping is what objects and fields are called in the org. Default: as in
	// the package that is shipped.
	Mapping Mapping
	// Logger tells of calls (debug) and of the org's limit (warn). The zero
	// value is silent.
	Logger zerolog.Logger
}

// Client is one org. It is safe for concurrent use.
type Client struct {
	tokens  *tokens
	http    *http.Client
	version string
	log     zerolog.Logger
	limit   limit
	names   *names
	// priceBook and currency select the price list; see Mapping.
	priceBook string
	currency  action.Currency
	calls     atomic.Int64
	lastOK    atomic.Int64 // Unix nanoseconds of the last good answer
}

var (
	_ bff.CRM       = (*Client)(nil)
	_ bff.Files     = (*Client)(nil)
	_ bff.PriceList = (*Client)(nil)
)

// New returns a Client for o. It makes no call: an org that is down does not
// keep the server from starting.
func New(o Options) (*Client, error) {
	login, err := loginURL(o.BaseURL)
	if err != nil {
		return nil, err
	}
	version := cmp.Or(o.APIVersion, defaultVersion)
	if known := regexp.MustCompile(`^v[0-9]{2}\.[0-9]$`); !known.MatchString(version) {
		return nil, fmt.Errorf("salesforce: %q is not an API version such as %s", version, defaultVersion)
	}
	if err := o.Mapping.check(); err != nil {
		return nil, err
	}
	hc := withoutRedirects(o.HTTP)
	tokens, err := newTokens(login, o, hc)
	if err != nil {
		return nil, err
	}
	return &Client{
		names: newNames(o.Mapping), priceBook: o.Mapping.PriceBook, currency: o.Mapping.Currency,
		tokens: tokens, http: hc, version: version, log: o.Logger,
	}, nil
}

// withoutRedirects returns a copy of hc, or the default client: a redirect of
// an API call is a wrong address or a portal, and would carry the token along.
func withoutRedirects(hc *http.Client) *http.Client {
	if hc == nil {
		hc = &http.Client{Timeout: callTimeout, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxConnsPerHost: maxConnections, MaxIdleConnsPerHost: maxConnections,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	plain := *hc
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &plain
}

// Calls is how many API calls were made so far, sign-ins left out. Calls per
// action is a cost that benches watch.
func (c *Client) Calls() int64 { return c.calls.Load() }

// Ping reports whether the org answers with the server's sign-in. An answer of
// the last half minute will do.
func (c *Client) Ping(ctx context.Context) error {
	if time.Since(time.Unix(0, c.lastOK.Load())) < pingFresh {
		return nil
	}
	return failed("pinging", c.get(ctx, "/limits", nil))
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, nil, into)
}

// call makes one API call. A path is below the API version unless it is one
// that Salesforce gave. The error is a *refusal when Salesforce said no in its
// own form, else an *action.Error.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	if err := c.limit.check(); err != nil {
		return err
	}
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
	}
	if !strings.HasPrefix(path, dataPath) {
		path = c.path(path)
	}
	path, raw = c.names.outbound(path, raw)
	a, err := c.signedIn(ctx, method, path, raw)
	if err != nil {
		return err
	}
	a.body = c.names.inbound(a.body)
	if a.status < 200 || a.status > 299 {
		return a.refused()
	}
	if into == nil && method != http.MethodGet && a.status != http.StatusNoContent {
		return foreignAnswer()
	}
	c.lastOK.Store(time.Now().UnixNano())
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return foreignAnswer()
	}
	return nil
}

// foreignAnswer is the error for half an answer, or for one that something in
// between gave: nothing is known.
func foreignAnswer() error {
	return &action.Error{Code: action.SalesforceDown, Cause: errors.New("the answer is not what was asked for")}
}

// dataPath is where the REST API lives on an org's host.
const dataPath = "/services/data/"

func (c *Client) path(below string) string { return dataPath + c.version + below }

// signedIn sends a request with the current token, and once more with a fresh
// one when the session has ended: Salesforce never says beforehand when it
// will. A 401 is refused before any work, so the second send is safe.
func (c *Client) signedIn(ctx context.Context, method, path string, raw []byte) (answer, error) {
	for replay := false; ; replay = true {
		s, err := c.tokens.session(ctx)
		if err != nil {
			return answer{}, err
		}
		a, err := c.send(ctx, s, method, path, raw)
		if err != nil || a.status != http.StatusUnauthorized {
			return a, err
		}
		c.tokens.drop(s)
		if replay {
			return a, nil
		}
	}
}

// answer is a whole reply.
type answer struct {
	status     int
	body       []byte
	retryAfter time.Duration
}

func (c *Client) send(ctx context.Context, s session, method, path string, raw []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.instance+path, bytes.NewReader(raw))
	if err != nil {
		// A path of ours is escaped, so it is one of the org's that is no path.
		return answer{}, &action.Error{Code: action.SalesforceDown, Cause: errors.New("the org named an address that is none")}
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Sforce-Call-Options", "client=FieldPay")
	if raw != nil {
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	c.calls.Add(1)
	began := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, noAnswer(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, noAnswer(err)
	}
	if len(body) > maxAnswer {
		return answer{}, &action.Error{Code: action.SalesforceDown, Cause: errors.New("the answer is too large")}
	}
	c.limit.observe(resp.Header.Get("Sforce-Limit-Info"), c.log)
	c.trace(method, path, resp, time.Since(began))
	a := answer{status: resp.StatusCode, body: body, retryAfter: retryAfter(resp.Header)}
	c.limit.learn(a)
	return a, nil
}

// trace logs a call without its query: a search is what a person typed.
func (c *Client) trace(method, path string, resp *http.Response, took time.Duration) {
	route, _, _ := strings.Cut(path, "?")
	c.log.Debug().Str("method", method).Str("route", route).Int("status", resp.StatusCode).Dur("took", took).
		Str("salesforceRequestId", resp.Header.Get("X-Request-Id")).Msg("salesforce call")
}

// noAnswer turns a transport error into ours. The URL that net/http puts into
// it is left out, because it holds the query.
func noAnswer(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return &action.Error{Code: action.SalesforceDown, Cause: err}
}
