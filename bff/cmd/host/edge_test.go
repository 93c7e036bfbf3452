package host_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/bff/cmd/host"
)

// writeCertificate writes a certificate for this machine into a folder, and
// returns who vouches for it.
func writeCertificate(t *testing.T, folder string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(own)
	return pool
}

func TestStart_edge(t *testing.T) {
	folder := t.TempDir()
	pool := writeCertificate(t, folder)
	h, err := host.Start(t.Context(), host.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), MetricsListen: "127.0.0.1:0",
		TLSCert: filepath.Join(folder, "cert.pem"), TLSKey: filepath.Join(folder, "key.pem"),
	}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	get := func(t *testing.T, config *tls.Config, url string) (*http.Response, string, error) {
		t.Helper()
		transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Get(url)
		if err != nil {
			return nil, "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp, string(body), err
	}
	t.Run("it is reached by TLS, and says so to browsers", func(t *testing.T) {
		resp, body, err := get(t, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, h.URL()+"/health")
		if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(h.URL(), "https://") {
			t.Fatalf("%v %v %s", resp, err, body)
		}
		for name, want := range map[string]string{
			"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
	t.Run("an older TLS is refused", func(t *testing.T) {
		if _, _, err := get(t, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, h.URL()+"/health"); err == nil {
			t.Error("TLS 1.1 was taken")
		}
	})
	t.Run("metrics are told on a listener of their own, and not to devices", func(t *testing.T) {
		resp, body, err := get(t, nil, h.MetricsURL())
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		for _, name := range []string{"fieldpay_http_request_seconds_count{", "fieldpay_ledger_open 0", "fieldpay_ledger_oldest_seconds 0", "fieldpay_store_up 1", "fieldpay_build_info{"} {
			if !strings.Contains(body, name) {
				t.Errorf("no %s", name)
			}
		}
		resp, _, err = get(t, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, h.URL()+"/metrics")
		if err != nil || resp.StatusCode != 404 {
			t.Errorf("to devices: %v %v", resp, err)
		}
	})
}

func TestConfig_edge(t *testing.T) {
	for name, c := range map[string]host.Config{
		"FIELDPAY_BFF_TLS_KEY":         {TLSCert: "cert.pem"},
		"FIELDPAY_BFF_TRUSTED_PROXIES": {TrustedProxies: "10.0.0.0/8, proxy.example.com"},
		"FIELDPAY_BFF_MAX_BODY":        {MaxBody: 10},
		"FIELDPAY_BFF_DEVICE_RATE":     {DeviceRate: -1},
		"FIELDPAY_BFF_KEEP_AUDIT":      {KeepAudit: time.Hour},
		"FIELDPAY_BFF_DRAIN_DELAY":     {DrainDelay: time.Hour},
	} {
		c.Store, c.TakeOver = "sqlite", time.Minute
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHost_Close(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir(), DrainDelay: time.Minute})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- h.Close(ctx) }()
	status := func(path string) int {
		res, err := http.Get(h.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode
	}
	for status("/ready") != http.StatusServiceUnavailable {
		select {
		case err := <-ended:
			t.Fatalf("it ended before balancers could know: %v", err)
		default:
		}
	}
	if got := status("/health"); got != http.StatusOK {
		t.Errorf("while balancers learn of it: %d", got)
	}
	cancel()
	<-ended // cut short, so what it says is of no interest
}

func TestHost_limits(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir(), DeviceRate: 1, MaxBody: 70_000})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	c.call("POST", "/sync/outcomes", `{"ids":["`+strings.Repeat("x", 69_000)+`"]}`, http.StatusBadRequest, nil)
	c.call("POST", "/sync/outcomes", `{"ids":["`+strings.Repeat("x", 71_000)+`"]}`, http.StatusRequestEntityTooLarge, nil)
	for range 100 { // a second gives one more
		req, err := http.NewRequestWithContext(t.Context(), "GET", h.URL()+"/salesforce/invoices", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a hundred requests in a row were taken, of a device that may make one a second")
}
