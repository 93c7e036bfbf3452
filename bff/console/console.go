// Package console is the office's window on the field: pages below /console, for
// people with the role office or admin, that say which devices are out there,
// what stands still and why, and let it be retried, repaired or settled.
//
//	pages, err := console.New(console.Options{…})
//	// bff.ServerOptions{Console: pages, …}
//
// The pages are made on the server and need no script. Every act needs a token
// of the session, is written into the audit log, and tells who did it.
package console

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
)

//go:embed templates/*.html templates/style.css
var files embed.FS

// Options says what a [Console] works with. All but Secure, PublicURL and Logger
// are required.
type Options struct {
	Identity  *bff.Identity
	Registry  *bff.DeviceRegistry
	Office    *bff.Office
	Users     bff.Users
	Ledger    bff.Ledger
	Desk      bff.Desk
	Devices   bff.Devices
	Telemetry bff.Telemetry
	Audit     bff.Audit
	// Key makes the tokens of forms: 32 bytes, the same on all instances.
	Key []byte
	// PublicURL is where devices reach the server; it stands in enrolment codes.
	PublicURL string
	// Secure says that browsers come by TLS: the cookie is for nothing else then.
	Secure bool
	Logger zerolog.Logger
}

// Console serves the pages.
type Console struct {
	o     Options
	mux   *http.ServeMux
	pages *template.Template
	style []byte
}

// New checks the options and reads the pages.
func New(o Options) (*Console, error) {
	if o.Identity == nil || o.Registry == nil || o.Office == nil || o.Users == nil || o.Ledger == nil || o.Desk == nil || o.Devices == nil || o.Telemetry == nil || o.Audit == nil {
		return nil, errors.New("the console needs every one of its ports")
	}
	if len(o.Key) < 32 {
		return nil, errors.New("the key of the console must have at least 32 bytes")
	}
	pages, err := template.New("").Funcs(functions()).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the pages of the console: %w", err)
	}
	style, err := files.ReadFile("templates/style.css")
	if err != nil {
		return nil, fmt.Errorf("reading the style of the console: %w", err)
	}
	c := &Console{o: o, mux: http.NewServeMux(), pages: pages, style: style}
	c.routes()
	return c, nil
}

func (c *Console) routes() {
	c.mux.HandleFunc("GET /console/style.css", c.serveStyle)
	c.mux.HandleFunc("GET /console/sign-in", c.showSignIn)
	c.mux.HandleFunc("POST /console/sign-in", c.signIn)
	for pattern, do := range map[string]handler{
		"GET /console":                       home,
		"GET /console/{$}":                   home,
		"POST /console/sign-out":             c.signOut,
		"GET /console/devices":               c.showDevices,
		"GET /console/devices/{id}":          c.showDevice,
		"POST /console/devices/{id}/revoke":  c.revoke,
		"POST /console/devices/{id}/restore": c.restore,
		"GET /console/enrol":                 c.showEnrol,
		"POST /console/enrol":                c.enrol,
		"GET /console/actions":               c.showActions,
		"GET /console/actions.csv":           c.exportActions,
		"GET /console/actions/{id}":          c.showAction,
		"POST /console/actions/{id}/payload": c.showPayload,
		"POST /console/actions/{id}/retry":   c.retry,
		"POST /console/actions/{id}/repair":  c.repair,
		"POST /console/actions/{id}/resolve": c.resolve,
		"GET /console/people":                c.showPeople,
		"POST /console/people/{id}/disable":  c.disable,
		"POST /console/people/{id}/enable":   c.enable,
		"GET /console/reasons":               c.showReasons,
	} {
		c.mux.HandleFunc(pattern, c.signedIn(do))
	}
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method == http.MethodPost && !sameOrigin(r) {
		http.Error(w, "This form belongs to another page", http.StatusForbidden)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// sameOrigin reports whether a browser says that a form is of these pages.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

func (c *Console) serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(c.style) // a browser that went away has no use for it
}

// visit is a request of somebody who is signed in.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	user bff.User
	// form is the token that a form of this session must bring.
	form string
}

