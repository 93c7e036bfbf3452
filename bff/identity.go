package bff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"fieldpay/action"
)

// IdentityOptions says what an [Identity] works with.
type IdentityOptions struct {
	Users    Users    // required
	Sessions Sessions // required
	// Keys sign access tokens and derive refresh tokens. Required unless Secret,
	// which has at least 32 bytes and is the same on all instances, is the one
	// key.
	Keys   *TokenKeys
	Secret []byte
	// InstanceURL is told to clients as the address of the CRM.
	InstanceURL string
	// AccessLife and RefreshLife are how long tokens are good. Defaults 1 h
	// and 7 days.
	AccessLife  time.Duration
	RefreshLife time.Duration
	// Grace is how long a spent refresh token is answered once more, to the
	// same device, with the same successor. Default 60 s.
	Grace time.Duration
}

// Identity signs people in and knows them again by their tokens.
type Identity struct {
	o IdentityOptions
	// throttle is by login and address together; addresses is by address alone,
	// with more patience, against guessing for many logins. There is none by
	// login alone: with it a stranger could lock a person out.
	throttle, addresses *throttle
	// hashing limits the passwords that are checked at once: each takes 19 MiB.
	hashing chan struct{}
	// decoy makes the hash that is checked for a login that nobody has, so that
	// the time an answer takes does not tell which logins exist.
	decoy func() string
}

// Tokens are what a client gets at sign-in and at each refresh.
type Tokens struct {
	Access, Refresh, InstanceURL string
	ExpiresAt                    time.Time
}

// Principal is who makes a request.
type Principal struct {
	User      User
	SessionID string
	// DeviceID is the device of the sign-in, or empty. Enrolled says that it
	// has a key and that the request was signed with it.
	DeviceID string
	Enrolled bool
}

const (
	tokenIssuer   = "fieldpay-bff"
	tokenAudience = "fieldpay"
	refreshPrefix = "fp_rt_"
	minSecret     = 32
	maxHashing    = 4
)

// NewIdentity checks the options and fills in the defaults.
func NewIdentity(o IdentityOptions) (*Identity, error) {
	if o.Users == nil || o.Sessions == nil {
		return nil, errors.New("identity needs users and sessions")
	}
	setDefault(&o.AccessLife, time.Hour)
	if o.Keys == nil {
		keys, err := NewTokenKeys(TokenKeysOptions{Secret: o.Secret, Life: o.AccessLife})
		if err != nil {
			return nil, err
		}
		o.Keys = keys
	}
	setDefault(&o.RefreshLife, 7*24*time.Hour)
	setDefault(&o.Grace, time.Minute)
	return &Identity{
		o: o, throttle: newThrottle(), addresses: newPatientThrottle(), hashing: make(chan struct{}, maxHashing),
		decoy: sync.OnceValue(func() string { return HashPassword(string(randomBytes(minSecret))) }),
	}, nil
}

// Check checks a login and a password. from is the address of the caller, for
// the throttle. Whoever was checked elsewhere goes on at [Identity.Begin].
func (i *Identity) Check(ctx context.Context, login, password, from string) (User, error) {
	now := time.Now()
	key := strings.ToLower(login) + "|" + from
	if wait := max(i.throttle.wait(key, now), i.addresses.wait(from, now)); wait > 0 {
		return User{}, &action.Error{
			Code: action.RateLimited, Message: "Too many attempts. Try again a little later", RetryAfter: wait,
		}
	}
	user, err := i.check(ctx, login, password)
	if action.CodeOf(err) == action.BadCredentials {
		i.throttle.failed(key, now)
		i.addresses.failed(from, now)
	}
	if err != nil {
		return User{}, err
	}
	i.throttle.succeeded(key)
	return user, nil
}

