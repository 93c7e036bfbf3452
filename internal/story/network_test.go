package story_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"runtime"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// network is the way from the device to the server: a proxy that can be taken
// away, and that can lose what the server answers to a batch.
type network struct {
	address string
	proxy   http.Handler
	server  *http.Server
	losing  atomic.Bool
}

func newNetwork(host string, to *url.URL) (*network, error) {
	address, err := freeAddress(host)
	if err != nil {
		return nil, err
	}
	n := &network{address: address}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			if n.losing.Load() && r.Request.URL.Path == "/sync/actions" {
				return errLost
			}
			return nil
		},
		// The connection is cut instead of answering for the server.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	n.proxy = proxy
	return n, n.up()
}

var errLost = errors.New("the answer is lost")

func (n *network) up() error {
	if n.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", n.address)
	if err != nil {
		return fmt.Errorf("opening the network: %w", err)
	}
	n.server = &http.Server{Handler: n.proxy, ErrorLog: log.New(io.Discard, "", 0)}
	go func(s *http.Server) { _ = s.Serve(listener) }(n.server) // ends with down
	return nil
}

// down closes every connection, those in the middle of a request too.
func (n *network) down() {
	if n.server != nil {
		_ = n.server.Close() // nothing is left to be done about it
		n.server = nil
	}
}

// ownHost is an address of this machine for one story alone, so that no other
// program takes its ports while a server of the story is away. Only Linux has
// that many.
func ownHost(folder string) string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1"
	}
	sum := sha256.Sum256([]byte(folder))
	return fmt.Sprintf("127.%d.%d.%d", 1+sum[0]%254, sum[1], 1+sum[2]%254)
}

// freeAddress returns an address of the host that nobody uses.
func freeAddress(host string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

func offline(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 0, "offline")
	w.network.down()
}

func online(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 0, "online")
	errorf(ts, w.network.up(), "going online")
}

func answers(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 1 && (args[0] == "lost" || args[0] == "kept"), "answers lost | kept")
	w.network.losing.Store(args[0] == "lost")
}