func (v visit) ctx() context.Context { return v.r.Context() }

// handler answers a visit; an error is shown as a page.
type handler func(v visit) error

// cookieName names the cookie of a session. It holds an access token, which is
// good for an hour at most and ends with the session.
const cookieName = "fieldpay_console"

func (c *Console) signedIn(do handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(cookieName)
		if err != nil {
			http.Redirect(w, r, "/console/sign-in", http.StatusSeeOther)
			return
		}
		p, err := c.o.Identity.Principal(r.Context(), cookie.Value)
		if err != nil || !mayEnter(p.User) {
			c.setCookie(w, "", -1)
			http.Redirect(w, r, "/console/sign-in", http.StatusSeeOther)
			return
		}
		v := visit{w: w, r: r, user: p.User, form: c.formToken(p.SessionID)}
		if r.Method == http.MethodPost && !hmac.Equal([]byte(r.PostFormValue("form")), []byte(v.form)) {
			c.fail(v, &action.Error{Code: action.NotAllowed, Message: "This form is too old. Go back and load the page again"})
			return
		}
		if err := do(v); err != nil {
			c.fail(v, err)
		}
	}
}

func mayEnter(u bff.User) bool { return u.Role == bff.RoleOffice || u.Role == bff.RoleAdmin }

func (c *Console) formToken(session string) string {
	mac := hmac.New(sha256.New, c.o.Key)
	mac.Write([]byte("form of session " + session))
	return hex.EncodeToString(mac.Sum(nil))
}

func (c *Console) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/console", MaxAge: age, HttpOnly: true, Secure: c.o.Secure, SameSite: http.SameSiteStrictMode,
	})
}

func home(v visit) error {
	http.Redirect(v.w, v.r, "/console/actions?show=needs", http.StatusSeeOther)
	return nil
}

func (c *Console) showSignIn(w http.ResponseWriter, _ *http.Request) {
	c.render(w, http.StatusOK, "sign-in.html", view{Title: "Sign in"})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	from, _, _ := strings.Cut(r.RemoteAddr, ":")
	user, err := c.o.Identity.Check(r.Context(), r.PostFormValue("login"), r.PostFormValue("password"), "console "+from)
	if err == nil && !mayEnter(user) {
		err = &action.Error{Code: action.NotAllowed, Message: "The console is for people of the office"}
	}
	var tokens bff.Tokens
	if err == nil {
		tokens, err = c.o.Identity.Begin(r.Context(), user, "")
	}
	if err == nil {
		err = c.note(r.Context(), user, "console.sign_in", user.ID, nil)
	}
	if err != nil {
		c.render(w, http.StatusUnauthorized, "sign-in.html", view{Title: "Sign in", Alert: action.MessageOf(err)})
		return
	}
	c.setCookie(w, tokens.Access, int(time.Until(tokens.ExpiresAt).Seconds()))
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

func (c *Console) signOut(v visit) error {
	if cookie, err := v.r.Cookie(cookieName); err == nil {
		if err := c.o.Identity.SignOut(v.ctx(), cookie.Value); err != nil {
			return err
		}
	}
	c.setCookie(v.w, "", -1)
	http.Redirect(v.w, v.r, "/console/sign-in", http.StatusSeeOther)
	return nil
}

// note writes a row of the audit log about an act in the console.
func (c *Console) note(ctx context.Context, by bff.User, event, subject string, detail map[string]string) error {
	return c.o.Audit.AddAudit(ctx, bff.AuditRow{At: time.Now(), Event: event, Actor: by.ID, Subject: subject, Detail: detail})
}

func (c *Console) adminOnly(v visit) error {
	if v.user.Role != bff.RoleAdmin {
		return &action.Error{Code: action.NotAllowed, Message: "Only an administrator may do that"}
	}
	return nil
}
