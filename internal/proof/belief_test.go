package proof_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"fieldpay/queue"
)

// all reads every action, by sequence.
func (d *device) all(ctx context.Context) ([]queue.Item, error) { return readAll(ctx, d.journal) }

func readAll(ctx context.Context, j *queue.Journal) ([]queue.Item, error) {
	var found []queue.Item
	filter := queue.Filter{Limit: 500}
	for {
		page, err := j.List(ctx, filter)
		if err != nil {
			return nil, err
		}
		found = append(found, page.Items...)
		if page.Next == 0 {
			break
		}
		filter.Before = page.Next
	}
	slices.SortFunc(found, func(a, b queue.Item) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return found, nil
}

// check holds the journal against what the person was told, and then tells the
// person what there is. After a crash the step in doubt is there as a whole or
// not at all; without one it must have left nothing.
func (d *device) check(crashed bool) error {
	ctx := context.Background()
	report, err := d.journal.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if !report.OK {
		return fmt.Errorf("the journal has problems: %+v", report.Problems)
	}
	found, err := d.all(ctx)
	if err != nil {
		return fmt.Errorf("listing: %w", err)
	}
	if err := d.compare(found, crashed); err != nil {
		return err
	}
	counts, err := d.journal.Counts(ctx)
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	sum := 0
	for _, n := range counts.ByState {
		sum += n
	}
	if sum != len(found) {
		return fmt.Errorf("%d actions are counted of %d", sum, len(found))
	}
	d.known, d.doubt = found, step{}
	return nil
}

// compare reports the first difference between what there is and what the
// person was told.
func (d *device) compare(found []queue.Item, crashed bool) error {
	if len(found) < len(d.known) {
		return fmt.Errorf("%d actions were acknowledged and %d are there", len(d.known), len(found))
	}
	for i, item := range found {
		if item.Sequence != int64(i)+1 {
			return fmt.Errorf("action %d stands in place %d: a hole", item.Sequence, i+1)
		}
		if item.Damaged {
			return fmt.Errorf("action %d is damaged", item.Sequence)
		}
		if i >= len(d.known) {
			if err := d.compareNew(item, crashed); err != nil {
				return err
			}
			continue
		}
		if err := d.compareKnown(d.known[i], item, found, crashed); err != nil {
			return err
		}
	}
	return d.compareSent(found)
}

// compareNew judges an action that nobody was told of.
func (d *device) compareNew(item queue.Item, crashed bool) error {
	switch {
	case !crashed || !d.doubt.adds():
		return fmt.Errorf("action %d was never acknowledged and is there", item.Sequence)
	case item.Sequence != int64(len(d.known))+1 || fmt.Sprint(markOf(item.Payload)) != d.doubt.mark:
		return fmt.Errorf("action %d is not the one that was under way: %.80s", item.Sequence, item.Payload)
	case stored(item.State) != queue.Pending:
		return fmt.Errorf("action %d is new and %s", item.Sequence, item.State)
	case item.Replaces != d.doubt.target:
		return fmt.Errorf("action %d replaces %q instead of %q", item.Sequence, item.Replaces, d.doubt.target)
	}
	return nil
}

func (d *device) compareKnown(was, is queue.Item, found []queue.Item, crashed bool) error {
	if was.ID != is.ID || was.Hash != is.Hash || was.ContentHash() != is.ContentHash() || was.Actor != is.Actor || !was.CreatedAt.Equal(is.CreatedAt) {
		return fmt.Errorf("action %d was acknowledged as %+v and is %+v", is.Sequence, was, is)
	}
	if is.State == queue.Applied && !d.office.applied(is.ID) {
		return fmt.Errorf("action %d is shown as applied, and the server has not applied it", is.Sequence)
	}
	added := crashed && d.doubt.kind == "replace" && d.doubt.target == is.ID && len(found) > len(d.known)
	if added != (is.State == queue.Superseded && was.State != queue.Superseded) {
		return fmt.Errorf("action %d was %s and is %s, and its successor does not fit", is.Sequence, was.State, is.State)
	}
	if added || stored(was.State) == stored(is.State) && was.Try == is.Try || d.mayMove(was, is, crashed) {
		return nil
	}
	return fmt.Errorf("action %d was %s (try %d) and is %s (try %d) after %+v", is.Sequence, was.State, was.Try, is.State, is.Try, d.doubt)
}

// mayMove reports whether the step in doubt explains another state.
func (d *device) mayMove(was, is queue.Item, crashed bool) bool {
	switch d.doubt.kind {
	case "sync": // its parts are durable one by one
		return was.State.Open() && !was.State.NeedsPerson() && was.Try == is.Try
	case "retry":
		return crashed && d.doubt.target == is.ID && is.Try == was.Try+1 && stored(is.State) == queue.Pending
	case "discard":
		return crashed && d.doubt.target == is.ID && is.State == queue.Discarded
	default:
		return false
	}
}

// compareSent: what the server has was durable on the device before.
func (d *device) compareSent(found []queue.Item) error {
	contents := map[string]string{}
	for _, item := range found {
		contents[item.ID] = item.ContentHash()
	}
	for _, batch := range d.office.server.Batches() {
		for _, a := range batch.Actions {
			if contents[a.ID] != a.ContentHash() {
				return fmt.Errorf("the server has action %s (%.40s) with content that the journal does not have", a.ID, a.Payload)
			}
		}
	}
	seen := map[string]bool{}
	for _, a := range d.office.server.Effects() {
		if seen[a.ID] {
			return fmt.Errorf("action %s took effect twice", a.ID)
		}
		seen[a.ID] = true
	}
	return nil
}

func (o *office) applied(id string) bool {
	for _, a := range o.server.Effects() {
		if strings.EqualFold(a.ID, id) {
			return true
		}
	}
	return false
}

// stored is what the row of an action says: held may be only derived.
func stored(s queue.State) queue.State {
	if s == queue.Held {
		return queue.Pending
	}
	return s
}
