package bff

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"fieldpay/action"
)

// Directory is where people sign in by themselves: the CRM's own page, in the
// system browser. Package salesforce has one.
type Directory interface {
	// AuthorizeURL is the address of the page. The page sends the browser to
	// redirect with state; challenge is the S256 challenge of the verifier that
	// Person is called with.
	AuthorizeURL(redirect, state, challenge, nonce string) string
	// Person redeems the code that came with the browser, and says who signed
	// in. The error is an *action.Error: SignInNeeded when the code is not good
	// (any more), SalesforceDown or UpstreamLogin for trouble of the server's.
	Person(ctx context.Context, redirect, code, verifier, nonce string) (DirectoryPerson, error)
}

// DirectoryPerson is somebody who signed in at a [Directory].
type DirectoryPerson struct{ ID, Login, Name, Email string }

// Nonces remembers what may be used once; the store's Enrolments do.
type Nonces interface {
	Remember(ctx context.Context, deviceID, nonce string, until time.Time) (bool, error)
}

// SignOnOptions says what a [SignOn] works with. All but the times are required.
type SignOnOptions struct {
	Directory Directory
	Nonces    Nonces
	Identity  *Identity
	// Key seals what the browser carries: 32 bytes, the same on all instances.
	Key []byte
	// PublicURL is where browsers reach this server; the directory knows
	// PublicURL + "/auth/salesforce/callback".
	PublicURL string
	// PageLife is how long a person may take at the directory's page, CodeLife
	// how long the app's code is good. Defaults 10 min and 1 min.
	PageLife, CodeLife time.Duration
}

// SignOn lets people sign in at a directory. It keeps nothing between the
// steps, so that each may reach another instance: what must last travels with
// the browser, sealed. The directory's own tokens end here; the app gets a
// session of ours.
type SignOn struct {
	o    SignOnOptions
	aead cipher.AEAD
}

// CallbackPath is where the directory sends browsers back to.
const CallbackPath = "/auth/salesforce/callback"

const (
	signOnCookie = "fieldpay_sign_in"
	pagePurpose  = "page"
	codePurpose  = "code"
)

// NewSignOn checks the options and fills in the defaults.
func NewSignOn(o SignOnOptions) (*SignOn, error) {
	if o.Directory == nil || o.Nonces == nil || o.Identity == nil || len(o.Key) < minSecret {
		return nil, errors.New("sign-on needs a directory, nonces, an identity and a key of 32 bytes")
	}
	if u, err := url.Parse(o.PublicURL); err != nil || u.Host == "" {
		return nil, errors.New("sign-on needs the address where browsers reach the server")
	}
	setDefault(&o.PageLife, 10*time.Minute)
	setDefault(&o.CodeLife, time.Minute)
	key, err := hkdf.Key(sha256.New, o.Key, nil, "fieldpay sign-on", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of sign-on: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the cipher of sign-on: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher of sign-on: %w", err)
	}
	return &SignOn{o: o, aead: aead}, nil
}

func (s *SignOn) callback() string { return strings.TrimSuffix(s.o.PublicURL, "/") + CallbackPath }

// SignOnStart is what an app sends a browser with.
type SignOnStart struct {
	// RedirectURI is where the app listens: http on a loopback address.
	RedirectURI string
	// State is given back to the app. Challenge is the S256 challenge of the
	// verifier that the app redeems its code with.
	State, Challenge string
	DeviceID         string
}

// page is what travels with the browser to the directory and back.
type page struct {
	SignOnStart
	Verifier, Nonce, Browser string
	Until                    time.Time
}

// Start begins a sign-in. browser is a secret for a cookie: the browser that
// comes back must be the one that left, or somebody could make another person
// sign in as themselves.
func (s *SignOn) Start(in SignOnStart) (location, browser string, err error) {
	if !isLoopbackURL(in.RedirectURI) {
		return "", "", &action.Error{Code: action.BadRequest, Message: "The app must listen on this machine",
			Fields: map[string]string{"redirectUri": "must be http on a loopback address"}}
	}
	random := func() string { return base64.RawURLEncoding.EncodeToString(randomBytes(32)) }
	browser = random()
	p := page{SignOnStart: in, Verifier: random(), Nonce: random(), Browser: tokenHash(browser), Until: time.Now().Add(s.o.PageLife)}
	state, err := s.seal(pagePurpose, p)
	if err != nil {
		return "", "", err
	}
	return s.o.Directory.AuthorizeURL(s.callback(), state, challengeOf(p.Verifier), p.Nonce), browser, nil
}

