package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"fieldpay/action"
	"fieldpay/bff"
)

// byCommand is the actor of what is done on the command line of the server.
const byCommand = "command"

// The shortest and longest password. There is no rule about its letters: length
// is what helps.
const (
	minPassword = 10
	maxPassword = 1024
)

// Admin manages people and devices in the store of a configuration, whether a
// server runs on it or not. What it changes counts from the next request on.
type Admin struct {
	stores   bff.Stores
	registry *bff.DeviceRegistry
	keys     *bff.TokenKeys
	out      *json.Encoder
}

// OpenAdmin opens the store; answers are written to out as JSON, one a line.
func OpenAdmin(ctx context.Context, c Config, out io.Writer) (*Admin, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := c.checkStore(); err != nil {
		return nil, err
	}
	if err := c.makeFolder(); err != nil {
		return nil, err
	}
	opened, err := c.openStore(ctx)
	if err != nil {
		return nil, err
	}
	registry, err := c.registry(opened.stores)
	if err != nil {
		return nil, errors.Join(err, opened.stores.Close())
	}
	keys, err := c.tokenKeys(opened.stores.Keys)
	if err != nil {
		return nil, errors.Join(err, opened.stores.Close())
	}
	return &Admin{stores: opened.stores, registry: registry, keys: keys, out: json.NewEncoder(out)}, nil
}

// Close closes the store.
func (a *Admin) Close() error { return a.stores.Close() }

// userLine is a person as the commands show them.
type userLine struct {
	ID          string   `json:"id"`
	Login       string   `json:"login"`
	Name        string   `json:"name"`
	Email       string   `json:"email,omitempty"`
	Role        bff.Role `json:"role"`
	Territories []string `json:"territories"`
	Disabled    bool     `json:"disabled"`
}

func lineOf(u bff.User) userLine {
	if u.Territories == nil {
		u.Territories = []string{}
	}
	return userLine{u.ID, u.Login, u.Name, u.Email, u.Role, u.Territories, u.Disabled}
}

// NewUser says whom to add. Role is rep unless given.
type NewUser struct {
	Login, Name, Email string
	Role               bff.Role
	Territories        []string
}

// AddUser adds a person, whose password is the first line of in.
func (a *Admin) AddUser(ctx context.Context, n NewUser, in io.Reader) error {
	if strings.TrimSpace(n.Login) != n.Login || n.Login == "" || len(n.Login) > 320 {
		return &action.Error{Code: action.BadRequest, Message: "The login must not be empty or begin or end with a space"}
	}
	if _, err := mail.ParseAddress(n.Email); n.Email != "" && err != nil {
		return &action.Error{Code: action.BadRequest, Message: "The email is not an address"}
	}
	if err := checkRole(n.Role); err != nil {
		return err
	}
	password, err := readPassword(in)
	if err != nil {
		return err
	}
	u := bff.User{
		ID: uuid.NewString(), Login: n.Login, Name: n.Name, Email: n.Email, Role: n.Role, Territories: n.Territories,
		PasswordHash: bff.HashPassword(password),
	}
	if u.Name == "" {
		u.Name = n.Login
	}
	added, err := a.stores.Users.AddUser(ctx, u)
	if err != nil {
		return err
	}
	if !added {
		return &action.Error{Code: action.NotPossible, Message: "Somebody has that login already"}
	}
	return a.changed(ctx, "user.add", u, map[string]string{"role": string(u.Role), "territories": strings.Join(u.Territories, ",")})
}

func checkRole(role bff.Role) error {
	if slices.Contains(bff.Roles(), role) {
		return nil
	}
	return &action.Error{Code: action.BadRequest, Message: fmt.Sprintf("A role is one of %v", bff.Roles())}
}

// readPassword takes the first line, so that no password stands in a list of
// processes.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxPassword+3)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if len(line) < minPassword || len(line) > maxPassword {
		return "", &action.Error{Code: action.BadRequest, Message: fmt.Sprintf("The password on standard input must have %d to %d characters", minPassword, maxPassword)}
	}
	return line, nil
}

// ListUsers shows everybody.
func (a *Admin) ListUsers(ctx context.Context) error {
	users, err := a.stores.Users.UserList(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if err := a.out.Encode(lineOf(u)); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
	}
	return nil
}

// SetDisabled takes a person's right to work, from their next request on, or
// gives it back.
func (a *Admin) SetDisabled(ctx context.Context, login string, disabled bool) error {
	event := map[bool]string{true: "user.disable", false: "user.enable"}[disabled]
	return a.change(ctx, login, event, nil, func(u *bff.User) { u.Disabled = disabled })
}

// SetPassword replaces a password by the first line of in, and ends every
// session of the person.
func (a *Admin) SetPassword(ctx context.Context, login string, in io.Reader) error {
	password, err := readPassword(in)
	if err != nil {
		return err
	}
	return a.change(ctx, login, "user.password", nil, func(u *bff.User) { u.PasswordHash = bff.HashPassword(password) })
}

// SetRole gives a person another role.
func (a *Admin) SetRole(ctx context.Context, login string, role bff.Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return a.change(ctx, login, "user.role", map[string]string{"role": string(role)}, func(u *bff.User) { u.Role = role })
}