// Begin begins a session of a person on a device (or on none, when deviceID is
// empty). The caller has proved who the person is.
func (i *Identity) Begin(ctx context.Context, user User, deviceID string) (Tokens, error) {
	now := time.Now()
	s := Session{
		ID: uuid.NewString(), UserID: user.ID, DeviceID: deviceID,
		CreatedAt: now, RotatedAt: now, ExpiresAt: now.Add(i.o.RefreshLife),
	}
	refresh := refreshPrefix + s.ID + "." + base64.RawURLEncoding.EncodeToString(randomBytes(32))
	s.Current = tokenHash(refresh)
	if err := i.o.Sessions.AddSession(ctx, s); err != nil {
		return Tokens{}, fmt.Errorf("beginning a session: %w", err)
	}
	return i.tokens(ctx, s, refresh, now)
}

func (i *Identity) check(ctx context.Context, login, password string) (User, error) {
	wrong := &action.Error{Code: action.BadCredentials, Message: "Invalid credentials"}
	user, err := i.o.Users.UserByLogin(ctx, login)
	known := err == nil
	if err != nil && action.CodeOf(err) != action.NotFound {
		return User{}, fmt.Errorf("looking up a user: %w", err)
	}
	select {
	case i.hashing <- struct{}{}:
		defer func() { <-i.hashing }()
	case <-ctx.Done():
		return User{}, &action.Error{Code: action.Busy, Cause: ctx.Err()}
	}
	hash := user.PasswordHash
	if !known {
		hash = i.decoy()
	}
	if !passwordFits(hash, password) || !known || user.Disabled {
		return User{}, wrong
	}
	return user, nil
}

// holder is the person whose refresh token it is, before it is spent. A person
// who was disabled is told so; for what is no good token nobody is named.
func (i *Identity) holder(ctx context.Context, token, deviceID string) (User, error) {
	invalid := &action.Error{Code: action.SignInNeeded, Message: "Invalid refresh token"}
	id, ok := sessionOf(token)
	if !ok {
		return User{}, invalid
	}
	s, err := i.o.Sessions.Session(ctx, id)
	if action.CodeOf(err) == action.NotFound || err == nil && s.DeviceID != deviceID {
		return User{}, invalid
	}
	if err != nil {
		return User{}, fmt.Errorf("looking up a session: %w", err)
	}
	user, err := i.person(ctx, s.UserID)
	if action.CodeOf(err) == action.Revoked && tokenHash(token) != s.Current && tokenHash(token) != s.Previous {
		return User{}, invalid
	}
	return user, err
}

// person is somebody who may go on working.
func (i *Identity) person(ctx context.Context, id string) (User, error) {
	user, err := i.o.Users.UserByID(ctx, id)
	switch {
	case action.CodeOf(err) == action.NotFound:
		return User{}, badToken(err)
	case err != nil:
		return User{}, fmt.Errorf("looking up a user: %w", err)
	case user.Disabled:
		return User{}, &action.Error{Code: action.Revoked, Message: "This person may not work here any more. Call the office"}
	}
	return user, nil
}

// Refresh spends a refresh token for a new pair. The successor is derived from
// the spent token, so that a lost reply can be given again without the store
// ever having known a token.
func (i *Identity) Refresh(ctx context.Context, token, deviceID string) (Tokens, error) {
	now := time.Now()
	invalid := &action.Error{Code: action.SignInNeeded, Message: "Invalid refresh token"}
	id, ok := sessionOf(token)
	if !ok {
		return Tokens{}, invalid
	}
	signs, ring, err := i.o.Keys.signing(ctx, now)
	if err != nil {
		return Tokens{}, err
	}
	spent, next := tokenHash(token), successor(signs, id, token)
	for range 2 {
		s, err := i.o.Sessions.Session(ctx, id)
		if action.CodeOf(err) == action.NotFound {
			return Tokens{}, invalid
		}
		if err != nil {
			return Tokens{}, fmt.Errorf("looking up a session: %w", err)
		}
		again := answered(ring, s, token)
		switch {
		case !s.RevokedAt.IsZero(), !now.Before(s.ExpiresAt), s.DeviceID != deviceID:
			return Tokens{}, invalid
		case spent == s.Previous && again != "" && now.Before(s.RotatedAt.Add(i.o.Grace)):
			return i.tokens(ctx, s, again, now)
		case spent != s.Current:
			return Tokens{}, errors.Join(invalid, i.o.Sessions.Revoke(ctx, id, now))
		}
		rotated, err := i.o.Sessions.Rotate(ctx, id, spent, tokenHash(next), now, now.Add(i.o.RefreshLife))
		if err != nil {
			return Tokens{}, fmt.Errorf("rotating a refresh token: %w", err)
		}
		if rotated {
			return i.tokens(ctx, s, next, now)
		}
	}
	return Tokens{}, &action.Error{Code: action.Busy}
}

