package bff

import (
	"net/http"
	"net/netip"
	"strings"
)

// callerOf is the address that a request comes from. A proxy that is trusted is
// believed about whom it asks for: the last address of X-Forwarded-For that is
// none of our own proxies. Anybody else could write anything there.
func callerOf(r *http.Request, trusted []netip.Prefix) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	caller := at.Addr().Unmap()
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(chain) - 1; i >= 0 && among(trusted, caller); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		caller = before.Unmap()
	}
	return caller.String()
}

func among(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
