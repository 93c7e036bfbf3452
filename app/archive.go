package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/app/event"
	"fieldpay/queue"
)

// archiveEvery is how often an app that runs looks for what is old enough. A
// look that finds nothing reads one row.
const archiveEvery = time.Hour

// ArchiveBefore is the moment before which what ended moves to the archive, by
// the device's settings. Settings that no Configure made mean the default.
func (d *Device) ArchiveBefore(now time.Time) time.Time {
	days, err := strconv.Atoi(cmp.Or(d.config.RetentionDays.Value, defaultRetention))
	if err != nil || days < 1 {
		days = maxRetention
	}
	return now.UTC().AddDate(0, 0, -days)
}

// Archive moves what ended before a moment to the archive: see
// [queue.Journal.Archive].
func (d *Device) Archive(ctx context.Context, before time.Time) (queue.Archived, error) {
	moved, err := d.journal.Archive(ctx, before)
	if moved.Actions > 0 {
		d.record(event.JournalArchived, event.Fields{"count": moved.Actions})
	}
	if err != nil {
		return moved, fmt.Errorf("archiving: %w", err)
	}
	return moved, nil
}

// archiving archives at the start and every hour until ctx ends. A failure is
// told by the log and by the next check of the journal, and tried again.
func (d *Device) archiving(ctx context.Context) {
	again := time.NewTicker(archiveEvery)
	defer again.Stop()
	for {
		if _, err := d.Archive(ctx, d.ArchiveBefore(time.Now())); err != nil && !errors.Is(err, context.Canceled) {
			d.log.Warn().Str("code", string(action.CodeOf(err))).Msg("history could not be archived")
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}