// answered is the successor that a spent token was answered with, whichever key
// signed then; empty when it is not what the session goes on with.
func answered(ring []TokenKey, s Session, token string) string {
	for _, key := range ring {
		if next := successor(key, s.ID, token); tokenHash(next) == s.Current {
			return next
		}
	}
	return ""
}

func successor(key TokenKey, sessionID, token string) string {
	mac := hmac.New(sha256.New, key.secret)
	mac.Write([]byte("refresh token after " + token))
	return refreshPrefix + sessionID + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func sessionOf(token string) (string, bool) {
	rest, ok := strings.CutPrefix(token, refreshPrefix)
	id, secret, point := strings.Cut(rest, ".")
	return id, ok && point && id != "" && secret != ""
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

type claims struct {
	jwt.RegisteredClaims
	Session string `json:"sid"`
}

func (i *Identity) tokens(ctx context.Context, s Session, refresh string, now time.Time) (Tokens, error) {
	key, _, err := i.o.Keys.signing(ctx, now)
	if err != nil {
		return Tokens{}, err
	}
	expires := now.Add(i.o.AccessLife)
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: s.UserID, ID: uuid.NewString(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Session: s.ID,
	})
	token.Header["kid"] = key.ID
	access, err := token.SignedString(key.secret)
	if err != nil {
		return Tokens{}, fmt.Errorf("signing a token: %w", err)
	}
	return Tokens{Access: access, Refresh: refresh, InstanceURL: i.o.InstanceURL, ExpiresAt: expires}, nil
}

// Principal checks an access token: its signature, audience and age, and that
// neither its session was revoked nor its user disabled since.
func (i *Identity) Principal(ctx context.Context, token string) (Principal, error) {
	c, err := i.parse(ctx, token)
	if err != nil {
		return Principal{}, err
	}
	s, err := i.o.Sessions.Session(ctx, c.Session)
	if err != nil && action.CodeOf(err) != action.NotFound {
		return Principal{}, fmt.Errorf("looking up a session: %w", err)
	}
	if err != nil || !s.RevokedAt.IsZero() || s.UserID != c.Subject {
		return Principal{}, badToken(err)
	}
	user, err := i.person(ctx, c.Subject)
	if err != nil {
		return Principal{}, err
	}
	return Principal{User: user, SessionID: c.Session, DeviceID: s.DeviceID}, nil
}

// SignOut ends the session of an access token, expired or not. A token that is
// not ours ends nothing.
func (i *Identity) SignOut(ctx context.Context, token string) error {
	c, err := i.parse(ctx, token, jwt.WithoutClaimsValidation())
	if err != nil {
		return nil
	}
	return wrap(i.o.Sessions.Revoke(ctx, c.Session, time.Now()), "ending a session")
}

func (i *Identity) parse(ctx context.Context, token string, more ...jwt.ParserOption) (claims, error) {
	var c claims
	opts := append([]jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(tokenIssuer), jwt.WithAudience(tokenAudience), jwt.WithExpirationRequired(),
	}, more...)
	_, err := jwt.NewParser(opts...).ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		key, err := i.o.Keys.accepted(ctx, id, time.Now())
		return key.secret, err
	})
	if action.CodeOf(err) == action.Busy {
		return claims{}, err // that is no fault of the token
	}
	if err != nil {
		return claims{}, badToken(err)
	}
	return c, nil
}

func badToken(cause error) error {
	return &action.Error{Code: action.SignInNeeded, Message: "Invalid or expired token", Cause: cause}
}
