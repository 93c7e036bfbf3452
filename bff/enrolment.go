package bff

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"fieldpay/action"
)

// EnrolmentPolicy says how a device comes to be known.
type EnrolmentPolicy string

// The policies.
const (
	// EnrolAtSignIn takes the key of a device that nobody knows with its first
	// sign-in, and lets clients without a key in: for sandboxes.
	EnrolAtSignIn EnrolmentPolicy = "sign-in"
	// EnrolByCode lets reps and kiosks work only on devices that were enrolled
	// with a code.
	EnrolByCode EnrolmentPolicy = "code"
)

// DeviceRegistryOptions says what a [DeviceRegistry] works with.
type DeviceRegistryOptions struct {
	Enrolments Enrolments // required
	Audit      Audit      // required
	// Policy is required.
	Policy EnrolmentPolicy
}

// DeviceRegistry knows which devices may send: it hands out codes, enrols with
// them, and revokes.
type DeviceRegistry struct {
	o        DeviceRegistryOptions
	throttle *throttle
}

// NewDeviceRegistry checks the options.
func NewDeviceRegistry(o DeviceRegistryOptions) (*DeviceRegistry, error) {
	switch {
	case o.Enrolments == nil, o.Audit == nil:
		return nil, errors.New("a registry of devices needs enrolments and an audit log")
	case o.Policy != EnrolAtSignIn && o.Policy != EnrolByCode:
		return nil, fmt.Errorf("devices are enrolled at %q or by %q", EnrolAtSignIn, EnrolByCode)
	}
	return &DeviceRegistry{o: o, throttle: newThrottle()}, nil
}

// A code is its open half, then its secret half: letters and digits that are
// not mistaken for each other.
const (
	codeLetters  = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeOpen     = 4
	codeSecret   = 8
	codeGuesses  = 5
	maxCodeLife  = 7 * 24 * time.Hour
	codeNotValid = "The code is not valid, or not any more. Ask the office for a new one"
)

// NewCode makes a code for one device of a person (or of anybody, when userID
// is empty). The code itself is kept nowhere: it is shown once.
func (r *DeviceRegistry) NewCode(ctx context.Context, name, userID string, life time.Duration, by string) (code string, c EnrolCode, err error) {
	if life <= 0 || life > maxCodeLife {
		return "", EnrolCode{}, &action.Error{Code: action.BadRequest, Message: fmt.Sprintf("A code is good for up to %v", maxCodeLife)}
	}
	open, secret := randomLetters(codeOpen), randomLetters(codeSecret)
	now := time.Now()
	c = EnrolCode{ID: open, Hash: codeHash(open, secret), Name: name, UserID: userID, CreatedAt: now, ExpiresAt: now.Add(life)}
	if err := r.o.Enrolments.AddCode(ctx, c); err != nil {
		return "", EnrolCode{}, fmt.Errorf("making a code: %w", err)
	}
	err = r.o.Audit.AddAudit(ctx, AuditRow{At: now, Event: "device.code", Actor: by, Subject: open,
		Detail: map[string]string{"user": userID, "until": c.ExpiresAt.UTC().Format(time.RFC3339)}})
	return open + "-" + secret[:4] + "-" + secret[4:], c, err
}

func randomLetters(n int) string {
	var b strings.Builder
	for range n {
		// crypto/rand ends the program rather than fail.
		i, _ := rand.Int(rand.Reader, big.NewInt(int64(len(codeLetters))))
		b.WriteByte(codeLetters[i.Int64()])
	}
	return b.String()
}

func codeHash(open, secret string) string {
	sum := sha256.Sum256([]byte("fieldpay enrolment " + open + " " + secret))
	return hex.EncodeToString(sum[:])
}

// readCode takes a code as a person types it.
func readCode(text string) (open, secret string, ok bool) {
	text = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.TrimSpace(text)))
	if len(text) != codeOpen+codeSecret {
		return "", "", false
	}
	return text[:codeOpen], text[codeOpen:], true
}

// Enrol enrols a device with a code. Guessing is slowed down for an address,
// and a code that was guessed wrong a few times is good no more. A device that
// was revoked is not enrolled again: see Restore.
func (r *DeviceRegistry) Enrol(ctx context.Context, code, deviceID string, key ed25519.PublicKey, name, from string) (Enrolment, error) {
	now := time.Now()
	if wait := r.throttle.wait(from, now); wait > 0 {
		return Enrolment{}, &action.Error{Code: action.RateLimited, Message: "Too many attempts. Try again a little later", RetryAfter: wait}
	}
	c, err := r.checkCode(ctx, code, now)
	if action.CodeOf(err) == action.BadCredentials {
		r.throttle.failed(from, now)
	}
	if err != nil {
		return Enrolment{}, err
	}
	known, err := r.known(ctx, deviceID)
	if err != nil {
		return Enrolment{}, err
	}
	if !known.RevokedAt.IsZero() {
		return Enrolment{}, &action.Error{Code: action.Revoked}
	}
	e := Enrolment{DeviceID: deviceID, Name: c.Name, UserID: c.UserID, Key: key, EnrolledAt: now}
	if e.Name == "" {
		e.Name = name
	}
	used, err := r.o.Enrolments.UseCode(ctx, c.ID, now, e)
	if err != nil {
		return Enrolment{}, storeError(err)
	}
	if !used {
		return Enrolment{}, &action.Error{Code: action.BadCredentials, Message: codeNotValid}
	}
	return e, r.audit(ctx, "device.enrol", e, "code "+c.ID)
}

