package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/queue"
)

type syncCommand struct {
	Once bool `help:"Send what is due, once; the app and serve send all the time." required:""`
	JSON bool `name:"json" help:"One JSON object."`
}

// syncResult is what one run came to. Needs counts every action of the journal
// that needs a person, not of this run alone.
type syncResult struct {
	Sent       int               `json:"sent"`
	Applied    int               `json:"applied"`
	Accepted   int               `json:"accepted"`
	Review     int               `json:"review"`
	Failed     int               `json:"failed"`
	Waiting    int               `json:"waiting"`
	Needs      int               `json:"needs"`
	Elsewhere  bool              `json:"elsewhere"`
	Connection app.ConnectionDTO `json:"connection"`
}

// Run sends what is due.
func (c *syncCommand) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		summary, status, failed := d.SyncOnce(ctx)
		now, err := d.Status(ctx, status)
		if err != nil {
			return errors.Join(failed, err)
		}
		result := syncResult{
			Sent: summary.Sent, Applied: summary.Applied, Accepted: summary.Accepted, Review: summary.Review,
			Failed: summary.Failed, Waiting: summary.Waiting, Elsewhere: summary.Elsewhere,
			Needs: now.NeedsYou, Connection: now.Connection,
		}
		if c.JSON {
			err = s.print(result)
		} else {
			err = result.say(s)
		}
		switch {
		case failed != nil || err != nil:
			return errors.Join(failed, err)
		case status.Connection.State == queue.SignedOut:
			return &action.Error{Code: action.SignInNeeded}
		case result.Needs > 0:
			return personNeeded{}
		}
		return nil
	})
}

func (r syncResult) say(s *session) error {
	if r.Elsewhere {
		return s.say("Another FieldPay on this device is sending.")
	}
	return s.say("%d sent: %d done, %d received, %d to review, %d refused. %d unsent, %d need a person.",
		r.Sent, r.Applied, r.Accepted, r.Review, r.Failed, r.Waiting, r.Needs)
}

type statusCmd struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Run shows the status. It asks the server once whether it is there; what it
// answers is shown and no error.
func (c *statusCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		status, err := d.Status(ctx, d.Look(ctx))
		if err != nil {
			return err
		}
		if c.JSON {
			return s.print(status)
		}
		return sayStatus(s, status)
	})
}

func sayStatus(s *session, status app.StatusDTO) error {
	person := "nobody"
	if status.Person.ID != "" {
		person = status.Person.Name
	}
	connection := status.Connection.State
	if status.Connection.Reason != "" {
		connection += " (" + status.Connection.Reason + ")"
	}
	if err := s.say("Connection  %s\nPerson      %s\nUnsent      %d\nNeeds you   %d", connection, person, status.Unsent.Count, status.NeedsYou); err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, state := range queue.States() {
		if n := status.Counts[string(state)]; n > 0 {
			if _, err := fmt.Fprintf(table, "  %s\t%d\n", state, n); err != nil {
				return fmt.Errorf("writing the status: %w", err)
			}
		}
	}
	return table.Flush()
}
