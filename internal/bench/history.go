package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fieldpay/app"
	"fieldpay/queue"
)

// probeFlatAppend appends to a long journal and to a shorter one, in turns.
func probeFlatAppend(ctx context.Context, b *bench) (map[string]found, error) {
	short, err := b.history(ctx, b.Rows/10)
	if err != nil {
		return nil, err
	}
	long, err := b.history(ctx, b.Rows)
	if err != nil {
		return nil, err
	}
	n := 0
	appendTo := func(f *fixture) func() error {
		return func() error {
			n++
			_, err := f.Journal().Append(ctx, draft(n))
			return err
		}
	}
	if _, err := turns(b.size(50, 2), appendTo(short), appendTo(long)); err != nil {
		return nil, fmt.Errorf("warming up: %w", err)
	}
	var f found
	for range b.Rounds {
		spans, err := turns(b.size(500, 10), appendTo(short), appendTo(long))
		if err != nil {
			return nil, fmt.Errorf("appending: %w", err)
		}
		f.rounds = append(f.rounds, ratioOf(spans[1], spans[0]))
		f.detail = fmt.Sprintf("%.0f µs / %.0f µs; %d / %d actions", micros(p50(spans[1])), micros(p50(spans[0])), b.Rows, b.Rows/10)
	}
	for _, d := range []*fixture{short, long} {
		if _, err := drainInMemory(ctx, d); err != nil {
			return nil, err
		}
	}
	return map[string]found{"flat-append": f}, nil
}

// outboxSize is how many actions are unsent while the outbox is looked at.
const outboxSize = 50

// probeFlatReads drains steps of one batch, and looks at the outbox, after a
// long history and after none.
func probeFlatReads(ctx context.Context, b *bench) (map[string]found, error) {
	long, err := b.history(ctx, b.Rows)
	if err != nil {
		return nil, err
	}
	none, err := b.freshDevice(ctx, app.DefaultBFF)
	if err != nil {
		return nil, err
	}
	both := []*fixture{none, long}
	steps, err := drainSteps(ctx, b, both)
	if err != nil {
		return nil, err
	}
	for _, d := range both {
		if err := fill(ctx, d.Journal(), outboxSize); err != nil {
			return nil, err
		}
	}
	pages := found{}
	for range b.Rounds {
		spans, err := turns(b.size(100, 5), lookAt(ctx, none), lookAt(ctx, long))
		if err != nil {
			return nil, fmt.Errorf("listing: %w", err)
		}
		pages.rounds = append(pages.rounds, ratioOf(spans[1], spans[0]))
		pages.detail = fmt.Sprintf("%.2f ms / %.2f ms", micros(p50(spans[1]))/1000, micros(p50(spans[0]))/1000)
	}
	return map[string]found{"flat-drain": steps, "flat-page": pages}, nil
}

// drainSteps drains batches of 100 on both devices in turns; what is measured
// is the drain, not the appends before it.
func drainSteps(ctx context.Context, b *bench, both []*fixture) (found, error) {
	var f found
	const batch = 100
	for round := range b.Rounds + 1 {
		spans := make([][]time.Duration, len(both))
		for range b.size(20, 2) {
			for i, d := range both {
				if err := fill(ctx, d.Journal(), batch); err != nil {
					return found{}, err
				}
				took, err := timed(func() error {
					sum, err := drainInMemory(ctx, d)
					if err == nil && sum.Applied != batch {
						err = fmt.Errorf("%d of %d were applied", sum.Applied, batch)
					}
					return err
				})
				if err != nil {
					return found{}, err
				}
				spans[i] = append(spans[i], took)
			}
		}
		if round == 0 {
			continue // the caches were cold
		}
		f.rounds = append(f.rounds, ratioOf(spans[1], spans[0]))
		f.detail = fmt.Sprintf("%.1f ms / %.1f ms", micros(p50(spans[1]))/1000, micros(p50(spans[0]))/1000)
	}
	return f, nil
}

// lookAt does what the outbox does when it is opened: the unsent, the newest,
// and the counts.
func lookAt(ctx context.Context, d *fixture) func() error {
	return func() error {
		unsent, err := d.Journal().List(ctx, queue.Filter{Unsent: true})
		if err == nil && len(unsent.Items) != outboxSize {
			err = fmt.Errorf("%d unsent actions are listed, want %d", len(unsent.Items), outboxSize)
		}
		_, newest := d.Journal().List(ctx, queue.Filter{})
		_, counts := d.Journal().Counts(ctx)
		return errors.Join(err, newest, counts)
	}
}
