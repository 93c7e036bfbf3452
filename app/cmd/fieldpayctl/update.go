package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/update"
)

type updateGroup struct {
	Check   updateCheck   `cmd:"" help:"Ask the server for a new version."`
	Install updateInstall `cmd:"" help:"Install it, where FieldPay does that itself."`
}

type updateCheck struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Help has the examples.
func (updateCheck) Help() string {
	return `A new version counts when it is signed by a key that this build knows, and when it is no way back. What is refused is told with its reason, and exit code 1.

  fieldpayctl update check --json`
}

// Run asks the server.
func (c *updateCheck) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		found, err := d.Updates().Check(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return s.print(map[string]any{
				"state": found.State, "version": found.Version, "notes": found.Notes, "installable": found.Installable, "reason": found.Reason,
			})
		}
		return s.say("%s", sayVersion(found))
	})
}

// sayVersion puts what is known of new versions into one sentence.
func sayVersion(found update.Status) string {
	switch found.State {
	case update.Off:
		return "no versions are asked for"
	case update.Refused:
		return found.Reason
	case update.Available:
		if found.Installable {
			return "version " + found.Version + " can be installed: fieldpayctl update install"
		}
		return "there is version " + found.Version + ". " + found.Reason
	case update.Current:
	}
	if found.CheckedAt.IsZero() {
		return "the server was not asked for a new version yet"
	}
	return "nothing newer is known, as of " + found.CheckedAt.Format(time.DateTime)
}

type updateInstall struct{}

// Help says what happens.
func (updateInstall) Help() string {
	return `Fetches the version that was found, lets it look at a copy of the journal, copies the journal aside and replaces the programs. FieldPay must not be open: its window installs by itself. Where a package manager or an administrator looks after FieldPay, that is said and nothing is done.

  fieldpayctl update check && fieldpayctl update install`
}

// Run installs.
func (updateInstall) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		found := d.Updates().Status()
		open := flock.New(filepath.Join(s.config.DataDir.Value, app.OpenLock))
		defer func() { _ = open.Close() }() // the lock ends with its descriptor
		line := s.progress("Fetching", false)
		err := d.Updates().Install(ctx, func(done, total int64) { line.show(int(done>>10), int(total>>10)) }, func() error {
			if alone, err := open.TryLock(); err != nil || !alone {
				return &action.Error{Code: action.NotPossible, Message: "FieldPay is open", Hint: "Close it, or install from its window", Cause: err}
			}
			return nil
		})
		line.end()
		if err != nil {
			return err
		}
		return s.say("Version %s is installed. The journal as it was before is in %s.", found.Version, filepath.Join(s.config.DataDir.Value, "snapshots"))
	})
}

// versions is what doctor says of new versions.
func versions(d *app.Device) check {
	found := d.Updates().Status()
	c := check{Name: "updates", OK: found.State != update.Refused, Text: sayVersion(found)}
	if !c.OK {
		c.Hint = "Nothing was installed. Tell the office"
		c.err = &action.Error{Code: action.UpdateRefused}
	}
	return c
}

type journalCheckReplay struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Help has the examples.
func (journalCheckReplay) Help() string {
	return `Asks whether this build can go on with every unsent action of a journal. A new version is asked that on a copy, with --data-dir, before it is installed. What it cannot go on with is told by id, with exit code 1. Opening a journal brings its schema up to date: use a copy.

  fieldpayctl --data-dir COPY journal check-replay --json`
}

// Run looks at every unsent action.
func (c *journalCheckReplay) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		found, err := d.CheckReplay(ctx)
		if err != nil {
			return fmt.Errorf("reading what is unsent: %w", err)
		}
		if c.JSON {
			err = s.print(found)
		} else {
			err = s.say("%d unsent, %d of them unknown to this version.", found.Unsent, len(found.Foreign))
		}
		if err == nil && len(found.Foreign) > 0 {
			return personNeeded{}
		}
		return err
	})
}
