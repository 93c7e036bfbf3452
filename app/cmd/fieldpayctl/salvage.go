package main

import (
	"context"
	"fmt"

	"fieldpay/app"
)

type journalSalvage struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Help has the examples.
func (journalSalvage) Help() string {
	return `For a journal that is damaged. What is intact moves to a new journal under the same ids; the damaged file is put aside, untouched. Close the window first. Sending goes on after "journal go-on".

  fieldpayctl journal salvage`
}

// salvaged is what a salvage did.
type salvaged struct {
	Rescued int64  `json:"rescued"`
	Known   int64  `json:"known"`
	Aside   string `json:"aside"`
}

// Run salvages the journal. Exit code 1 says that something was lost.
func (c *journalSalvage) Run(ctx context.Context, s *session) error {
	r, err := app.SalvageJournal(ctx, app.DeviceOptions{Config: s.config, Logger: s.log})
	if err != nil {
		return err
	}
	if c.JSON {
		err = s.print(salvaged{Rescued: r.Rescued, Known: r.Known, Aside: r.Aside})
	} else {
		_, err = fmt.Fprintf(s.out, "%d of %d actions rescued. The damaged file is %s\nTo send again: fieldpayctl journal go-on\n", r.Rescued, r.Known, r.Aside)
	}
	if err == nil && r.Rescued < r.Known {
		err = personNeeded{}
	}
	return err
}

type journalGoOn struct{}

// Help says when.
func (journalGoOn) Help() string {
	return `For a journal that the server refuses because it knows a newer one of this device: after a salvage, or after a backup was brought back. Look for the newest journal first. The office is told. The server is asked about all that is open before it is sent.

  fieldpayctl journal go-on`
}

// Run tells the server that this journal is the one from now on.
func (journalGoOn) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		if err := d.GoOn(ctx); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, "The server takes this journal for the device's own from now on. Next: fieldpayctl sync --once")
		return err
	})
}
