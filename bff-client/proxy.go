package bffclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// proxyError is the refusal of a proxy to connect to the server.
type proxyError struct{ status int }

// Error names the status the proxy gave.
func (e *proxyError) Error() string { return fmt.Sprintf("the proxy answered %d", e.status) }

// refuseProxy is called with what a proxy answers to CONNECT.
func refuseProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{status: resp.StatusCode}
}

// proxyRefused matches a proxy that wants something of the person. One that
// itself finds no way to the server (502, 503, 504) is a way that is down.
func proxyRefused(h happening) bool {
	e, ok := errors.AsType[*proxyError](h.err)
	return ok && (e.status < http.StatusInternalServerError || e.status == http.StatusNetworkAuthenticationRequired)
}

// refuseRemote keeps a plain connection on this machine, wherever the name led.
func refuseRemote(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("reading the address: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return errors.New("plain http leads off this machine")
	}
	return nil
}
