package main

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
	"fieldpay/app"
)

type journalArchive struct {
	Before string `help:"What ended before this day, as 2026-01-31; else by the settings." placeholder:"DAY"`
	JSON   bool   `name:"json" help:"One JSON object."`
}

// Help has the examples.
func (journalArchive) Help() string {
	return `What ended long ago leaves the journal for a file beside it, sealed as it was. It is still listed, shown, exported and verified; lose the file, and verify says so. What is not finished stays, with all that it refers to. A running FieldPay does this by itself, after a year, or what the settings say (retentionDays).

  fieldpayctl journal archive
  fieldpayctl journal archive --before=2026-01-31 --json`
}

// Run archives.
func (c *journalArchive) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		before := d.ArchiveBefore(time.Now())
		if c.Before != "" {
			day, err := time.ParseInLocation(time.DateOnly, c.Before, time.Local)
			if err != nil {
				return &action.Error{Code: action.BadRequest, Message: "The day is not written as 2026-01-31"}
			}
			before = day
		}
		line := s.progress("Archiving", false)
		moved, err := d.Archive(ctx, before)
		line.end()
		if err != nil {
			return err
		}
		if c.JSON {
			return s.print(map[string]any{"actions": moved.Actions, "entries": moved.Entries, "before": before.UTC().Format(time.RFC3339)})
		}
		return s.say("%s archived of what ended before %s.", actionsWord(moved.Actions), before.Format(time.DateOnly))
	})
}

func actionsWord(n int64) string {
	if n == 1 {
		return "1 action was"
	}
	return fmt.Sprintf("%d actions were", n)
}
