package bff

import (
	"context"
	"slices"
	"time"
)

// Role says what a person may do.
type Role string

// The roles. A rep and a kiosk work in their territories; the office and
// administrators reach every account. Only administrators manage people and
// devices.
const (
	RoleRep    Role = "rep"
	RoleKiosk  Role = "kiosk"
	RoleOffice Role = "office"
	RoleAdmin  Role = "admin"
)

// Roles returns every role, from the least to the most powerful.
func Roles() []Role { return []Role{RoleKiosk, RoleRep, RoleOffice, RoleAdmin} }

// EveryTerritory stands for all territories, and for accounts without one.
const EveryTerritory = "*"

// User is a person who may sign in.
type User struct {
	ID, Login, Name, Email string
	// PasswordHash is an argon2id hash in its standard text form. A person who
	// signs in elsewhere has none, and no password fits.
	PasswordHash string
	Disabled     bool
	// Role is never empty in a store: AddUser and PutUser make it RoleRep.
	Role Role
	// Territories are the names of the sales territories whose accounts the
	// person reaches; none means no account.
	Territories []string
}

// Everywhere reports whether the person reaches every account.
func (u User) Everywhere() bool {
	return u.Role == RoleOffice || u.Role == RoleAdmin || slices.Contains(u.Territories, EveryTerritory)
}

// Users keeps the people who may sign in.
type Users interface {
	// UserByLogin and UserByID answer an *action.Error of code NotFound for
	// nobody. Logins are compared without case.
	UserByLogin(ctx context.Context, login string) (User, error)
	UserByID(ctx context.Context, id string) (User, error)
	// UserList returns everybody by login.
	UserList(ctx context.Context) ([]User, error)
	// AddUser stores a user unless the id or the login is taken, and reports
	// whether it did.
	AddUser(ctx context.Context, u User) (bool, error)
	// PutUser replaces everything of the user with u.ID but the login, and
	// reports whether there is one.
	PutUser(ctx context.Context, u User) (bool, error)
}

// Enrolment is a device's right to send.
type Enrolment struct {
	DeviceID string
	// Name is what people call the device.
	Name string
	// UserID is who it was enrolled for; empty: anybody may sign in on it.
	UserID string
	// Key is the Ed25519 public key that signs the device's requests; nil for a
	// device that was revoked before it was ever enrolled.
	Key        []byte
	EnrolledAt time.Time
	// RevokedAt is when the right ended; zero: it did not.
	RevokedAt time.Time
}

// EnrolCode is a code that enrols one device, once.
type EnrolCode struct {
	// ID is the open half of the code, Hash that of the secret half.
	ID, Hash string
	// Name and UserID are those of the enrolment it makes.
	Name, UserID string
	CreatedAt    time.Time
	ExpiresAt    time.Time
	UsedAt       time.Time
	// Failures counts the wrong guesses of the secret half.
	Failures int
}

// Enrolments keeps the devices that may send.
type Enrolments interface {
	// Enrolment answers an *action.Error of code NotFound for a device that was
	// never heard of.
	Enrolment(ctx context.Context, deviceID string) (Enrolment, error)
	// EnrolmentList returns all by device.
	EnrolmentList(ctx context.Context) ([]Enrolment, error)
	// PutEnrolment stores e in place of the one of the same device.
	PutEnrolment(ctx context.Context, e Enrolment) error
	AddCode(ctx context.Context, c EnrolCode) error
	// Code answers an *action.Error of code NotFound for an unknown id.
	Code(ctx context.Context, id string) (EnrolCode, error)
	// FailCode counts a wrong guess.
	FailCode(ctx context.Context, id string) error
	// UseCode marks the code as used and stores the enrolment, both or neither;
	// it reports false when the code was used before.
	UseCode(ctx context.Context, id string, at time.Time, e Enrolment) (bool, error)
	// Remember keeps a nonce of a device until a moment and reports whether it
	// is new. Every server knows it when the call returns; a power cut may lose
	// the last of them.
	Remember(ctx context.Context, deviceID, nonce string, until time.Time) (bool, error)
}

// AuditRow is one line of the audit log.
type AuditRow struct {
	// Position is the order of the rows; the store gives it.
	Position int64
	At       time.Time
	// Event is what happened, e.g. "user.disable" or "action.record_payment".
	Event string
	// Actor is who did it: the id of a person, or "command" for the command
	// line of the server.
	Actor string
	// DeviceID and RequestID are empty where there is none.
	DeviceID, RequestID string
	// Subject is the id of what it was done to.
	Subject string
	// Detail has ids, codes, amounts and names of settings; never content,
	// secrets or data of customers.
	Detail map[string]string
}

// AuditQuery selects rows. A zero field selects all.
type AuditQuery struct {
	// After is the position behind which to begin.
	After        int64
	Since, Until time.Time
	// Event is the beginning of the event's name.
	Event, Actor, Subject string
	// Limit is how many rows at most. Default 1,000.
	Limit int
}

// Audit keeps who did what with money, people and devices. It can only be added
// to.
type Audit interface {
	AddAudit(ctx context.Context, rows ...AuditRow) error
	// AuditRows returns rows in the order in which they were added.
	AuditRows(ctx context.Context, q AuditQuery) ([]AuditRow, error)
}

// AuditLimit is how many rows AuditRows returns when the query names no number.
const AuditLimit = 1000
