package bffclient

import (
	"net/http"

	"github.com/rs/zerolog"
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
	// HTTP is the client whose transport and timeout are used. Default: a
	// transport of its own with TLS 1.2 or later and the system's proxies.
	// Redirects are never followed and cookies never kept.
	HTTP *http.Client
	// DeviceID names the device at sign-in; Version goes into the User-Agent.
	DeviceID string
	Version  string
	// Logger gets operations, codes and durations, never content. Default:
	// nothing is logged.
	Logger zerolog.Logger
}

// Client talks to one server. It is safe for concurrent use.
type Client struct{}

// New returns a client for the server at o.BaseURL.
func New(o Options) (*Client, error) { return &Client{}, nil }