func (r *DeviceRegistry) checkCode(ctx context.Context, code string, now time.Time) (EnrolCode, error) {
	wrong := &action.Error{Code: action.BadCredentials, Message: codeNotValid}
	open, secret, ok := readCode(code)
	if !ok {
		return EnrolCode{}, wrong
	}
	c, err := r.o.Enrolments.Code(ctx, open)
	if action.CodeOf(err) == action.NotFound {
		return EnrolCode{}, wrong
	}
	if err != nil {
		return EnrolCode{}, storeError(err)
	}
	fits := subtle.ConstantTimeCompare([]byte(c.Hash), []byte(codeHash(open, secret))) == 1
	if !fits {
		if err := r.o.Enrolments.FailCode(ctx, open); err != nil {
			return EnrolCode{}, storeError(err)
		}
	}
	if !fits || c.Failures >= codeGuesses || !c.UsedAt.IsZero() || !now.Before(c.ExpiresAt) {
		return EnrolCode{}, wrong
	}
	return c, nil
}

// known returns the enrolment of a device; that of an unknown one is empty.
func (r *DeviceRegistry) known(ctx context.Context, deviceID string) (Enrolment, error) {
	e, err := r.o.Enrolments.Enrolment(ctx, deviceID)
	if action.CodeOf(err) == action.NotFound {
		return Enrolment{}, nil
	}
	if err != nil {
		return Enrolment{}, storeError(err)
	}
	return e, nil
}

// enrolmentNeeded refuses a device that is not known, or not by that key.
func enrolmentNeeded() error { return &action.Error{Code: action.EnrolmentNeeded} }

// admit decides whether a person who proved who they are may begin a session on
// a device (or on none). d is what the request was signed with, or nil.
func (r *DeviceRegistry) admit(ctx context.Context, user User, deviceID string, d *signedBy) error {
	field := user.Role == RoleRep || user.Role == RoleKiosk
	if deviceID == "" {
		if field && r.o.Policy == EnrolByCode {
			return enrolmentNeeded()
		}
		return nil
	}
	e, err := r.known(ctx, deviceID)
	switch {
	case err != nil:
		return err
	case !e.RevokedAt.IsZero():
		return &action.Error{Code: action.Revoked}
	case len(e.Key) > 0 && !d.is(deviceID, true):
		return enrolmentNeeded()
	case len(e.Key) > 0 && e.UserID != "" && e.UserID != user.ID:
		return &action.Error{Code: action.NotAllowed, Message: "This device belongs to another person"}
	case len(e.Key) > 0:
		return nil
	case r.o.Policy == EnrolByCode && field:
		return enrolmentNeeded()
	case r.o.Policy == EnrolAtSignIn && d.is(deviceID, false):
		e = Enrolment{DeviceID: deviceID, Name: "enrolled at sign-in", Key: d.key, EnrolledAt: time.Now()}
		if err := r.o.Enrolments.PutEnrolment(ctx, e); err != nil {
			return storeError(err)
		}
		return r.audit(ctx, "device.enrol", e, user.ID)
	default:
		return nil
	}
}

// holds decides whether a session goes on: its device is not revoked, and signs
// if it has a key. It reports whether the device is enrolled.
func (r *DeviceRegistry) holds(ctx context.Context, role Role, deviceID string, d *signedBy) (enrolled bool, err error) {
	if deviceID == "" && d == nil && (r.o.Policy == EnrolAtSignIn || role == RoleOffice || role == RoleAdmin) {
		return false, nil
	}
	e, err := r.known(ctx, deviceID)
	switch {
	case err != nil:
		return false, err
	case !e.RevokedAt.IsZero():
		return false, &action.Error{Code: action.Revoked}
	case len(e.Key) > 0 && !d.is(deviceID, true), d != nil && d.deviceID != deviceID:
		return false, enrolmentNeeded()
	case len(e.Key) == 0 && r.o.Policy == EnrolByCode && role != RoleOffice && role != RoleAdmin:
		return false, enrolmentNeeded()
	default:
		return len(e.Key) > 0, nil
	}
}

// Revoke ends a device's right to send, from its next request on. A device that
// was never enrolled is barred, too.
func (r *DeviceRegistry) Revoke(ctx context.Context, deviceID, by string) error {
	return r.change(ctx, deviceID, "device.revoke", by, func(e *Enrolment) {
		if e.RevokedAt.IsZero() {
			e.RevokedAt = time.Now()
		}
	})
}

// Restore gives a revoked device its right back, under the key it had.
func (r *DeviceRegistry) Restore(ctx context.Context, deviceID, by string) error {
	return r.change(ctx, deviceID, "device.restore", by, func(e *Enrolment) { e.RevokedAt = time.Time{} })
}

func (r *DeviceRegistry) change(ctx context.Context, deviceID, event, by string, change func(*Enrolment)) error {
	e, err := r.known(ctx, deviceID)
	if err != nil {
		return err
	}
	e.DeviceID = deviceID
	change(&e)
	if err := r.o.Enrolments.PutEnrolment(ctx, e); err != nil {
		return storeError(err)
	}
	return r.audit(ctx, event, e, by)
}

// List returns every device that is enrolled or barred.
func (r *DeviceRegistry) List(ctx context.Context) ([]Enrolment, error) {
	list, err := r.o.Enrolments.EnrolmentList(ctx)
	return list, wrap(err, "listing devices")
}

func (r *DeviceRegistry) audit(ctx context.Context, event string, e Enrolment, by string) error {
	row := AuditRow{At: time.Now(), Event: event, Actor: by, DeviceID: e.DeviceID, Subject: e.DeviceID, Detail: map[string]string{"user": e.UserID}}
	if c := callOf(ctx); c != nil {
		row.RequestID = c.requestID
	}
	return wrap(r.o.Audit.AddAudit(ctx, row), "writing the audit log")
}
