package host

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// certificateCheck is how often the files of the certificate are looked at: one
// that was renewed counts after it, without a restart.
const certificateCheck = 30 * time.Second

// certificate is a certificate in files that may be replaced.
type certificate struct {
	certFile, keyFile string
	log               zerolog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	changed time.Time
	checked time.Time
}

// loadCertificate reads the files once, so that a server does not start with
// ones that do not fit.
func loadCertificate(certFile, keyFile string, log zerolog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	return c, c.load(time.Now())
}

func (c *certificate) load(now time.Time) error {
	changed, err := lastChange(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("reading the certificate: %w", err)
	}
	if c.checked = now; changed.Equal(c.changed) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("reading the certificate: %w", err)
	}
	c.current, c.changed = &pair, changed
	return nil
}

func lastChange(files ...string) (time.Time, error) {
	var last time.Time
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return time.Time{}, err
		}
		if info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last, nil
}

// get is the certificate to show now. Files that do not fit (one of the two is
// being replaced) leave the one that is in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= certificateCheck {
		if err := c.load(now); err != nil {
			c.checked = now
			c.log.Error().Err(err).Msg("the certificate was not renewed")
		}
	}
	if c.current == nil {
		return nil, errors.New("there is no certificate")
	}
	return c.current, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
}

// proxies reads the list of trusted proxies: addresses or networks, separated by
// commas.
func (c Config) proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for text := range strings.SplitSeq(c.TrustedProxies, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if one, oneErr := netip.ParseAddr(text); err != nil && oneErr == nil {
			prefix, err = netip.PrefixFrom(one, one.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("FIELDPAY_BFF_TRUSTED_PROXIES: %q is neither an address nor a network like 10.0.0.0/8", text)
		}
		all = append(all, prefix)
	}
	return all, nil
}