// SetTerritories replaces a person's territories; none takes every customer
// away from a rep, "*" stands for all.
func (a *Admin) SetTerritories(ctx context.Context, login string, names []string) error {
	detail := map[string]string{"territories": strings.Join(names, ",")}
	return a.change(ctx, login, "user.territory", detail, func(u *bff.User) { u.Territories = names })
}

func (a *Admin) change(ctx context.Context, login, event string, detail map[string]string, change func(*bff.User)) error {
	u, err := a.stores.Users.UserByLogin(ctx, login)
	if action.CodeOf(err) == action.NotFound {
		return &action.Error{Code: action.NotFound, Message: "Nobody has that login"}
	}
	if err != nil {
		return err
	}
	change(&u)
	if _, err := a.stores.Users.PutUser(ctx, u); err != nil {
		return err
	}
	if event == "user.password" {
		if err := a.stores.Sessions.RevokeUser(ctx, u.ID, time.Now()); err != nil {
			return err
		}
	}
	return a.changed(ctx, event, u, detail)
}

func (a *Admin) changed(ctx context.Context, event string, u bff.User, detail map[string]string) error {
	row := bff.AuditRow{At: time.Now(), Event: event, Actor: byCommand, Subject: u.ID, Detail: detail}
	if err := a.stores.Audit.AddAudit(ctx, row); err != nil {
		return err
	}
	return a.show(lineOf(u))
}

func (a *Admin) show(v any) error {
	if err := a.out.Encode(v); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// deviceLine is a device as the commands show it.
type deviceLine struct {
	DeviceID   string     `json:"deviceId"`
	Name       string     `json:"name,omitempty"`
	User       string     `json:"user,omitempty"`
	EnrolledAt *time.Time `json:"enrolledAt,omitempty"`
	RevokedAt  *time.Time `json:"revokedAt,omitempty"`
	SeenAt     *time.Time `json:"seenAt,omitempty"`
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// ListDevices shows every device that is enrolled or barred.
func (a *Admin) ListDevices(ctx context.Context) error {
	list, err := a.registry.List(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		d, err := a.stores.Devices.Device(ctx, e.DeviceID)
		if err != nil {
			return err
		}
		if err := a.show(deviceLine{e.DeviceID, e.Name, e.UserID, when(e.EnrolledAt), when(e.RevokedAt), when(d.SeenAt)}); err != nil {
			return err
		}
	}
	return nil
}

// EnrolCode makes a code for one device: of a person, or of anybody when login
// is empty. It is shown this once.
func (a *Admin) EnrolCode(ctx context.Context, name, login string, life time.Duration) error {
	userID := ""
	if login != "" {
		u, err := a.stores.Users.UserByLogin(ctx, login)
		if err != nil {
			return &action.Error{Code: action.NotFound, Message: "Nobody has that login", Cause: err}
		}
		userID = u.ID
	}
	code, c, err := a.registry.NewCode(ctx, name, userID, life, byCommand)
	if err != nil {
		return err
	}
	return a.show(struct {
		Code      string    `json:"code"`
		Name      string    `json:"name,omitempty"`
		User      string    `json:"user,omitempty"`
		ExpiresAt time.Time `json:"expiresAt"`
	}{code, name, userID, c.ExpiresAt.UTC()})
}

// RevokeDevice bars a device, from its next request on.
func (a *Admin) RevokeDevice(ctx context.Context, id string) error {
	return a.device(ctx, id, a.registry.Revoke)
}

// RestoreDevice lets a barred device go on.
func (a *Admin) RestoreDevice(ctx context.Context, id string) error {
	return a.device(ctx, id, a.registry.Restore)
}

func (a *Admin) device(ctx context.Context, id string, do func(ctx context.Context, id, by string) error) error {
	if err := do(ctx, id, byCommand); err != nil {
		return err
	}
	e, err := a.stores.Enrolments.Enrolment(ctx, id)
	if err != nil {
		return err
	}
	return a.show(deviceLine{e.DeviceID, e.Name, e.UserID, when(e.EnrolledAt), when(e.RevokedAt), nil})
}

// auditLine is a row of the audit log as the command shows it.
type auditLine struct {
	Position int64             `json:"position"`
	At       time.Time         `json:"at"`
	Event    string            `json:"event"`
	Actor    string            `json:"actor"`
	Device   string            `json:"device,omitempty"`
	Subject  string            `json:"subject"`
	Request  string            `json:"request,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"`
}

// ShowAudit shows the rows of the audit log that fit, all of them unless q has a
// limit.
func (a *Admin) ShowAudit(ctx context.Context, q bff.AuditQuery) error {
	left := q.Limit
	for {
		if q.Limit = bff.AuditLimit; left > 0 {
			q.Limit = min(left, bff.AuditLimit)
		}
		rows, err := a.stores.Audit.AuditRows(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := a.show(auditLine{r.Position, r.At.UTC(), r.Event, r.Actor, r.DeviceID, r.Subject, r.RequestID, r.Detail}); err != nil {
				return err
			}
			q.After = r.Position
		}
		if left -= len(rows); len(rows) < q.Limit || left == 0 {
			return nil
		}
	}
}
