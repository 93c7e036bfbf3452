package hop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// authority issues certificates for this test alone.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	a.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate for a host that is good until a moment.
func (a *authority) issue(host string, until time.Time) *tls.Certificate {
	a.t.Helper()
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: until.Add(-2 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		leaf.DNSNames, leaf.IPAddresses = nil, []net.IP{ip}
	}
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

var errNoHandshake = errors.New("the handshake is cut")

// TLS that is not the server's carries nothing: no byte of an action leaves the
// device, and a person is told what to look at.
func TestTLS(t *testing.T) {
	ours, stranger, soon := newAuthority(t), newAuthority(t), time.Now().Add(time.Hour)
	good := ours.issue("127.0.0.1", soon)
	var now atomic.Pointer[tls.Certificate]
	now.Store(good)
	o := newOffice(t)
	p := newProxy(t, o.address, &tls.Config{
		MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if c := now.Load(); c != nil {
				return c, nil
			}
			return nil, errNoHandshake
		},
	})
	roots := x509.NewCertPool()
	roots.AddCert(ours.cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, DisableKeepAlives: true}
	rep := newPerson(t, "https://"+p.address, &http.Client{Transport: transport})
	rep.signIn(t)
	for name, certificate := range map[string]*tls.Certificate{
		"a certificate of an authority that nobody knows": stranger.issue("127.0.0.1", soon),
		"a certificate of another host":                   ours.issue("elsewhere.example.com", soon),
		"a certificate of yesterday":                      ours.issue("127.0.0.1", time.Now().Add(-time.Hour)),
		"a handshake that is refused":                     nil,
	} {
		t.Run(name+" carries nothing", func(t *testing.T) {
			d := newDevice(t, rep)
			now.Store(certificate)
			_, probeErr := d.replay.Once(t.Context())
			_, sendErr := courier{rep.Client}.Send(t.Context(), queue.Batch{Actions: []action.Action{{ID: d.ids[0]}}})
			now.Store(good)
			for what, err := range map[string]error{"the probe": probeErr, "a call": sendErr} {
				if got := action.CodeOf(err); got != action.UnsafeNetwork {
					t.Errorf("%s tells %s: %v", what, got, err)
				}
			}
			if got := d.replay.Status().Connection; got.State != queue.Portal || got.Code != action.UnsafeNetwork {
				t.Errorf("the connection is shown as %+v", got)
			}
			if got := d.states(); !allAre(got, queue.Pending) {
				t.Errorf("the actions are %v", got)
			}
			d.recover()
			d.wantOneEffect(o)
		})
	}
}

// A proxy of the company that wants a sign-in before it connects.
func TestProxy(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		code   action.Code
		state  queue.ConnState
	}{
		"407 is a sign-in that the network wants":    {http.StatusProxyAuthRequired, action.Portal, queue.Portal},
		"403 is a network that does not let through": {http.StatusForbidden, action.Portal, queue.Portal},
		"502 is a way that is down":                  {http.StatusBadGateway, action.Offline, queue.Offline},
	} {
		t.Run(name, func(t *testing.T) {
			gatekeeper.Store(int64(c.status))
			d := newDevice(t, newPerson(t, "https://fieldpay.example.com", nil))
			_, err := d.replay.Once(t.Context())
			if got := action.CodeOf(err); got != c.code {
				t.Errorf("a person is told %s, want %s: %v", got, c.code, err)
			}
			if got := d.replay.Status().Connection; got.State != c.state {
				t.Errorf("the connection is shown as %+v", got)
			}
			if got := d.states(); !allAre(got, queue.Pending) {
				t.Errorf("the actions are %v", got)
			}
		})
	}
}

// gatekeeper is what the proxy of the company answers.
var gatekeeper atomic.Int64

// TestMain sets the proxy of the company, which programs read once.
func TestMain(m *testing.M) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // lives as long as the test
			w.WriteHeader(int(gatekeeper.Load()))
			_, _ = io.WriteString(w, r.Method+" is refused")
		}))
	}()
	for _, variable := range []string{"HTTPS_PROXY", "https_proxy"} {
		if err := os.Setenv(variable, "http://"+listener.Addr().String()); err != nil {
			panic(err)
		}
	}
	m.Run()
}