// isLoopbackURL reports whether a page at the address can only be on the
// machine of the browser.
func isLoopbackURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && u.User == nil && u.Fragment == "" && u.RawQuery == "" && u.Port() != "" &&
		u.Hostname() != "localhost" && isLoopback(address)
}

// grant is the code that the app redeems.
type grant struct {
	ID, UserID, Challenge, DeviceID string
	Until                           time.Time
}

// Return finishes the browser's part: the person of the directory's code gets a
// code for their app. The location is the app's, with an error for it when the
// person did not sign in or may not.
func (s *SignOn) Return(ctx context.Context, code, state, refusal, browser string) (location string, err error) {
	var p page
	if err := s.open(pagePurpose, state, &p); err != nil || time.Now().After(p.Until) {
		return "", &action.Error{Code: action.SignInNeeded, Message: "The sign-in took too long, or did not begin here. Begin again in the app"}
	}
	if browser == "" || tokenHash(browser) != p.Browser {
		return "", &action.Error{Code: action.SignInNeeded, Message: "The sign-in was begun in another browser. Begin again in the app"}
	}
	if code == "" || refusal != "" {
		return p.back("error", "access_denied"), nil
	}
	person, err := s.o.Directory.Person(ctx, s.callback(), code, p.Verifier, p.Nonce)
	if err != nil {
		return "", fmt.Errorf("redeeming a code of the directory: %w", err)
	}
	user, err := s.userOf(ctx, person)
	if action.CodeOf(err) == action.NotAllowed {
		return p.back("error", "not_allowed"), nil
	}
	if err != nil {
		return "", err
	}
	ours, err := s.seal(codePurpose, grant{ID: uuid.NewString(), UserID: user.ID, Challenge: p.Challenge, DeviceID: p.DeviceID, Until: time.Now().Add(s.o.CodeLife)})
	if err != nil {
		return "", err
	}
	return p.back("code", ours), nil
}

func (p page) back(name, value string) string {
	return p.RedirectURI + "?" + url.Values{name: {value}, "state": {p.State}}.Encode()
}

// userOf finds the person of ours that a directory's person is. Nobody is let
// in whom an administrator has not added.
func (s *SignOn) userOf(ctx context.Context, person DirectoryPerson) (User, error) {
	for _, login := range []string{person.Login, person.Email} {
		if login == "" {
			continue
		}
		user, err := s.o.Identity.o.Users.UserByLogin(ctx, login)
		switch {
		case action.CodeOf(err) == action.NotFound:
			continue
		case err != nil:
			return User{}, fmt.Errorf("looking up a user: %w", err)
		case user.Disabled:
			return User{}, &action.Error{Code: action.NotAllowed}
		}
		return user, nil
	}
	return User{}, &action.Error{Code: action.NotAllowed}
}

// Redeem uses up the code that the browser brought to an app, and says who
// signed in. The error is SignInNeeded for a code that is not good (any more),
// for another device or without the app's verifier.
func (s *SignOn) Redeem(ctx context.Context, code, verifier, deviceID string) (User, error) {
	now := time.Now()
	refused := &action.Error{Code: action.SignInNeeded, Message: "The code is not good (any more). Begin the sign-in again"}
	var g grant
	if err := s.open(codePurpose, code, &g); err != nil || now.After(g.Until) || g.Challenge != challengeOf(verifier) || g.DeviceID != deviceID {
		return User{}, refused
	}
	fresh, err := s.o.Nonces.Remember(ctx, "sign-on", g.ID, g.Until)
	if err != nil {
		return User{}, fmt.Errorf("using a code: %w", err)
	}
	if !fresh {
		return User{}, refused
	}
	user, err := s.o.Identity.o.Users.UserByID(ctx, g.UserID)
	if err != nil || user.Disabled {
		return User{}, errors.Join(refused, err)
	}
	return user, nil
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// seal turns v into text that only this server reads, for one purpose.
func (s *SignOn) seal(purpose string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding a step of a sign-in: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(purpose))), nil
}

func (s *SignOn) open(purpose, text string, into any) error {
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("reading a step of a sign-in: %w", err)
	}
	plain, err := s.aead.Open(nil, nil, box, []byte(purpose))
	if err != nil {
		return fmt.Errorf("opening a step of a sign-in: %w", err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("decoding a step of a sign-in: %w", err)
	}
	return nil
}

// cookie keeps the browser's secret for the way back.
func (s *SignOn) cookie(value string) string {
	return (&http.Cookie{
		Name: signOnCookie, Value: value, Path: CallbackPath, MaxAge: int(s.o.PageLife.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(s.o.PublicURL, "https:"), SameSite: http.SameSiteLaxMode,
	}).String()
}
