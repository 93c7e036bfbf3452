package bffclient

import (
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/singleflight"

	"fieldpay/action"
)

// Options configures a Client. BaseURL and Tokens are required.
type Options struct {
	// BaseURL is the server's address, e.g. "https://fieldpay.example.com".
	// Plain http is accepted for this machine alone (127.0.0.1, [::1],
	// localhost).
	BaseURL string
	Tokens  TokenSource
	// Pins remembers the server's probe key. Default: for the Client's life.
	Pins PinStore
	// HTTP is the client whose transport is used. Default: a transport of its
	// own with TLS 1.2 or later and the system's proxies. Redirects are never
	// followed and cookies never kept.
	HTTP *http.Client
	// DeviceID names the device at sign-in; Version goes into the User-Agent.
	DeviceID string
	Version  string
	// DeviceKey signs every request but the probe, so that the server knows the
	// device. Default: nothing is signed.
	DeviceKey ed25519.PrivateKey
	// Now is the time of day as this machine knows it, which a person can set.
	// Default: time.Now.
	Now func() time.Time
	// Logger gets operations, codes and durations, never content. Default:
	// nothing is logged.
	Logger zerolog.Logger
}

// Client talks to one server. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	http     *http.Client
	tokens   TokenSource
	pins     PinStore
	deviceID string
	key      ed25519.PrivateKey
	agent    string
	now      func() time.Time
	log      zerolog.Logger
	// renewals holds one renewal of the tokens for everybody who waits for it.
	renewals singleflight.Group
	// packers are compressors at rest: each takes nearly a megabyte to make.
	packers sync.Pool
	// offset is how far this clock was ahead of the server's at the last probe,
	// in nanoseconds.
	offset atomic.Int64
}

// New returns a client for the server at o.BaseURL. It contacts nobody.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Tokens == nil {
		return nil, errors.New("bff client: Options.Tokens is required")
	}
	if o.Pins == nil {
		o.Pins = &lifelongPins{keys: map[string]string{}}
	}
	transport := http.RoundTripper(newTransport(base.Scheme == "http"))
	if o.HTTP != nil && o.HTTP.Transport != nil {
		transport = o.HTTP.Transport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	agent := "fieldpay"
	if o.Version != "" {
		agent += "/" + o.Version
	}
	return &Client{
		base: base, tokens: o.Tokens, pins: o.Pins, deviceID: o.DeviceID, key: o.DeviceKey, agent: agent, now: o.Now, log: o.Logger,
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func parseBase(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, &action.Error{Code: action.BadRequest, Message: "The server's address must look like https://fieldpay.example.com"}
	}
	switch {
	case base.Scheme == "https":
		return base, nil
	case base.Scheme == "http" && loopback(base.Hostname()):
		return base, nil
	case base.Scheme == "http":
		return nil, &action.Error{
			Code: action.UnsafeNetwork, Message: "Plain http is accepted for a server on this machine only",
			Hint: "Write the server's address with https",
		}
	default:
		return nil, &action.Error{Code: action.BadRequest, Message: "The server's address must begin with https"}
	}
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// newTransport returns the default transport. A plain one connects to loopback
// addresses only, whatever a hosts file says of "localhost".
func newTransport(plain bool) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	if plain {
		dialer.Control = refuseRemote
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 4,
		// Shorter than what networks and balancers allow an idle connection, so
		// that a send rarely meets one that is dead already.
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 64 << 10,
		OnProxyConnectResponse: refuseProxy,
	}
}
