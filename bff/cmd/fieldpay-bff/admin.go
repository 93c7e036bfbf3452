package main

import (
	"context"
	"errors"
	"os"
	"time"

	"fieldpay/bff"
	"fieldpay/bff/cmd/host"
)

// store are the settings that say which store a command works on.
type store struct {
	DataDir string `help:"Folder of the store." type:"path" env:"FIELDPAY_BFF_DATA_DIR"`
	Store   string `help:"sqlite, or postgres://…" default:"sqlite" env:"FIELDPAY_BFF_STORE"`
}

func (s store) with(ctx context.Context, do func(*host.Admin) error) error {
	return administer(ctx, host.Config{DataDir: s.DataDir, Store: s.Store}, do)
}

func administer(ctx context.Context, c host.Config, do func(*host.Admin) error) error {
	a, err := host.OpenAdmin(ctx, c, os.Stdout)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

type userGroup struct {
	Add       userAdd       `cmd:"" help:"Add a person. The password is the first line of standard input."`
	List      userList      `cmd:"" help:"List everybody."`
	Disable   userDisable   `cmd:"" help:"Take a person's right to work, from the next request on."`
	Enable    userEnable    `cmd:"" help:"Give it back."`
	Password  userPassword  `cmd:"" help:"Set the password to the first line of standard input; every session of the person ends."`
	Role      userRole      `cmd:"" help:"Set the role: rep, kiosk, office or admin."`
	Territory userTerritory `cmd:"" help:"Set the sales territories; * stands for all."`
}

type (
	userAdd struct {
		store
		Login       string   `arg:"" help:"What the person signs in with."`
		Name        string   `help:"Name of the person."`
		Email       string   `help:"Address of the person."`
		Role        bff.Role `help:"rep, kiosk, office or admin." default:"rep"`
		Territories []string `name:"territory" help:"Sales territory, as Account.Territory__c has it; may be repeated."`
	}
	userList    struct{ store }
	userDisable struct {
		store
		Login string `arg:""`
	}
	userEnable struct {
		store
		Login string `arg:""`
	}
	userPassword struct {
		store
		Login string `arg:""`
	}
	userRole struct {
		store
		Login string   `arg:""`
		Role  bff.Role `arg:""`
	}
	userTerritory struct {
		store
		Login string   `arg:""`
		Names []string `arg:"" optional:"" help:"Names; none takes every customer away."`
	}
)

// Run adds a person.
func (c *userAdd) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error {
		n := host.NewUser{Login: c.Login, Name: c.Name, Email: c.Email, Role: c.Role, Territories: c.Territories}
		return a.AddUser(ctx, n, os.Stdin)
	})
}

// Run lists people.
func (c *userList) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.ListUsers(ctx) })
}

// Run disables a person.
func (c *userDisable) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.SetDisabled(ctx, c.Login, true) })
}

// Run enables a person.
func (c *userEnable) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.SetDisabled(ctx, c.Login, false) })
}

// Run sets a password.
func (c *userPassword) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.SetPassword(ctx, c.Login, os.Stdin) })
}

// Run sets a role.
func (c *userRole) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.SetRole(ctx, c.Login, c.Role) })
}

// Run sets territories.
func (c *userTerritory) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.SetTerritories(ctx, c.Login, c.Names) })
}

type deviceGroup struct {
	List      deviceList    `cmd:"" help:"List the devices that are enrolled or barred."`
	EnrolCode deviceCode    `cmd:"" help:"Make a code that enrols one device, once. It is shown this once."`
	Revoke    deviceRevoke  `cmd:"" help:"Bar a device, from its next request on."`
	Restore   deviceRestore `cmd:"" help:"Let a barred device go on."`
}

type (
	deviceList struct{ store }
	deviceCode struct {
		store
		Name  string        `help:"What people call the device."`
		Login string        `name:"user" help:"Login of the one person it is for (default: anybody)."`
		Life  time.Duration `help:"How long the code is good." default:"30m"`
	}
	deviceRevoke struct {
		store
		ID string `arg:""`
	}
	deviceRestore struct {
		store
		ID string `arg:""`
	}
)

// Run lists devices.
func (c *deviceList) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.ListDevices(ctx) })
}

// Run makes a code.
func (c *deviceCode) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.EnrolCode(ctx, c.Name, c.Login, c.Life) })
}

// Run bars a device.
func (c *deviceRevoke) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.RevokeDevice(ctx, c.ID) })
}

// Run lets a device go on.
func (c *deviceRestore) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.RestoreDevice(ctx, c.ID) })
}

type auditCmd struct {
	store
	After   int64     `help:"Position behind which to begin."`
	Since   time.Time `help:"Rows from this moment on (RFC 3339)."`
	Until   time.Time `help:"Rows before this moment (RFC 3339)."`
	Event   string    `help:"Beginning of the event's name, e.g. action. or user."`
	Actor   string    `help:"Id of who did it."`
	Subject string    `help:"Id of what it was done to."`
	Limit   int       `help:"How many rows at most (default: all)."`
}

// Run shows the audit log.
func (c *auditCmd) Run(ctx context.Context) error {
	q := bff.AuditQuery{
		After: c.After, Since: c.Since, Until: c.Until, Event: c.Event, Actor: c.Actor, Subject: c.Subject, Limit: c.Limit,
	}
	return c.with(ctx, func(a *host.Admin) error { return a.ShowAudit(ctx, q) })
}
