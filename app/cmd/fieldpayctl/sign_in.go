package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"fieldpay/action"
	"fieldpay/app"
)

type signIn struct {
	User          string `help:"Name of the person." required:""`
	PasswordStdin bool   `help:"Read the password from standard input." required:""`
	JSON          bool   `name:"json" help:"One JSON object: the person."`
}

// Help has the examples.
func (signIn) Help() string {
	return `The password is the first line of standard input, so that it stands in no list of processes and in no history.

  fieldpayctl sign-in --user=me@example.com --password-stdin <password-file`
}

// Run signs in. The password is the first line of standard input, so that it
// never stands in a process list.
func (c *signIn) Run(ctx context.Context, s *session) error {
	line, err := bufio.NewReader(s.in).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return &action.Error{Code: action.BadRequest, Message: "There is no password on standard input", Cause: err}
	}
	return s.with(ctx, func(d *app.Device) error {
		p, err := d.SignIn(ctx, c.User, password)
		if err != nil {
			return err
		}
		if c.JSON {
			return s.print(map[string]string{"id": p.ID, "name": p.Name})
		}
		return s.say("Signed in as %s.", plain(p.Name))
	})
}

type signOut struct {
	Force bool `help:"Sign out although work is unsent. It stays on this device."`
	JSON  bool `name:"json" help:"One JSON object."`
}

// Run signs out.
func (c *signOut) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		if err := d.SignOut(ctx, c.Force); err != nil {
			return fmt.Errorf("signing out: %w", err)
		}
		if c.JSON {
			return s.print(map[string]bool{"signedOut": true})
		}
		return s.say("Signed out.")
	})
}
