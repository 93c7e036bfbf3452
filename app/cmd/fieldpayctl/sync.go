package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

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

// Help has the examples.
func (syncCommand) Help() string {
	return `Sends in order, once, and says what came of it. Exit code 1 means that something needs a person, 3 that the server cannot be reached, 4 that somebody has to sign in; what was not sent stays.

  fieldpayctl sync --once
  fieldpayctl sync --once --json`
}

// Run sends what is due.
func (c *syncCommand) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		line := s.progress("Sending", false)
		summary, status, failed := d.SyncWatched(ctx, func(now queue.Status) { line.show(now.Done, now.Total) })
		took := line.end()
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
			err = errors.Join(result.say(s, took), sayTrouble(ctx, s, d))
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

func (r syncResult) say(s *session, took time.Duration) error {
	if r.Elsewhere {
		return s.say("Another FieldPay on this device is sending.")
	}
	if _, shown := terminal(s.err); shown && r.Sent > 0 {
		fmt.Fprintf(s.err, "Sent %s.\n", rated(r.Sent, took))
	}
	return s.say("%d sent: %d done, %d received, %d to review, %d refused. %d unsent, %d need a person.",
		r.Sent, r.Applied, r.Accepted, r.Review, r.Failed, r.Waiting, r.Needs)
}

// troubles is how many lanes are told one by one; the list has the rest.
const troubles = 10

// sayTrouble tells which lanes stand still, why, and what a person can do.
func sayTrouble(ctx context.Context, s *session, d *app.Device) error {
	page, err := d.Journal().List(ctx, queue.Filter{States: []queue.State{queue.Failed, queue.Review}, Limit: troubles + 1})
	if err != nil {
		return fmt.Errorf("listing what needs a person: %w", err)
	}
	for i, item := range page.Items {
		if i == troubles {
			return s.say("  … and more: fieldpayctl journal list --state=failed,review")
		}
		word, reason := "refused", ""
		if item.State == queue.Review {
			word = "to review"
		}
		if item.Outcome != nil {
			reason = plain(item.Outcome.Error)
		}
		line := cut(fmt.Sprintf("  %s  %s", item.Type, reason), max(0, s.width(s.out)-len(word)-4))
		if err := s.say("  %s%s\n      fieldpayctl journal show %s", s.attention(s.out, word), line, item.ID); err != nil {
			return err
		}
	}
	counts, err := d.Journal().Counts(ctx)
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	if held := counts.ByState[queue.Held]; held > 0 {
		return s.say("  %d wait behind them.", held)
	}
	return nil
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
	if v := status.Version; v.Version != "" || v.Reason != "" {
		if err := s.say("New version %s", strings.TrimSpace(v.Version+" "+v.Reason)); err != nil {
			return err
		}
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
