package app

import (
	"context"
	"fmt"

	"fieldpay/action"
	"fieldpay/app/update"
	"fieldpay/internal/buildinfo"
	"fieldpay/internal/release"
	"fieldpay/queue"
)

// makeUpdater makes what looks after new versions.
func (d *Device) makeUpdater(o DeviceOptions) error {
	keys, err := release.ParseKeys(buildinfo.ReleaseKeys())
	if err != nil {
		return fmt.Errorf("reading the keys of releases: %w", err)
	}
	if o.ReleaseKeys != nil {
		keys = o.ReleaseKeys
	}
	d.updates, err = update.New(update.Options{
		DataDir: d.config.DataDir.Value, Keys: keys, Version: buildinfo.Version(), Schema: queue.Schema(),
		Channel: string(d.config.Company.UpdateChannel), Source: d.client, Snapshot: d.journal.Snapshot,
		Installed: update.Installed(), Logger: d.log,
	})
	return err
}

// Updates looks after new versions of FieldPay.
func (d *Device) Updates() *update.Updater { return d.updates }

// Replayable is what this build can do with a journal.
type Replayable struct {
	// Schema of the journal that this build writes, and how many actions are
	// unsent.
	Schema int `json:"schema"`
	Unsent int `json:"unsent"`
	// Foreign are the unsent actions that this build cannot go on with, by id.
	Foreign []string `json:"foreign"`
}

// CheckReplay reports whether this build can go on with every unsent action:
// whether it knows its type and its version, and can read what it says. A build
// is asked that on a copy of the journal, before it replaces another.
func (d *Device) CheckReplay(ctx context.Context) (Replayable, error) {
	items, err := d.list(ctx, queue.Filter{Unsent: true, Limit: pageSize})
	if err != nil {
		return Replayable{}, err
	}
	found := Replayable{Schema: queue.Schema(), Unsent: len(items), Foreign: []string{}}
	for _, item := range items {
		if _, err := action.Decode(item.Action); err != nil {
			found.Foreign = append(found.Foreign, item.ID)
		}
	}
	return found, nil
}
