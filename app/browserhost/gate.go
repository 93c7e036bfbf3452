package browserhost

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"sync"
)

// policy repeats the page's own content security policy where a response, and
// not the page, is what a browser was led to; it also forbids framing, which
// a policy inside a page cannot.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const refused = `<!doctype html><html lang="en"><head><title>FieldPay</title></head><body>
<h1>This address does not open FieldPay</h1>
<p>The address that <code>fieldpayctl serve</code> prints works once, in one browser.
Stop the program, start it again, and open the new address.</p></body></html>`

// gate lets in whoever opened the printed address, and nobody else.
type gate struct {
	token  string // in the address, good for one exchange
	cookie string // what it is exchanged for

	mu    sync.Mutex
	spent bool
}

func newGate() *gate { return &gate{token: rand.Text(), cookie: rand.Text()} }

// guard checks every request before next sees it.
func (g *gate) guard(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !ownHost(r, name):
			// A name that an attacker points at 127.0.0.1 arrives here.
			http.Error(w, "unknown host", http.StatusMisdirectedRequest)
		case !ownOrigin(r):
			http.Error(w, "unknown origin", http.StatusForbidden)
		case r.Method == http.MethodGet && r.URL.Path == "/" && r.URL.Query().Has("token"):
			g.exchange(w, r, name)
		case !g.known(r, name):
			g.refuse(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (g *gate) exchange(w http.ResponseWriter, r *http.Request, name string) {
	if g.known(r, name) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !same(r.URL.Query().Get("token"), g.token) || !g.spend() {
		g.refuse(w)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(name), Value: g.cookie, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// spend reports whether this is the token's first use.
func (g *gate) spend() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	first := !g.spent
	g.spent = true
	return first
}

func (g *gate) known(r *http.Request, name string) bool {
	c, err := r.Cookie(cookieName(name))
	return err == nil && same(c.Value, g.cookie)
}

func (g *gate) refuse(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write([]byte(refused))
}

// cookieName keeps two hosts apart: browsers send the cookies of one address
// to all of its ports.
func cookieName(name string) string {
	_, port, err := net.SplitHostPort(name)
	if err != nil {
		port = "0"
	}
	return "fieldpay_" + port
}

// ownHost reports whether the request names this very host, by its address or
// as localhost.
func ownHost(r *http.Request, name string) bool {
	_, port, err := net.SplitHostPort(name)
	return err == nil && (r.Host == name || r.Host == "localhost:"+port)
}

// ownOrigin reports whether a page of this host, or no page at all, sent the
// request. Whatever changes something must say where it comes from.
func ownOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		// Following a link is no harm: the cookie is not sent along with it.
		return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return r.Method == http.MethodGet || r.Method == http.MethodHead
	}
	return origin == "http://"+r.Host
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
